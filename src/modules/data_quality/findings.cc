// The format audit's findings as far as somebody sees record and field.
#include <set>

#include "db/table.h"
#include "modules/data_quality/page.h"
#include "modules/data_quality/reach.h"
#include "modules/data_quality/rules.h"
#include "record/field_reader.h"

namespace kehai::modules {

using db::Compare;
using record::Actor;
using record::Engine;
using record::FieldReader;
using record::RecordId;

namespace {

const db::Table kFindings("quality_finding");
constexpr int kSlice = 500;

struct FoundRow {
  std::int64_t id = 0;
  std::string object;
  RecordId record = 0;
  std::string field;
  std::string rule;
  std::int64_t found_at = 0;
};

std::vector<FoundRow> next_rows(Engine& engine, const FindingsRequest& request,
                                const std::map<std::string, Reach>& reaches, std::int64_t& after,
                                bool& more) {
  std::vector<db::Condition> where = {{"id", Compare::Greater, after}};
  const auto equal = [&](const char* column, const std::string& value) {
    if (!value.empty()) where.push_back({column, Compare::Equal, value});
  };
  equal("object", request.object);
  equal("field", request.field);
  equal("rule", request.rule);
  if (request.owner_id != 0) where.push_back({"owner_id", Compare::Equal, request.owner_id});
  std::vector<FoundRow> rows;
  int seen = 0;
  engine.database().read([&](db::Reader& reader) {
    rows.clear();
    seen = 0;
    kFindings.select_each(
        reader,
        {{"id", "object", "record_id", "field", "rule", "owner_id", "department_id", "found_at"},
         where,
         {{"id", false}},
         kSlice,
         false},
        [&](const db::Row& row) {
          ++seen;
          after = row.get_int(0);
          const std::string object(row.get_text(1));
          const auto reach = reaches.find(object);
          if (reach == reaches.end() || !reach->second.admits({row.get_int(5), row.get_int(6)}))
            return;
          rows.push_back({row.get_int(0), object, row.get_int(2), std::string(row.get_text(3)),
                          std::string(row.get_text(4)), row.get_int(7)});
        });
  });
  more = seen == kSlice;
  return rows;
}

struct Seen {
  std::string title;
  std::vector<std::string> hidden;
  RecordId owner = 0;
};
using SeenRecords = std::map<std::pair<std::string, RecordId>, Seen>;

// The records behind the rows, as far as the reader sees them.
SeenRecords see(Engine& engine, const Actor& actor, const std::vector<FoundRow>& rows) {
  SeenRecords out;
  std::map<std::string, std::set<RecordId>> wanted;
  for (const auto& row : rows) wanted[row.object].insert(row.record);
  const auto schema = engine.schema();
  for (const auto& [object, ids] : wanted) {
    const auto& definition = schema->at(object).definition();
    const FieldReader fields(engine.access(), actor, definition);
    const auto scope = engine.access().scope(actor, definition, "read");
    std::vector<record::Record> records;
    engine.database().read([&](db::Reader& reader) {
      records = engine.store().load_many(reader, schema->at(object), {ids.begin(), ids.end()});
    });
    for (const auto& record : records) {
      std::vector<std::string> hidden;
      if (!record.is_null("deleted_at") || !record::admits(scope, record, &hidden)) continue;
      out[{object, record.id()}] = {
          fields.title(record, hidden), hidden,
          fields.shows("owner_id", hidden) ? record.integer("owner_id") : 0};
    }
  }
  return out;
}

bool is_shown(const record::ObjectDefinition& object, const FieldReader& fields,
              const std::string& field, const Seen& seen) {
  return object.field(field) != nullptr && fields.shows(field, seen.hidden);
}

}  // namespace

std::string findings_json(Engine& engine, const Actor& actor, const FindingsRequest& request) {
  need_right(engine, actor, "data_steward", "review");
  const auto schema = engine.schema();
  std::map<std::string, Reach> reaches;
  for (const auto* name : kAuditedObjects) {
    const auto& definition = schema->at(name).definition();
    if (engine.access().may(actor, definition, "read"))
      reaches.emplace(name, Reach(engine, actor, definition));
  }
  std::vector<std::pair<FoundRow, Seen>> page;
  std::int64_t after = request.after;
  bool more = true;
  while (more && page.size() < static_cast<std::size_t>(request.top)) {
    const auto rows = next_rows(engine, request, reaches, after, more);
    const auto seen = see(engine, actor, rows);
    for (const auto& row : rows) {
      const auto found = seen.find({row.object, row.record});
      if (found == seen.end()) continue;
      const auto& definition = schema->at(row.object).definition();
      const FieldReader fields(engine.access(), actor, definition);
      if (!is_shown(definition, fields, row.field, found->second)) continue;
      page.emplace_back(row, found->second);
      if (page.size() < static_cast<std::size_t>(request.top)) continue;
      more = true;
      after = row.id;
      break;
    }
  }
  std::set<RecordId> owners;
  for (const auto& [row, seen] : page) owners.insert(seen.owner);
  const auto names = names_of(engine, actor, "user", owners);
  std::string out;
  base::JsonWriter writer(out);
  writer.begin_object().key("value").begin_array();
  for (const auto& [row, seen] : page) {
    const auto& definition = schema->at(row.object).definition();
    writer.begin_object().key("id").integer(row.id).key("object").text(row.object);
    writer.key("object_label").text(definition.labels.in(actor.language));
    writer.key("record_id").integer(row.record).key("title").text(seen.title);
    writer.key("field")
        .text(row.field)
        .key("field_label")
        .text(field_label(actor, definition, row.field));
    writer.key("rule")
        .text(row.rule)
        .key("text")
        .text(rule_label(engine, actor, row.rule))
        .key("owner");
    seen.owner == 0 ? writer.null() : writer.text(name_in(names, seen.owner));
    writer.key("found_at").text(base::format_instant(row.found_at)).end_object();
  }
  writer.end_array().key("next");
  more ? writer.integer(after) : writer.null();
  writer.end_object();
  return out;
}

}  // namespace kehai::modules
