#include "platform/transfer/import_types.h"

#include <array>
#include <set>

namespace kehai::platform {

namespace {

constexpr std::array<std::string_view, 8> kStatusNames = {
    "uploaded", "validating", "validated", "applying", "done", "partial", "failed", "cancelled"};
constexpr std::array<std::string_view, 3> kDuplicateNames = {"skip", "create", "attach"};
constexpr std::array<std::string_view, 3> kRowNames = {"good", "error", "duplicate"};

class SettingsReader {
 public:
  SettingsReader(const base::JsonObject& json, ImportSettings& settings)
      : json_(json), settings_(settings) {}

  void read() {
    static const std::set<std::string, std::less<>> kKnown = {
        "sheet", "encoding", "delimiter", "header_row", "mapping", "duplicates", "mode",
        "key",   "owner_id", "pool_id",   "defaults",   "source",  "values",     "create_missing"};
    for (const auto& member : json_) {
      if (!kKnown.contains(std::string_view(member.key())))
        wrong(std::string(member.key()), "field.unknown");
    }
    text("sheet", settings_.sheet);
    text("encoding", settings_.encoding);
    text("delimiter", settings_.delimiter);
    text("key", settings_.key);
    text("source", settings_.source);
    header_row();
    id("owner_id", settings_.owner_id);
    id("pool_id", settings_.pool_id);
    choices();
    mapping();
    defaults();
    values();
    create_missing();
    if (!errors_.empty()) throw base::Error::fields(std::move(errors_));
  }

 private:
  void wrong(std::string field, std::string code) {
    errors_.push_back({std::move(field), std::move(code), {}});
  }

  void text(std::string_view name, std::string& out) {
    const auto* value = json_.if_contains(name);
    if (value == nullptr) return;
    if (value->is_null()) {
      out.clear();
    } else if (value->is_string()) {
      out = std::string(value->get_string());
    } else {
      wrong(std::string(name), "field.text");
    }
  }

  void id(std::string_view name, std::int64_t& out) {
    const auto* value = json_.if_contains(name);
    if (value == nullptr) return;
    if (value->is_null()) {
      out = 0;
    } else if (value->is_int64() && value->get_int64() > 0) {
      out = value->get_int64();
    } else {
      wrong(std::string(name), "field.reference");
    }
  }

  void header_row() {
    const auto* value = json_.if_contains("header_row");
    if (value == nullptr) return;
    if (value->is_null()) {
      settings_.header_row = -1;
    } else if (value->is_int64() && value->get_int64() >= 0) {
      settings_.header_row = value->get_int64();
    } else {
      wrong("header_row", "field.integer");
    }
  }

  void choices() {
    std::string duplicates(kDuplicateNames[static_cast<std::size_t>(settings_.duplicates)]);
    text("duplicates", duplicates);
    const auto found = std::find(kDuplicateNames.begin(), kDuplicateNames.end(), duplicates);
    if (found == kDuplicateNames.end()) {
      wrong("duplicates", "field.option");
    } else {
      settings_.duplicates = static_cast<DuplicateMode>(found - kDuplicateNames.begin());
    }
    std::string mode = settings_.update ? "update" : "create";
    text("mode", mode);
    if (mode != "create" && mode != "update") wrong("mode", "field.option");
    settings_.update = mode == "update";
  }

  void mapping() {
    const auto* value = json_.if_contains("mapping");
    if (value == nullptr) return;
    if (value->is_null()) {
      settings_.mapping.clear();
      settings_.has_mapping = false;
      return;
    }
    const auto* object = value->if_object();
    if (object == nullptr) return wrong("mapping", "field.text");
    settings_.mapping.clear();
    settings_.has_mapping = true;
    for (const auto& member : *object) {
      if (!member.value().is_null() && !member.value().is_string())
        return wrong("mapping", "field.text");
      settings_.mapping[std::string(member.key())] =
          member.value().is_null() ? "" : std::string(member.value().get_string());
    }
  }

