#include "db/dialect.h"
#include "record/files.h"
#include "record/store.h"

namespace kehai::record {

db::TableDefinition file_table() {
  return {"file",
          {{"id", false, true},
           {"name", true, true},
           {"sha256", true, true},
           {"size", false, true},
           {"media_type", true, true},
           {"created_by", false, true},
           {"created_at", false, true},
           {"record_id", false, false},    // whose field names it; null: of none yet
           {"loose_since", false, false},  // since when perhaps no field names it
           {"released_by", false, false},  // who took it off the record
           {"gone_at", false, false}},     // its content was given up, the name stays for history
          {"id"},
          {{"ix_file_sha256", {"sha256"}, false, "gone_at", ""},
           {"ix_file_loose", {"loose_since", "id"}, false, "", "loose_since"},
           {"ix_file_unlinked", {"created_by"}, false, "record_id", ""}},
          false};
}

FileInfos file_infos(db::Reader& reader, const std::vector<RecordId>& ids) {
  FileInfos infos;
  if (ids.empty()) return infos;
  Values parameters;
  const std::string sql =
      "SELECT \"id\", \"name\", \"size\", \"media_type\" FROM \"file\" WHERE \"id\" IN (" +
      padded_places(ids, parameters) + ")";
  reader.query(sql, parameters, [&](const db::Row& row) {
    infos[row.get_int(0)] = {row.get_int(0), std::string(row.get_text(1)), row.get_int(2),
                             std::string(row.get_text(3))};
  });
  return infos;
}

std::vector<RecordId> files_in(const Record& record, const FieldDefinition& field) {
  std::vector<RecordId> ids;
  if (field.type != FieldType::File) return ids;
  if (field.multiple) {
    for (const auto& value : record.many(field.name)) ids.push_back(value.as_int());
  } else if (!record.is_null(field.name)) {
    ids.push_back(record.integer(field.name));
  }
  return ids;
}

void write_file(base::JsonWriter& writer, RecordId id, const FileInfos& infos) {
  writer.begin_object().key("id").integer(id);
  if (const auto info = infos.find(id); info != infos.end()) {
    writer.key("name").text(info->second.name).key("size").integer(info->second.size);
    writer.key("media_type").text(info->second.media_type);
  }
  writer.end_object();
}

std::string file_name(const Value& id, const FileInfos& infos) {
  const auto info = infos.find(id.int_or(0));
  return info == infos.end() ? "" : info->second.name;
}

}  // namespace kehai::record
