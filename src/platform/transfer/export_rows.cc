#include "platform/transfer/export_rows.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/error.h"
#include "db/table.h"
#include "record/fields/field_kit.h"
#include "record/files.h"
#include "record/render.h"

namespace kehai::platform {

using base::Error;
using base::ErrorKind;
using record::Actor;
using record::FieldDefinition;
using record::FieldType;
using record::Value;

namespace {

constexpr int kPage = 500;
constexpr const char* kSeparator = "；";

bool is_usual(const FieldDefinition& field) {
  static const std::set<std::string, std::less<>> kSystem = {"code", "owner_id", "created_at",
                                                             "updated_at"};
  if (field.system) return kSystem.contains(field.name);
  return field.filterable || !field.read_only || field.type == FieldType::File;
}

ColumnKind kind_of(const FieldDefinition& field, bool masked) {
  if (masked || field.multiple) return ColumnKind::Text;
  switch (field.type) {
    case FieldType::Integer:
      return ColumnKind::Integer;
    case FieldType::Decimal:
    case FieldType::Percent:
      return ColumnKind::Decimal;
    case FieldType::Money:
      return ColumnKind::Money;
    case FieldType::Date:
      return ColumnKind::Date;
    case FieldType::DateTime:
      return ColumnKind::DateTime;
    default:
      return ColumnKind::Text;
  }
}

class RowWriter {
 public:
  RowWriter(record::Engine& engine, const Actor& actor, const record::ObjectSchema& object,
            std::vector<const FieldDefinition*> fields)
      : engine_(engine), actor_(actor), context_{actor.language, &engine.zone()} {
    for (const auto* field : fields) {
      const bool masked = engine.access().is_masked(actor, object.definition(), *field);
      columns_.push_back({field, masked, kind_of(*field, masked)});
    }
  }

  std::vector<TableColumn> table_columns() const {
    std::vector<TableColumn> out;
    std::set<std::string> taken;
    for (const auto& column : columns_) {
      std::string title = column.field->labels.in(actor_.language);
      if (!taken.insert(title).second) title += " (" + column.field->name + ")";
      TableColumn table_column;
      table_column.title = std::move(title);
      table_column.kind = column.kind;
      table_column.scale = column.field->scale;
      out.push_back(std::move(table_column));
    }
    return out;
  }

  void write(const std::vector<record::TypedRow>& rows, TableWriter& writer) {
    look_up_titles(rows);
    look_up_files(rows);
    std::vector<OutCell> cells(columns_.size());
    std::vector<std::string> texts(columns_.size());
    for (const auto& row : rows) {
      for (std::size_t i = 0; i < columns_.size(); ++i) cells[i] = cell(columns_[i], row, texts[i]);
      writer.add_row(cells);
    }
  }

 private:
  struct Column {
    const FieldDefinition* field;
    bool masked;
    ColumnKind kind;
  };

  // One look-up per target and page.
  void look_up_titles(const std::vector<record::TypedRow>& rows) {
    std::map<std::string, std::set<record::RecordId>> wanted;
    for (const auto& column : columns_) {
      if (!column.field->is_reference()) continue;
      auto& ids = wanted[column.field->target];
      for (const auto& row : rows) {
        for (const auto& value : values_of(column, row)) ids.insert(value.as_int());
      }
    }
    titles_.clear();
    for (const auto& [target, ids] : wanted)
      titles_[target] = engine_.titles(actor_, target, {ids.begin(), ids.end()});
  }

  void look_up_files(const std::vector<record::TypedRow>& rows) {
    std::vector<record::RecordId> ids;
    for (const auto& column : columns_) {
      if (column.field->type != FieldType::File) continue;
      for (const auto& row : rows) {
        for (const auto& value : values_of(column, row)) ids.push_back(value.as_int());
      }
    }
    if (ids.empty()) return;
    engine_.database().read([&](db::Reader& reader) { files_ = record::file_infos(reader, ids); });
  }

  static record::Values values_of(const Column& column, const record::TypedRow& row) {
    const auto& hidden = row.hidden;
    if (std::find(hidden.begin(), hidden.end(), column.field->name) != hidden.end()) return {};
    if (column.field->multiple) return row.record.many(column.field->name);
    const auto& value = row.record.get(column.field->name);
    return value.is_null() ? record::Values{} : record::Values{value};
  }

  std::string text_of(const Column& column, const Value& value) const {
    if (column.masked) return record::masked_text(*column.field, value);
    if (column.field->type == FieldType::File) return record::file_name(value, files_);
    if (!column.field->is_reference())
      return record::field_kit(column.field->type).show(value, *column.field, context_);
    const auto& titles = titles_.at(column.field->target);
    const auto title = titles.find(value.as_int());
    return title == titles.end() ? "" : title->second;
  }

  OutCell cell(const Column& column, const record::TypedRow& row, std::string& text) const {
    const auto values = values_of(column, row);
    if (values.empty()) return {};
    const auto& value = values[0];
    constexpr std::int64_t kDay = 86'400'000;
    switch (column.kind) {
      case ColumnKind::Integer:
        return OutCell::integer(value.as_int());
      case ColumnKind::Decimal:
      case ColumnKind::Money:
        return OutCell::decimal(value.as_int(), column.field->scale);
      case ColumnKind::Date:
        return OutCell::date(value.as_int());
      case ColumnKind::DateTime: {
        const std::int64_t local = value.as_int() + engine_.zone().offset_at(value.as_int());
        const std::int64_t day = local >= 0 ? local / kDay : (local - kDay + 1) / kDay;
        return OutCell::date_time(day, local - day * kDay);
      }
      default:
        break;
    }
    text.clear();
    for (const auto& one : values) text += (text.empty() ? "" : kSeparator) + text_of(column, one);
    return OutCell::text(text);
  }

