#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "platform/dedupe/dedupe.h"
#include "platform/dedupe/keys.h"
#include "record/schema.h"

namespace kehai::platform {

using base::Value;
using db::Compare;
using record::RecordId;

namespace {

constexpr int kPage = 1000;

// One field that makes keys, and where its values are.
struct Source {
  DuplicateField field;
  std::string values;  // table of a multi-valued field, else ""
};

using Keys = std::set<std::pair<StoredKey, std::string>>;  // with the field

void add_keys(Keys& keys, const Source& source, std::string_view value) {
  for (auto& key : keys_of(source.field.kind, value))
    keys.emplace(std::move(key), source.field.field);
}

std::vector<db::Condition> within(const std::string& column, RecordId after, RecordId last) {
  return {{column, Compare::Greater, Value(after)}, {column, Compare::LessEqual, Value(last)}};
}

// The keys that the records of one page should have; returns the id of the last one, 0 behind the
// end.
RecordId expected_keys(db::Reader& reader, const std::string& object,
                       const std::vector<Source>& sources, RecordId after,
                       std::map<RecordId, Keys>& expected) {
  std::vector<const Source*> own;
  std::vector<std::string> columns = {"id"};
  for (const auto& source : sources) {
    if (!source.values.empty()) continue;
    own.push_back(&source);
    columns.push_back(source.field.field);
  }
  RecordId last = 0;
  const db::Condition behind{"id", Compare::Greater, Value(after)};
  db::Table(object).select_each(
      reader, {columns, {behind}, {{"id", false}}, kPage, false}, [&](const db::Row& row) {
        last = row.get_int(0);
        for (std::size_t i = 0; i < own.size(); ++i)
          add_keys(expected[last], *own[i], row.get_text(static_cast<int>(i) + 1));
      });
  for (const auto& source : sources) {
    if (source.values.empty() || last == 0) continue;
    db::Table(source.values)
        .select_each(reader,
                     {{"record_id", "value"}, within("record_id", after, last), {}, 0, false},
                     [&](const db::Row& row) {
                       add_keys(expected[row.get_int(0)], source, row.get_text(1));
                     });
  }
  return last;
}

db::Breaches without_keys(db::Reader& reader, const std::string& object,
                          const std::vector<Source>& sources) {
  db::Breaches found;
  RecordId after = 0;
  for (;;) {
    std::map<RecordId, Keys> missing;
    const RecordId last = expected_keys(reader, object, sources, after, missing);
    if (last == 0) return found;
    auto where = within("record_id", after, last);
    where.push_back({"object", Compare::Equal, object});
    db::Table("dedupe_key")
        .select_each(
            reader, {{"record_id", "kind", "key", "field"}, where, {}, 0, false},
            [&](const db::Row& row) {
              const auto record = missing.find(row.get_int(0));
              if (record == missing.end()) return;
              const StoredKey key{std::string(row.get_text(1)), std::string(row.get_text(2))};
              record->second.erase({key, std::string(row.get_text(3))});
            });
    for (const auto& [id, keys] : missing) {
      if (!keys.empty()) found.add(id);
    }
    after = last;
  }
}

}  // namespace

std::vector<record::Invariant> Dedupe::invariants(
    const std::vector<record::ObjectDefinition>& objects) const {
  std::vector<record::Invariant> out;
  for (const auto& object : objects) {
    std::vector<Source> sources;
    for (const auto& field : fields_) {
      if (field.object != object.name || !is_stored(field.kind)) continue;
      const auto& definition = *object.field(field.field);
      sources.push_back({field, definition.multiple ? multi_table(object, definition) : ""});
    }
    if (sources.empty()) continue;
    const std::string name = object.name;
    out.push_back(
        {name + ": the duplicate check does not know its values",
         [name, sources](db::Reader& reader) { return without_keys(reader, name, sources); }});
    out.push_back(
        {name + ": keys of the duplicate check belong to no record", [name](db::Reader& reader) {
           return db::without_partner(
               reader, {"dedupe_key", {{"object", Compare::Equal, name}}, "record_id"},
               {{name, {{"record_id", "id"}}, {}}});
         }});
  }
  return out;
}

}  // namespace kehai::platform
