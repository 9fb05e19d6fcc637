// The columns of stored formulas as statements: filling them, and finding those that are wrong.
#include <map>

#include "db/table.h"
#include "query/compile_sql.h"
#include "record/formulas.h"

namespace kehai::record {

namespace {

const db::Table kMeta("schema_meta");

// The zone decides what day an instant belongs to.
std::string meta_value(const FieldDefinition& field, const base::TimeZone& zone) {
  return field.formula + "\n" + zone.name();
}

std::string meta_key(const ObjectSchema& object, const FieldDefinition& field) {
  return "formula:" + object.definition().name + "." + field.name;
}

using Fields = std::vector<const FieldDefinition*>;

// All of them in one pass over the rows that do not have them yet: each row that is written costs
// what all its indexes cost.
void backfill(db::Writer& writer, const ObjectSchema& object, const Fields& fields,
              const base::TimeZone& zone) {
  if (fields.empty()) return;
  query::SqlCompiler compiler(object, writer.dialect(), zone, "t0", query::Navigations::Subselects);
  std::string assignments;
  std::string differences;
  Values parameters;
  for (const auto* field : fields) {
    const auto value =
        compiler.value(query::check_value(field->formula_tree, object, formula_environment(zone)));
    const std::string column = db::quote_identifier(field->name);
    assignments += (assignments.empty() ? "" : ", ") + column + " = " + value.text;
    differences += (differences.empty() ? "t0." : " OR t0.") + column + " IS DISTINCT FROM (" +
                   value.text + ")";
    parameters.insert(parameters.end(), value.parameters.begin(), value.parameters.end());
  }
  const Values once = parameters;
  parameters.insert(parameters.end(), once.begin(), once.end());
  writer.execute("UPDATE " + db::quote_identifier(object.table()) + " AS t0 SET " + assignments +
                     " WHERE " + differences,
                 parameters);
}

}  // namespace

void backfill_formulas(db::Database& database, const Schema& schema, const base::TimeZone& zone,
                       const Steps& steps) {
  std::map<std::string, std::string> known;
  database.read([&](db::Reader& reader) {
    kMeta.select_each(reader, {{"key", "value"}, {}, {}, 0, false}, [&](const db::Row& row) {
      known[std::string(row.get_text(0))] = row.get_text(1);
    });
  });
  std::int64_t done = 0;
  for (const auto& object : schema.objects()) {
    Fields kept;
    Fields others;  // may read the kept ones
    for (const auto& field : object->definition().fields) {
      if (!field.is_computed() || field.at_read) continue;
      if (known[meta_key(*object, field)] == meta_value(field, zone)) continue;
      (field.kept ? kept : others).push_back(&field);
    }
    if (!kept.empty() || !others.empty()) {
      database.migrate([&](db::Writer& writer) {
        for (const auto& fields : {kept, others}) {
          backfill(writer, *object, fields, zone);
          for (const auto* field : fields) {
            kMeta.upsert(writer, {"key"},
                         {{"key", meta_key(*object, *field)}, {"value", meta_value(*field, zone)}});
          }
        }
      });
    }
    if (steps) steps(++done, static_cast<std::int64_t>(schema.objects().size()));
  }
}

db::Breaches wrong_formulas(db::Reader& reader, const ObjectSchema& object,
                            const FieldDefinition& field, const base::TimeZone& zone) {
  const auto column = std::make_shared<query::Node>(query::NodeKind::Path);
  column->path = {field.name};
  const auto same = std::make_shared<query::Node>(query::NodeKind::Binary, 0, "ne");
  same->children = {column, field.formula_tree};
  const auto filter = query::check_filter(same, object, formula_environment(zone));
  query::SqlCompiler compiler(object, reader.dialect(), zone, "t0", query::Navigations::Subselects);
  auto where = compiler.filter(filter);
  // What lies in the recycle bin has lost its children, and gets them back with it.
  if (field.kept && object.soft_delete())
    where.text = "t0.\"deleted_at\" IS NULL AND (" + where.text + ")";
  db::Breaches found;
  reader.query(
      "SELECT t0.\"id\" FROM " + db::quote_identifier(object.table()) + " t0 WHERE " + where.text,
      where.parameters, [&](const db::Row& row) { found.add(row.get_int(0)); });
  return found;
}

}  // namespace kehai::record