  void defaults() {
    const auto* value = json_.if_contains("defaults");
    if (value == nullptr) return;
    if (value->is_null()) {
      settings_.defaults.clear();
    } else if (const auto* object = value->if_object()) {
      settings_.defaults = *object;
    } else {
      wrong("defaults", "field.text");
    }
  }

  void values() {
    const auto* value = json_.if_contains("values");
    if (value == nullptr) return;
    settings_.values.clear();
    if (value->is_null()) return;
    const auto* columns = value->if_object();
    if (columns == nullptr) return wrong("values", "field.text");
    for (const auto& column : *columns) {
      const auto* cells = column.value().if_object();
      if (cells == nullptr) return wrong("values", "field.text");
      for (const auto& cell : *cells) {
        if (!cell.value().is_string() && !cell.value().is_null())
          return wrong("values", "field.text");
        settings_.values[std::string(column.key())][std::string(cell.key())] =
            cell.value().is_null() ? "" : std::string(cell.value().get_string());
      }
    }
  }

  void create_missing() {
    const auto* value = json_.if_contains("create_missing");
    if (value == nullptr) return;
    settings_.create_missing.clear();
    if (value->is_null()) return;
    const auto* fields = value->if_array();
    if (fields == nullptr) return wrong("create_missing", "field.list");
    for (const auto& field : *fields) {
      if (!field.is_string()) return wrong("create_missing", "field.text");
      settings_.create_missing.emplace(field.get_string());
    }
  }