  record::Engine& engine_;
  const Actor& actor_;
  record::TextContext context_;
  std::vector<Column> columns_;
  std::map<std::string, std::map<record::RecordId, std::string>> titles_;
  record::FileInfos files_;
};

}  // namespace

void require_export(record::Engine& engine, const Actor& actor,
                    const record::ObjectSchema& object) {
  const auto& policy = engine.access();
  if (object.definition().internal || !policy.may(actor, object.definition(), "read")) {
    throw Error(ErrorKind::NotFound, "record.not_found");
  }
  if (!policy.may(actor, object.definition(), "export"))
    throw Error(ErrorKind::Forbidden, "access.denied");
}

std::vector<const FieldDefinition*> export_columns(record::Engine& engine, const Actor& actor,
                                                   const record::ObjectSchema& object,
                                                   const std::vector<std::string>& names) {
  const auto& policy = engine.access();
  const auto& definition = object.definition();
  const auto readable = [&](const FieldDefinition& field) {
    return policy.field_access(actor, definition, field) != record::FieldAccess::Hidden;
  };
  std::vector<const FieldDefinition*> out;
  for (const auto& name : names) {
    const auto* field = definition.field(name);
    if (field == nullptr || !readable(*field))
      throw Error(ErrorKind::Invalid, "query.unknown_field", {{"field", name}});
    if (std::find(out.begin(), out.end(), field) == out.end()) out.push_back(field);
  }
  if (!names.empty()) return out;
  // What people look for first stands first: the code, the object's own fields, then owner and
  // times.
  for (const bool system : {false, true}) {
    for (const auto& field : definition.fields) {
      if (field.system == system && is_usual(field) && readable(field)) {
        out.insert(field.name == "code" ? out.begin() : out.end(), &field);
      }
    }
  }
  return out;
}

std::int64_t export_rows(record::Engine& engine, const Actor& actor, const ExportRequest& request,
                         std::int64_t limit, const MakeWriter& make_writer,
                         const std::function<bool(std::int64_t)>& progress) {
  const auto schema = engine.schema();
  const auto* object = schema->find(request.object);
  if (object == nullptr) throw Error(ErrorKind::NotFound, "record.not_found");
  require_export(engine, actor, *object);
  RowWriter rows(engine, actor, *object, export_columns(engine, actor, *object, request.columns));
  const auto scope = engine.access().scope(actor, object->definition(), "export");

  record::ListRequest list = request.list;
  list.options.select.clear();
  list.options.expand.clear();
  list.options.count = list.options.count_bounded = false;
  list.maximum_top = kPage;
  // An order that does not move while pages are read.
  if (list.options.order.empty() && list.default_order.empty()) list.default_order = "id";
  const std::int64_t wanted = request.list.options.top.value_or(INT64_MAX);
  if (limit > 0) {
    const std::int64_t found =
        std::min(engine.count(actor, request.object, list, limit + 1), wanted);
    if (found > limit)
      throw Error(ErrorKind::Limit, "export.too_many_rows", {{"limit", std::to_string(limit)}});
  }
  const auto writer =
      make_writer(rows.table_columns(), object->definition().plural_labels.in(actor.language));
  std::int64_t written = 0;
  do {
    list.options.top = std::min<std::int64_t>(kPage, wanted - written);
    std::vector<record::TypedRow> page;
    list.options.skiptoken =
        engine.list_typed(actor, request.object, list, [&](const record::TypedRow& row) {
          // Reading may reach further than taking out.
          if (record::admits(scope, row.record)) page.push_back(row);
        });
    list.options.skip = 0;
    if (limit > 0 && written + static_cast<std::int64_t>(page.size()) > limit) {
      throw Error(ErrorKind::Limit, "export.too_many_rows", {{"limit", std::to_string(limit)}});
    }
    rows.write(page, *writer);
    written += static_cast<std::int64_t>(page.size());
    if (progress && !progress(written)) throw Error(ErrorKind::Conflict, "export.stopped");
  } while (!list.options.skiptoken.empty() && written < wanted);
  writer->finish();
  return written;
}

void audit_export(record::Engine& engine, const Actor& actor, const ExportRequest& request,
                  const std::string& filter_text, std::int64_t rows) {
  static const db::Table kAudit("audit_entry");
  base::JsonObject details;
  details["filter"] = filter_text;
  if (request.list.options.search) details["search"] = *request.list.options.search;
  details["rows"] = rows;
  details["format"] = request.format;
  base::JsonArray columns;
  const auto schema = engine.schema();
  for (const auto* field :
       export_columns(engine, actor, schema->at(request.object), request.columns)) {
    columns.emplace_back(field->name);
  }
  details["columns"] = std::move(columns);
  const std::string changes = boost::json::serialize(details);
  Actor writer = actor;
  writer.read_only = false;  // also what a read-only token takes out is written down
  engine.write(writer, [&](record::Tx& tx) {
    kAudit.insert(tx.writer(), {{"id", tx.engine().allocator().next_id("audit_entry")},
                                {"object", request.object},
                                {"record_id", 0},
                                {"action", "exported"},
                                {"version", 0},
                                {"actor_id", actor.user_id},
                                {"at", tx.now()},
                                {"via", actor.via},
                                {"request_id", actor.request_id},
                                {"changes", changes}});
  });
}

}  // namespace kehai::platform
