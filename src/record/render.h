// Which fields of an object go into an answer for one actor, resolved once per request.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "query/ast.h"
#include "record/access.h"
#include "record/files.h"
#include "record/record.h"
#include "record/schema.h"

namespace kehai::record {

// What a person sees of a masked value ("138****5678").
std::string masked_text(const FieldDefinition& field, const Value& value);

class RecordWriter {
 public:
  // Empty `select` = every readable field. Throws Invalid "query.unknown_field" for unknown and
  // hidden names alike.
  RecordWriter(const AccessPolicy& policy, const Actor& actor, const ObjectSchema& object,
               const std::vector<query::SelectItem>& select);
  // Members only, inside the caller's object; `hidden` names the fields that this row does not
  // show. `files`: what files_of() found for this record.
  void write(base::JsonWriter& writer, const Record& record, const std::vector<std::string>& hidden,
             const FileInfos& files) const;
  // The files that the written columns of these records name; no statement without such columns.
  FileInfos files_of(db::Reader& reader, const std::vector<const Record*>& records) const;

 private:
  struct Column {
    const FieldDefinition* field;
    std::size_t index;
    std::string key;
    bool masked;
  };
  std::vector<Column> columns_;
};

}  // namespace kehai::record
