// Records as JSON: readable fields only, masked where the policy says so, with $select.
#include "record/render.h"

#include <algorithm>

#include "base/error.h"
#include "base/text/email.h"
#include "base/text/phone.h"
#include "record/engine.h"
#include "record/fields/field_kit.h"

namespace kehai::record {

namespace {

void write_value(base::JsonWriter& writer, const FieldDefinition& field, const Value& value,
                 bool is_masked, const FileInfos& files) {
  if (value.is_null()) {
    writer.null();
  } else if (is_masked) {
    writer.text(masked_text(field, value));
  } else if (field.type == FieldType::File) {
    write_file(writer, value.as_int(), files);
  } else {
    field_kit(field.type).write(writer, field, value);
  }
}

}  // namespace

std::string masked_text(const FieldDefinition& field, const Value& value) {
  const std::string text = field_kit(field.type).show(value, field, {});
  if (field.mask == "phone") return text::mask_phone(text);
  if (field.mask == "email") return text::mask_email(text);
  return text.empty() ? text : "***";
}

RecordWriter::RecordWriter(const AccessPolicy& policy, const Actor& actor,
                           const ObjectSchema& object,
                           const std::vector<query::SelectItem>& select) {
  const auto& definition = object.definition();
  const auto add = [&](const FieldDefinition& field, bool named) {
    const bool visible = policy.field_access(actor, definition, field) != FieldAccess::Hidden;
    if (!visible) {
      if (named)
        throw base::Error(base::ErrorKind::Invalid, "query.unknown_field", {{"field", field.name}});
      return;
    }
    std::string key;
    base::append_json_string(key, field.name);
    key += ':';
    columns_.push_back({&field, static_cast<std::size_t>(definition.field_index(field.name)),
                        std::move(key), policy.is_masked(actor, definition, field)});
  };
  const bool everything =
      select.empty() || (select.size() == 1 && select[0].path == std::vector<std::string>{"*"});
  if (everything) {
    for (const auto& field : definition.fields) {
      if (field.name != "deleted_at" && field.name != "deleted_by") add(field, false);
    }
    return;
  }
  for (const auto& item : select) {
    const auto* field = item.path.size() == 1 ? definition.field(item.path[0]) : nullptr;
    if (field == nullptr) {
      throw base::Error(base::ErrorKind::Invalid, "query.unknown_field",
                        {{"field", item.path.empty() ? "" : item.path[0]},
                         {"position", std::to_string(item.position)}});
    }
    add(*field, true);
  }
}

void RecordWriter::write(base::JsonWriter& writer, const Record& record,
                         const std::vector<std::string>& hidden, const FileInfos& files) const {
  for (const auto& column : columns_) {
    if (std::find(hidden.begin(), hidden.end(), column.field->name) != hidden.end()) continue;
    writer.key(column.field->name);
    if (!column.field->multiple) {
      write_value(writer, *column.field, record.at(column.index), column.masked, files);
      continue;
    }
    writer.begin_array();
    for (const auto& value : record.many(column.field->name))
      write_value(writer, *column.field, value, column.masked, files);
    writer.end_array();
  }
}

FileInfos RecordWriter::files_of(db::Reader& reader,
                                 const std::vector<const Record*>& records) const {
  std::vector<RecordId> ids;
  for (const auto& column : columns_) {
    if (column.field->type != FieldType::File) continue;
    for (const auto* record : records) {
      const auto some = files_in(*record, *column.field);
      ids.insert(ids.end(), some.begin(), some.end());
    }
  }
  return file_infos(reader, ids);
}

void Engine::write_record(base::JsonWriter& writer, db::Reader& reader, const Actor& actor,
                          const ObjectSchema& object, const Record& record,
                          const std::vector<std::string>& hidden) {
  // What is answered at reading time is not known of a record in a transaction.
  auto left_out = hidden;
  for (const auto& field : object.definition().fields) {
    if (field.at_read) left_out.push_back(field.name);
  }
  const RecordWriter record_writer(parts_.access, actor, object, {});
  record_writer.write(writer, record, left_out, record_writer.files_of(reader, {&record}));
}

}  // namespace kehai::record