  const base::JsonObject& json_;
  ImportSettings& settings_;
  std::vector<base::FieldError> errors_;
};

void put_text(base::JsonObject& json, std::string_view name, const std::string& value) {
  if (!value.empty()) json[name] = value;
}

std::vector<std::string> text_list(const base::JsonObject& json, std::string_view name) {
  std::vector<std::string> out;
  if (const auto* list = json.if_contains(name)) {
    for (const auto& element : list->as_array()) out.emplace_back(element.as_string());
  }
  return out;
}

base::JsonArray to_array(const std::vector<std::string>& texts) {
  base::JsonArray out;
  for (const auto& text : texts) out.emplace_back(text);
  return out;
}

}  // namespace

std::string_view import_status_name(ImportStatus status) {
  return kStatusNames[static_cast<std::size_t>(status)];
}

ImportStatus parse_import_status(std::string_view name) {
  const auto found = std::find(kStatusNames.begin(), kStatusNames.end(), name);
  if (found == kStatusNames.end())
    throw base::Error(base::ErrorKind::Internal, "internal", {}, "import status");
  return static_cast<ImportStatus>(found - kStatusNames.begin());
}

std::string_view row_status_name(RowFinding::Status status) {
  return kRowNames[static_cast<std::size_t>(status)];
}

ImportSettings parse_import_settings(const base::JsonObject& json, const ImportSettings& current) {
  ImportSettings settings = current;
  SettingsReader(json, settings).read();
  return settings;
}

base::JsonObject import_settings_json(const ImportSettings& settings) {
  base::JsonObject json;
  put_text(json, "sheet", settings.sheet);
  put_text(json, "encoding", settings.encoding);
  put_text(json, "delimiter", settings.delimiter);
  if (settings.header_row >= 0) json["header_row"] = settings.header_row;
  base::JsonObject mapping;
  for (const auto& [column, field] : settings.mapping)
    mapping[column] = field.empty() ? base::Json() : base::Json(field);
  json["mapping"] = std::move(mapping);
  json["duplicates"] = kDuplicateNames[static_cast<std::size_t>(settings.duplicates)];
  json["mode"] = settings.update ? "update" : "create";
  put_text(json, "key", settings.key);
  put_text(json, "source", settings.source);
  if (settings.owner_id != 0) json["owner_id"] = settings.owner_id;
  if (settings.pool_id != 0) json["pool_id"] = settings.pool_id;
  json["defaults"] = settings.defaults;
  base::JsonObject values;
  for (const auto& [column, cells] : settings.values) {
    base::JsonObject meant;
    for (const auto& [cell, value] : cells) meant[cell] = value;
    values[column] = std::move(meant);
  }
  if (!values.empty()) json["values"] = std::move(values);
  if (!settings.create_missing.empty())
    json["create_missing"] =
        to_array({settings.create_missing.begin(), settings.create_missing.end()});
  return json;
}

std::string store_import_settings(const ImportSettings& settings) {
  base::JsonObject json = import_settings_json(settings);
  json["is_guess"] = !settings.has_mapping;
  return boost::json::serialize(json);
}

ImportSettings load_import_settings(std::string_view text) {
  base::JsonObject json = base::parse_json(text).as_object();
  const bool is_guess = base::json_bool(json, "is_guess");
  json.erase("is_guess");
  ImportSettings settings = parse_import_settings(json, {});
  settings.has_mapping = !is_guess;
  return settings;
}

std::string finding_json(const RowFinding& finding) {
  base::JsonObject json;
  base::JsonArray errors;
  for (const auto& error : finding.errors) {
    base::JsonObject item;
    put_text(item, "column", error.column);
    put_text(item, "field", error.field);
    put_text(item, "value", error.value);
    item["code"] = error.code;
    base::JsonObject params;
    for (const auto& [name, value] : error.params) params[name] = value;
    if (!params.empty()) item["params"] = std::move(params);
    errors.push_back(std::move(item));
  }
  if (!errors.empty()) json["errors"] = std::move(errors);
  base::JsonArray duplicates;
  for (const auto& duplicate : finding.duplicates) {
    base::JsonObject item;
    item["kind"] = static_cast<std::int64_t>(duplicate.kind);
    if (duplicate.line != 0) item["line"] = duplicate.line;
    item["tier"] = std::string(1, duplicate.tier);
    put_text(item, "object", duplicate.object);
    if (duplicate.id != 0) item["id"] = duplicate.id;
    item["matched"] = to_array(duplicate.matched);
    item["evidence"] = to_array(duplicate.evidence);
    item["score"] = duplicate.score;
    duplicates.push_back(std::move(item));
  }
  if (!duplicates.empty()) json["duplicates"] = std::move(duplicates);
  return boost::json::serialize(json);
}

RowFinding parse_finding(std::int64_t row, std::string_view status, std::string_view json) {
  RowFinding finding;
  finding.row = row;
  const auto found = std::find(kRowNames.begin(), kRowNames.end(), status);
  finding.status = static_cast<RowFinding::Status>(found - kRowNames.begin());
  const base::Json document = base::parse_json(json);
  const auto& root = document.as_object();
  if (const auto* errors = root.if_contains("errors")) {
    for (const auto& element : errors->as_array()) {
      const auto& item = element.as_object();
      CellError error{base::json_text(item, "column"),
                      base::json_text(item, "field"),
                      base::json_text(item, "value"),
                      base::json_text(item, "code"),
                      {}};
      if (const auto* params = item.if_contains("params")) {
        for (const auto& param : params->as_object())
          error.params[std::string(param.key())] = std::string(param.value().as_string());
      }
      finding.errors.push_back(std::move(error));
    }
  }
  if (const auto* duplicates = root.if_contains("duplicates")) {
    for (const auto& element : duplicates->as_array()) {
      const auto& item = element.as_object();
      RowDuplicate duplicate;
      duplicate.kind = static_cast<RowDuplicate::Kind>(base::json_int(item, "kind"));
      duplicate.line = base::json_int(item, "line");
      duplicate.tier = base::json_text(item, "tier", "E")[0];
      duplicate.object = base::json_text(item, "object");
      duplicate.id = base::json_int(item, "id");
      duplicate.matched = text_list(item, "matched");
      duplicate.evidence = text_list(item, "evidence");
      duplicate.score = static_cast<int>(base::json_int(item, "score"));
      finding.duplicates.push_back(std::move(duplicate));
    }
  }
  return finding;
}

}  // namespace kehai::platform
