#include "record/invariants.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

#include "db/bulk.h"
#include "record/allocator.h"
#include "record/formulas.h"
#include "record/indexes.h"
#include "record/migrator.h"
#include "record/schema.h"
#include "record/totals.h"

namespace kehai::record {

namespace {

using db::Compare;

constexpr int kPage = 2000;

db::Rows living(const ObjectDefinition& object, std::vector<db::Condition> more = {}) {
  if (!object.configuration) more.push_back({"deleted_at", Compare::IsNull, {}});
  return {object.name, std::move(more)};
}

db::Partner target_of(const FieldDefinition& field, const ObjectDefinition& target,
                      const std::string& column) {
  db::Partner partner{target.name, {{column, "id"}}, {}};
  if (!target.configuration && field.on_delete != "keep")
    partner.where.push_back({"deleted_at", Compare::IsNull, {}});
  return partner;
}

class Collector {
 public:
  explicit Collector(const std::vector<ObjectDefinition>& objects)
      : objects_(objects), schema_(std::make_shared<const Schema>(objects)) {}

  std::vector<Invariant> collect() {
    for (const auto& object : objects_) {
      add_row_rules(object);
      for (const auto& field : object.fields) {
        if (field.is_reference()) add_reference(object, field);
        if (field.multiple) add_values(object, field);
        if (field.unique) add_unique(object, field);
        if (field.type == FieldType::Serial) add_serial(object, field);
        if (field.is_computed()) add_formula(object, field);
      }
      if (!object.parent_field.empty()) add_parent_owner(object);
      for (const auto& totals : object.totals) {
        add(object, "the totals " + totals.name + " are not the sums of the records",
            [object, totals](db::Reader& reader) { return wrong_totals(reader, object, totals); });
      }
    }
    return std::move(out_);
  }

 private:
  void add(const ObjectDefinition& object, const std::string& rule,
           std::function<db::Breaches(db::Reader&)> breaches) {
    out_.push_back({object.name + ": " + rule, std::move(breaches)});
  }
  void add_partner(const ObjectDefinition& object, const std::string& rule, db::Rows rows,
                   db::Partner partner) {
    add(object, rule, [rows = std::move(rows), partner = std::move(partner)](db::Reader& reader) {
      return db::without_partner(reader, rows, {partner});
    });
  }
  const ObjectDefinition* find(const std::string& name) const {
    const auto found =
        std::find_if(objects_.begin(), objects_.end(),
                     [&](const ObjectDefinition& object) { return object.name == name; });
    return found == objects_.end() ? nullptr : &*found;
  }

  void add_row_rules(const ObjectDefinition& object) {
    db::Partner block{"id_block", {{"id", "block"}}, {{"object", Compare::Equal, object.name}}};
    block.pairs[0].dropped_bits = kIdBits;
    add_partner(object, "the id is out of another object's or nobody's block", {object.name, {}},
                block);
    add(object, "the version or the time of creation is missing",
        [name = object.name](db::Reader& reader) {
          db::Breaches found = db::all_of(reader, {name, {{"version", Compare::IsNull, {}}}});
          found.add(db::all_of(reader, {name, {{"version", Compare::Less, Value(1)}}}));
          found.add(db::all_of(reader, {name, {{"created_at", Compare::IsNull, {}}}}));
          return found;
        });
  }

  // Authors may have left; who was meant stays known by the id alone.
  void add_reference(const ObjectDefinition& object, const FieldDefinition& field) {
    const auto* target = find(field.target);
    if (target == nullptr || (field.system && field.name != "owner_id")) return;
    if (field.on_delete == "keep" && target->configuration) return;
    const std::string rule =
        field.name + (field.on_delete == "keep" ? " names no " + target->name
                                                : " names no living " + target->name);
    if (!field.multiple) {
      add_partner(object, rule, living(object, {{field.name, Compare::IsNotNull, {}}}),
                  target_of(field, *target, field.name));
    } else if (field.on_delete != "keep") {
      add_partner(object, rule, {multi_table(object, field), {}, "record_id"},
                  {target->name, {{"value", "id"}}, {}});
    }
  }

  void add_values(const ObjectDefinition& object, const FieldDefinition& field) {
    add_partner(object, "values of " + field.name + " belong to no record",
                {multi_table(object, field), {}, "record_id"},
                {object.name, {{"record_id", "id"}}, {}});
  }

  void add_unique(const ObjectDefinition& object, const FieldDefinition& field) {
    const std::string name = object.name + "." + field.name;
    add_partner(object, field.name + " does not hold its unique key",
                living(object, {{field.name, Compare::IsNotNull, {}}}),
                {"unique_key", {{"id", "record_id"}}, {{"field", Compare::Equal, name}}});
    db::Partner holder{object.name, {{"record_id", "id"}}, {}};
    if (!object.configuration) holder.where.push_back({"deleted_at", Compare::IsNull, {}});
    add_partner(object, "a unique key of " + field.name + " belongs to no living record",
                {"unique_key", {{"field", Compare::Equal, name}}, "record_id"}, holder);
  }

