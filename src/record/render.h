// Which fields of an object go into an answer for one actor, resolved once per request.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "db/database.h"
#include "query/ast.h"
#include "record/access.h"
#include "record/files.h"
#include "record/record.h"
#include "record/schema.h"

namespace kehai::record {

// What a person sees of a masked value ("138****5678").
std::string masked_text(const FieldDefinition& field, const Value& value);

class FieldKit;

// One field as it stands in an answer.
struct WrittenField {
  const FieldDefinition* field;
  const FieldKit* kit;
  std::size_t index;  // among the fields of the definition
  std::string key;    // name and colon, ready to be written
  bool is_masked;

  void write(base::JsonWriter& writer, base::ValueView value, const FileInfos& files) const;
};

// All fields that somebody may see, in the order of the definition.
using VisibleFields = std::vector<WrittenField>;

// What the policy says of the fields of an object, asked once for each snapshot of somebody's
// rights and of the schema: an answer has dozens of fields. Both snapshots never change, and the
// entry keeps them, so that an address means the same for as long as it is a key here. Safe from
// any thread.
class FieldsCache {
 public:
  explicit FieldsCache(const AccessPolicy& policy) : policy_(policy) {}
  std::shared_ptr<const VisibleFields> of(const Actor& actor,
                                          const std::shared_ptr<const Schema>& schema,
                                          const ObjectSchema& object);

 private:
  struct Entry {
    std::shared_ptr<const void> rights;
    std::shared_ptr<const Schema> schema;
    std::shared_ptr<const VisibleFields> fields;
  };

  const AccessPolicy& policy_;
  std::mutex mutex_;
  std::map<std::pair<const void*, const ObjectSchema*>, Entry> entries_;
};

class RecordWriter {
 public:
  // Empty `select` = every visible field. Throws Invalid "query.unknown_field" for unknown and
  // hidden names alike.
  RecordWriter(std::shared_ptr<const VisibleFields> visible, const ObjectSchema& object,
               const std::vector<query::SelectItem>& select);
  // Members only, inside the caller's object; `hidden` names the fields that this row does not
  // show. `files`: what files_of() found for this record.
  void write(base::JsonWriter& writer, const Record& record, const std::vector<std::string>& hidden,
             const FileInfos& files) const;
  // The files that the written columns of these records name; no statement without such columns.
  FileInfos files_of(db::Reader& reader, const std::vector<const Record*>& records) const;
  const std::vector<const WrittenField*>& fields() const { return fields_; }

 private:
  std::shared_ptr<const VisibleFields> visible_;
  std::vector<const WrittenField*> fields_;  // of visible_
};

}  // namespace kehai::record
