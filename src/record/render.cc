// Records as JSON: readable fields only, masked where the policy says so, with $select.
#include "record/render.h"

#include <algorithm>

#include "base/error.h"
#include "base/text/email.h"
#include "base/text/phone.h"
#include "record/engine.h"
#include "record/fields/field_kit.h"

namespace kehai::record {

void WrittenField::write(base::JsonWriter& writer, base::ValueView value,
                         const FileInfos& files) const {
  if (value.is_null()) {
    writer.null();
  } else if (is_masked) {
    writer.text(masked_text(*field, value.value()));
  } else if (field->type == FieldType::File) {
    write_file(writer, value.as_int(), files);
  } else {
    kit->write(writer, *field, value);
  }
}

std::string masked_text(const FieldDefinition& field, const Value& value) {
  const std::string text = field_kit(field.type).show(value, field, {});
  if (field.mask == "phone") return text::mask_phone(text);
  if (field.mask == "email") return text::mask_email(text);
  return text.empty() ? text : "***";
}

std::shared_ptr<const VisibleFields> FieldsCache::of(const Actor& actor,
                                                     const std::shared_ptr<const Schema>& schema,
                                                     const ObjectSchema& object) {
  constexpr std::size_t kMostEntries = 500;  // a few kilobytes each
  // An object of an older snapshot is in nobody's hands for long.
  const bool is_kept =
      actor.rights != nullptr && !actor.system && schema->find(object.name()) == &object;
  const std::pair<const void*, const ObjectSchema*> key{actor.rights.get(), &object};
  if (is_kept) {
    const std::lock_guard lock(mutex_);
    if (const auto found = entries_.find(key); found != entries_.end()) return found->second.fields;
  }
  const auto& definition = object.definition();
  auto fields = std::make_shared<VisibleFields>();
  for (const auto& field : definition.fields) {
    if (policy_.field_access(actor, definition, field) == FieldAccess::Hidden) continue;
    std::string name;
    base::append_json_string(name, field.name);
    name += ':';
    fields->push_back({&field, &field_kit(field.type),
                       static_cast<std::size_t>(&field - definition.fields.data()), std::move(name),
                       policy_.is_masked(actor, definition, field)});
  }
  if (is_kept) {
    const std::lock_guard lock(mutex_);
    if (entries_.size() >= kMostEntries) entries_.clear();
    entries_[key] = {actor.rights, schema, fields};
  }
  return fields;
}

RecordWriter::RecordWriter(std::shared_ptr<const VisibleFields> visible, const ObjectSchema& object,
                           const std::vector<query::SelectItem>& select)
    : visible_(std::move(visible)) {
  const auto& definition = object.definition();
  const bool everything =
      select.empty() || (select.size() == 1 && select[0].path == std::vector<std::string>{"*"});
  if (everything) {
    for (const auto& written : *visible_) {
      const auto& name = written.field->name;
      if (name != "deleted_at" && name != "deleted_by") fields_.push_back(&written);
    }
    return;
  }
  for (const auto& item : select) {
    const int index = item.path.size() == 1 ? definition.field_index(item.path[0]) : -1;
    if (index < 0) {
      throw base::Error(base::ErrorKind::Invalid, "query.unknown_field",
                        {{"field", item.path.empty() ? "" : item.path[0]},
                         {"position", std::to_string(item.position)}});
    }
    const auto found = std::lower_bound(
        visible_->begin(), visible_->end(), static_cast<std::size_t>(index),
        [](const WrittenField& written, std::size_t wanted) { return written.index < wanted; });
    if (found == visible_->end() || found->index != static_cast<std::size_t>(index)) {
      throw base::Error(base::ErrorKind::Invalid, "query.unknown_field", {{"field", item.path[0]}});
    }
    fields_.push_back(&*found);
  }
}

void RecordWriter::write(base::JsonWriter& writer, const Record& record,
                         const std::vector<std::string>& hidden, const FileInfos& files) const {
  for (const auto* written : fields_) {
    const auto& name = written->field->name;
    if (!hidden.empty() && std::find(hidden.begin(), hidden.end(), name) != hidden.end()) continue;
    writer.ready_key(written->key);
    if (!written->field->multiple) {
      written->write(writer, record.at(written->index), files);
      continue;
    }
    writer.begin_array();
    for (const auto& value : record.many(name)) written->write(writer, value, files);
    writer.end_array();
  }
}

FileInfos RecordWriter::files_of(db::Reader& reader,
                                 const std::vector<const Record*>& records) const {
  std::vector<RecordId> ids;
  for (const auto* written : fields_) {
    if (written->field->type != FieldType::File) continue;
    for (const auto* record : records) {
      const auto some = files_in(*record, *written->field);
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
  const RecordWriter record_writer(fields_cache_->of(actor, schema(), object), object, {});
  record_writer.write(writer, record, left_out, record_writer.files_of(reader, {&record}));
}

}  // namespace kehai::record
