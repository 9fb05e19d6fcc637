// Records as JSON: readable fields only, masked where the policy says so, with $select and $expand.
#include "record/render.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/region.h"
#include "base/text/email.h"
#include "base/text/phone.h"
#include "record/engine.h"
#include "record/fields/field_kit.h"
#include "record/formulas.h"

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

// The id in a reference of a row; 0 when there is none or the row does not show it.
RecordId reference(const TypedRow& row, const std::string& field) {
  const bool is_hidden = std::find(row.hidden.begin(), row.hidden.end(), field) != row.hidden.end();
  return is_hidden ? 0 : row.record.integer(field);
}

std::map<RecordId, std::string> regions_of(const std::vector<TypedRow>& rows,
                                           const std::string& field) {
  std::map<RecordId, std::string> out;
  for (const auto& row : rows) {
    const RecordId code = reference(row, field);
    const auto* region = base::find_region(static_cast<std::uint32_t>(code));
    if (region == nullptr || out.contains(code)) continue;
    std::string json;
    base::JsonWriter writer(json);
    writer.begin_object().key("id").integer(code).key("name").text(region->name);
    writer.key("full_name").text(base::region_full_name(region->code)).end_object();
    out[code] = std::move(json);
  }
  return out;
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

std::string Engine::read_json(const Actor& actor, std::string_view object, RecordId id,
                              const query::QueryOptions& options, std::int64_t* version) {
  std::vector<std::string> hidden;
  Record record = read(actor, object, id, &hidden);
  if (version != nullptr) *version = record.version();
  const auto snapshot = schema();
  const std::vector<TypedRow> rows{{std::move(record), std::move(hidden)}};
  std::vector<std::string> out;
  parts_.database.read([&](db::Reader& reader) {
    append_expanded(reader, actor, snapshot->at(object), rows, options, out, 0);
  });
  return out[0];
}

// Writes each row as one JSON object. To-one expansions of a page are one look-up per navigation.
void Engine::append_expanded(db::Reader& reader, const Actor& actor, const ObjectSchema& object,
                             const std::vector<TypedRow>& rows, const query::QueryOptions& options,
                             std::vector<std::string>& out, int depth) {
  const RecordWriter record_writer(parts_.access, actor, object, options.select);
  std::vector<const Record*> records;
  for (const auto& row : rows) records.push_back(&row.record);
  const FileInfos files = record_writer.files_of(reader, records);
  const auto snapshot = schema();
  struct Expansion {
    std::string name;
    std::string field;                      // to-one: our reference
    std::map<RecordId, std::string> by_id;  // to-one: rendered targets
    std::vector<std::string> lists;         // to-many: one JSON array per row
  };
  std::vector<Expansion> expansions;
  for (const auto& item : options.expand) {
    // Regions are compiled in, no table: their expansion needs no look-up.
    if (const auto* region = object.definition().field(item.navigation + "_id");
        region != nullptr && region->type == FieldType::Region &&
        parts_.access.field_access(actor, object.definition(), *region) != FieldAccess::Hidden) {
      expansions.push_back({item.navigation, region->name, regions_of(rows, region->name), {}});
      continue;
    }
    const auto* navigation = object.navigation(item.navigation);
    const auto* target =
        navigation == nullptr ? nullptr : snapshot->find(navigation->target->name());
    // The field behind the navigation is ours, or the target's when many of its records point at
    // one of ours.
    const auto* through = target == nullptr     ? nullptr
                          : navigation->to_many ? &target->definition()
                                                : &object.definition();
    if (target == nullptr || !parts_.access.may(actor, target->definition(), "read") ||
        parts_.access.field_access(actor, *through, *through->field(navigation->foreign_key)) ==
            FieldAccess::Hidden) {
      throw base::Error(base::ErrorKind::Invalid, "query.unknown_field",
                        {{"field", item.navigation}, {"position", std::to_string(item.position)}});
    }
    query::QueryOptions inner;
    inner.select = item.select;
    inner.expand = item.expand;
    inner.filter = item.filter;
    inner.order = item.order;
    if (item.top >= 0) inner.top = item.top;
    Expansion expansion{item.navigation, navigation->foreign_key, {}, {}};
    if (navigation->to_many) {
      for (const auto& row : rows) {
        ListRequest request;
        request.options = inner;
        request.default_top = 20;
        request.maximum_top = 100;
        request.fixed = {{navigation->foreign_key, Value(row.record.id())}};
        std::string next;
        const auto children = page_rows(reader, actor, *target, request, next);
        std::vector<std::string> rendered;
        append_expanded(reader, actor, *target, children, inner, rendered, depth + 1);
        std::string list = "[";
        for (std::size_t i = 0; i < rendered.size(); ++i) list += (i > 0 ? "," : "") + rendered[i];
        expansion.lists.push_back(list + "]");
      }
    } else {
      std::set<RecordId> ids;
      for (const auto& row : rows) {
        if (reference(row, navigation->foreign_key) != 0)
          ids.insert(reference(row, navigation->foreign_key));
      }
      const RowScope scope = parts_.access.scope(actor, target->definition(), "read");
      std::vector<TypedRow> targets;
      for (auto& record : store_.load_many(reader, *target, {ids.begin(), ids.end()})) {
        std::vector<std::string> hidden;
        if (record.is_null("deleted_at") && admits(scope, record, &hidden)) {
          targets.push_back({std::move(record), std::move(hidden)});
        }
      }
      std::vector<Record*> loaded;
      for (auto& found : targets) loaded.push_back(&found.record);
      store_.load_values(reader, loaded, inner.select);
      compute_at_read(reader, *this, actor, *target, targets);
      std::vector<std::string> rendered;
      append_expanded(reader, actor, *target, targets, inner, rendered, depth + 1);
      for (std::size_t i = 0; i < targets.size(); ++i)
        expansion.by_id[targets[i].record.id()] = std::move(rendered[i]);
    }
    expansions.push_back(std::move(expansion));
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& row = rows[i];
    std::string json;
    base::JsonWriter writer(json);
    writer.begin_object();
    if (depth == 0)
      writer.key("@odata.etag").text("W/\"" + std::to_string(row.record.version()) + "\"");
    record_writer.write(writer, row.record, row.hidden, files);
    for (const auto& expansion : expansions) {
      writer.key(expansion.name);
      if (!expansion.lists.empty()) {
        writer.raw(expansion.lists[i]);
        continue;
      }
      const auto found = expansion.by_id.find(reference(row, expansion.field));
      found == expansion.by_id.end() ? writer.null() : writer.raw(found->second);
    }
    writer.end_object();
    out.push_back(std::move(json));
  }
}

}  // namespace kehai::record
