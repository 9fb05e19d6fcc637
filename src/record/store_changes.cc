#include "record/store_changes.h"

#include "db/dialect.h"

namespace kehai::record {

namespace {

std::string ordered(const db::Reader& reader, const char* column, int limit) {
  const std::string direction(reader.dialect().order_ascending());
  return " ORDER BY " + std::string(column) + direction + ", id" + direction + " LIMIT " +
         std::to_string(limit);
}

}  // namespace

std::vector<ChangedRecord> changed_after(db::Reader& reader, std::string_view object,
                                         base::Instant at, RecordId id, int limit) {
  std::vector<ChangedRecord> out;
  const auto take = [&](const char* behind, const db::Values& values) {
    const int room = limit - static_cast<int>(out.size());
    if (room <= 0) return;
    reader.query("SELECT id, updated_at FROM " + db::quote_identifier(object) +
                     " WHERE deleted_at IS NULL AND " + behind +
                     ordered(reader, "updated_at", room),
                 values, [&](const db::Row& row) {
                   out.push_back({row.get_int(0), row.get_int(1)});
                 });
  };
  take("updated_at = ? AND id > ?", {db::Value(at), db::Value(id)});
  take("updated_at > ?", {db::Value(at)});
  return out;
}

std::vector<RecordId> deleted_before(db::Reader& reader, std::string_view object,
                                     base::Instant before, int limit) {
  std::vector<RecordId> out;
  const db::Values values{db::Value(before)};
  reader.query("SELECT id FROM " + db::quote_identifier(object) +
                   " WHERE deleted_at IS NOT NULL AND deleted_at < ?" +
                   ordered(reader, "deleted_at", limit),
               values, [&](const db::Row& row) { out.push_back(row.get_int(0)); });
  return out;
}

}  // namespace kehai::record