  void add_parent_owner(const ObjectDefinition& object) {
    const auto* parent = find(object.field(object.parent_field)->target);
    if (parent == nullptr || !parent->owned) return;
    add_partner(
        object, "parent_owner_id is not the owner of " + object.parent_field,
        living(object, {{object.parent_field, Compare::IsNotNull, {}}}),
        {parent->name, {{object.parent_field, "id"}, {"parent_owner_id", "owner_id", true}}, {}});
  }

  void add_serial(const ObjectDefinition& object, const FieldDefinition& field);
  void add_formula(const ObjectDefinition& object, const FieldDefinition& field);

  const std::vector<ObjectDefinition>& objects_;
  std::shared_ptr<const Schema> schema_;
  std::vector<Invariant> out_;
};

// The number of a code "L20260301-0007" on its day; nothing for a code of another form.
struct CodeNumber {
  std::string period;  // with the prefix
  std::int64_t number = 0;
};
std::optional<CodeNumber> parse_code(std::string_view code) {
  const auto dash = code.rfind('-');
  if (dash == std::string_view::npos) return std::nullopt;
  CodeNumber out{std::string(code.substr(0, dash)), 0};
  const auto digits = code.substr(dash + 1);
  const auto end = digits.data() + digits.size();
  const auto result = std::from_chars(digits.data(), end, out.number);
  if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return out;
}

// Periods with what the counter will give next, in the writing of the field.
std::map<std::string, std::int64_t> next_numbers(db::Reader& reader, const std::string& counter,
                                                 const FieldDefinition& field) {
  std::map<std::string, std::int64_t> out;
  db::Table("code_counter")
      .select_each(reader, {{"day", "next"}, {{"object", Compare::Equal, counter}}, {}, 0, false},
                   [&](const db::Row& row) {
                     const auto code = parse_code(format_serial(field, row.get_int(0), 0));
                     if (code) out[code->period] = row.get_int(1);
                   });
  return out;
}

// Codes that the counter has given out: each once, none that it is still to give.
db::Breaches wrong_codes(db::Reader& reader, const std::string& object, const std::string& counter,
                         const FieldDefinition& field) {
  db::Breaches found;
  const auto next = next_numbers(reader, counter, field);
  const db::Table table(object);
  RecordId last = 0;
  for (int rows = kPage; rows == kPage;) {
    rows = 0;
    table.select_each(reader,
                      {{"id", field.name},
                       {{"id", Compare::Greater, Value(last)}},
                       {{"id", false}},
                       kPage,
                       false},
                      [&](const db::Row& row) {
                        ++rows;
                        last = row.get_int(0);
                        // Older records have none of a serial field that came later.
                        if (!field.system && row.get(1).is_null()) return;
                        const auto code = parse_code(row.get_text(1));
                        const auto given = code ? next.find(code->period) : next.end();
                        if (given == next.end() || code->number >= given->second) found.add(last);
                      });
  }
  return found;
}

void Collector::add_serial(const ObjectDefinition& object, const FieldDefinition& field) {
  add(object, "the " + field.name + " is none that the counter has given out",
      [name = object.name, counter = serial_counter(object, field), field](db::Reader& reader) {
        return wrong_codes(reader, name, counter, field);
      });
  add(object, "a " + field.name + " stands for two records",
      [name = object.name, column = field.name](db::Reader& reader) {
        return db::repeated(reader, {name, {}}, column);
      });
}

// Columns of formulas about the time of day are left out: the organisation's zone is not known
// here.
void Collector::add_formula(const ObjectDefinition& object, const FieldDefinition& field) {
  const bool timed = std::any_of(field.reads.begin(), field.reads.end(), [&](const auto& read) {
    return object.field(read)->type == FieldType::DateTime;
  });
  if (timed || field.at_read) return;
  add(object, field.name + " is not what its formula says",
      [schema = schema_, name = object.name, field](db::Reader& reader) {
        static const base::TimeZone kNoMatter("UTC");
        return wrong_formulas(reader, schema->at(name), field, kNoMatter);
      });
}

}  // namespace

std::vector<Invariant> invariants_of(const std::vector<ObjectDefinition>& objects) {
  return Collector(objects).collect();
}

std::vector<std::string> missing_parts(db::Reader& reader,
                                       const std::vector<ObjectDefinition>& objects,
                                       const std::vector<db::TableDefinition>& tables) {
  std::vector<std::string> missing;
  const auto indexes = db::index_names(reader);
  const auto need_index = [&](const std::string& name) {
    if (!indexes.contains(name)) missing.push_back("index " + name);
  };
  for (const auto& table : all_tables(objects, tables)) {
    if (!db::has_table(reader, table.name)) {
      missing.push_back("table " + table.name);
      continue;
    }
    for (const auto& index : table.indexes) need_index(index.name);
  }
  for (const auto& object : objects) {
    for (const auto& index : indexes_of(object)) need_index(index.name);
  }
  for (const auto& table : totals_tables(objects)) {
    if (!db::has_table(reader, table.name)) missing.push_back("table " + table.name);
  }
  return missing;
}

}  // namespace kehai::record
