#include "record/bulk_load.h"

#include "db/table.h"
#include "record/audit.h"
#include "record/registry.h"

namespace kehai::record {

namespace {
const db::Table kCounters("code_counter");
}

std::map<base::Date, std::int64_t> take_numbers(db::Database& database, const std::string& object,
                                                const std::vector<base::Date>& days,
                                                std::int64_t count) {
  std::map<base::Date, std::int64_t> starts;
  database.write([&](db::Writer& writer) {
    starts.clear();
    writer.lock("code_counter", object);
    for (const base::Date day : days) {
      const std::vector<db::Condition> key{{"object", db::Compare::Equal, object},
                                           {"day", db::Compare::Equal, day}};
      const auto rows = kCounters.select(writer, {{"next"}, key, {}, 1, false});
      const std::int64_t start = rows.empty() ? 1 : rows[0][0].as_int();
      kCounters.upsert(writer, {"object", "day"},
                       {{"object", object}, {"day", day}, {"next", start + count}});
      starts[day] = start;
    }
  });
  return starts;
}

base::Values audit_of_creation(std::int64_t entry_id, Record& record, std::string_view via) {
  const Draft draft;
  const WriteOptions options;
  const Change change{Operation::Create, record.definition(), nullptr, &record, draft, options, {}};
  return {Value(entry_id),
          Value(record.definition().name),
          Value(record.id()),
          Value(operation_name(Operation::Create)),
          Value(record.version()),
          record.get("created_by"),
          record.get("created_at"),
          Value(via),
          Value(""),
          Value(audit_changes(change))};
}

}  // namespace kehai::record
