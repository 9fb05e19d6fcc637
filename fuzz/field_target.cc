#include <stdexcept>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "base/text/utf8.h"
#include "product_targets.h"
#include "record/coerce.h"
#include "record/fields/field_kit.h"

namespace kehai::fuzz {

namespace {

using record::FieldDefinition;

void require(bool holds, const FieldDefinition& field, const std::string& what) {
  if (!holds) throw std::logic_error(field.name + ": " + what);
}

// One field of every type, with the limits that a definition may set.
std::vector<FieldDefinition> make_fields() {
  std::vector<FieldDefinition> fields;
  for (
      const auto* json :
      {R"({"name":"text","type":"text","max_length":20})",
       R"({"name":"patterned","type":"text","pattern":"[0-9A-Z]{2,5}"})",
       R"({"name":"long_text","type":"long_text","max_length":200})",
       R"({"name":"integer","type":"integer","minimum":-5,"maximum":1000})",
       R"({"name":"count","type":"integer"})",
       R"({"name":"decimal","type":"decimal","scale":3})",
       R"({"name":"money","type":"money"})",
       R"({"name":"percent","type":"percent"})",
       R"({"name":"date","type":"date"})",
       R"({"name":"datetime","type":"datetime"})",
       R"({"name":"boolean","type":"boolean"})",
       R"({"name":"select","type":"select","options":[{"value":"a","label":"甲"},{"value":"b","label":"B"}]})",
       R"({"name":"phone","type":"phone"})",
       R"({"name":"email","type":"email"})",
       R"({"name":"url","type":"url"})",
       R"({"name":"reference_id","type":"reference","target":"lead"})",
       R"({"name":"region","type":"region"})",
       R"({"name":"address","type":"address"})",
       R"({"name":"file","type":"file"})",
       R"({"name":"marks","type":"multi_select","options":[{"value":"a","label":"甲"},{"value":"b","label":"B"}]})"}) {
    fields.push_back(record::parse_field_definition("fuzz", base::parse_json(json).as_object()));
  }
  return fields;
}

std::string written(const FieldDefinition& field, const base::Value& value) {
  std::string text;
  base::JsonWriter writer(text);
  record::field_kit(field.type).write(writer, field, value);
  return text;
}

// What is taken is what the databases hold, can be shown, and is taken again as it is.
void check_value(const FieldDefinition& field, const base::Value& value,
                 const record::TextContext& context) {
  const auto& kit = record::field_kit(field.type);
  if (value.is_null()) return;
  require(kit.is_text(field) == value.is_text(), field, "a value of another type");
  if (value.is_text()) {
    const std::string& text = value.as_text();
    require(text::is_valid_utf8(text) && text.find('\0') == std::string::npos, field, "no text");
    require(field.max_length == 0 ||
                text::count_code_points(text) <= static_cast<std::size_t>(field.max_length),
            field, "longer than allowed: " + text);
  }
  for (const auto language : {base::Language::English, base::Language::SimplifiedChinese}) {
    const std::string shown = kit.show(value, field, {language, context.zone});
    require(text::is_valid_utf8(shown), field, "shown as no text");
  }
  const std::string json = written(field, value);
  const base::Json parsed = base::parse_json(json);
  base::Value again;
  auto error = kit.coerce(parsed, field, again);
  // Amounts of more digits than a double holds come back as text, or not at all.
  if (error && parsed.is_double())
    error = kit.coerce(base::Json(boost::json::string(json)), field, again);
  require(!error, field, "refuses what it has written: " + json);
  require(again == value, field, "reads another value than it has written: " + json);
}

void check_json(const std::vector<FieldDefinition>& fields, const base::Json& json,
                const record::TextContext& context) {
  for (const auto& field : fields) {
    record::Draft draft;
    std::vector<base::FieldError> errors;
    record::coerce_field(json, field, draft, errors);
    for (const auto& [name, value] : draft.values) check_value(field, value, context);
    for (const auto& [name, values] : draft.many) {
      for (const auto& value : values) check_value(field, value, context);
    }
  }
}

}  // namespace

void fuzz_fields(std::string_view bytes) {
  static const std::vector<FieldDefinition> fields = make_fields();
  static const base::TimeZone zone("Asia/Shanghai");
  const record::TextContext context{base::Language::SimplifiedChinese, &zone};
  // A cell, and the same bytes as a text in a body.
  for (const auto& field : fields) {
    base::Value value;
    if (!record::field_kit(field.type).parse(bytes, field, context, value))
      check_value(field, value, context);
  }
  check_json(fields, base::Json(boost::json::string(bytes)), context);
  try {
    const base::Json json = base::parse_json(bytes);
    check_json(fields, json, context);
    if (!json.is_array()) return;
    for (const auto& element : json.get_array()) check_json(fields, element, context);
  } catch (const base::Error&) {
  }
}

}  // namespace kehai::fuzz
