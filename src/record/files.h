// What fields of the type file name: rows of the table `file`, whose contents lie outside the
// database (platform/files). Name, size and media type of a file never change.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/json.h"
#include "db/database.h"
#include "db/table.h"
#include "record/record.h"

namespace kehai::record {

struct FileInfo {
  RecordId id = 0;
  std::string name;
  std::int64_t size = 0;  // bytes
  std::string media_type;
};
using FileInfos = std::map<RecordId, FileInfo>;

db::TableDefinition file_table();

// Those of the ids that there are, in one look-up. No statement when there are no ids.
FileInfos file_infos(db::Reader& reader, const std::vector<RecordId>& ids);
// The ids in a field's value, whether it holds one or several.
std::vector<RecordId> files_in(const Record& record, const FieldDefinition& field);
// {"id","name","size","media_type"}; the id alone when the file is not among the infos.
void write_file(base::JsonWriter& writer, RecordId id, const FileInfos& infos);
std::string file_name(const Value& id, const FileInfos& infos);

}  // namespace kehai::record
