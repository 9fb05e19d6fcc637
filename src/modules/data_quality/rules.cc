#include "modules/data_quality/rules.h"

#include <algorithm>

#include "base/json.h"
#include "base/random.h"
#include "base/text/uscc.h"
#include "base/text/utf8.h"
#include "record/fields/field_kit.h"

namespace kehai::modules {

using record::FieldType;

namespace {

// Counts on when a rule of this file changes.
constexpr std::string_view kVersion = "1";

bool is_audited(const record::FieldDefinition& field) {
  if (field.system || field.multiple || field.is_computed() || field.is_reference()) return false;
  switch (field.type) {
    case FieldType::Text:
    case FieldType::Phone:
    case FieldType::Email:
    case FieldType::Url:
    case FieldType::Address:
    case FieldType::Select:
      return true;
    default:
      return false;
  }
}

// What nobody types and nobody sees: replacement and private-use characters, marks without width.
bool is_odd(char32_t c) {
  return c == 0xFFFD || c == 0xFEFF || c == 0x00AD || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0xE000 && c <= 0xF8FF);
}

bool has_odd_character(std::string_view text) {
  if (!text::is_valid_utf8(text)) return true;
  const auto characters = text::to_utf32(text);
  return std::any_of(characters.begin(), characters.end(), is_odd);
}

// "field.phone" becomes "phone".
std::string rule_of(const std::string& code) {
  const auto point = code.find('.');
  return point == std::string::npos ? code : code.substr(point + 1);
}

void check_field(const record::FieldDefinition& field, const base::Value& value,
                 std::set<Finding>& out) {
  const std::string text = value.text_or("");
  base::Value today;
  const auto error = record::field_kit(field.type).coerce(base::Json(text), field, today);
  if (error) {
    out.insert({field.name, rule_of(error->code)});
  } else if (!(today == value)) {
    out.insert({field.name, "not_normalised"});
  }
  if (field.type == FieldType::Text && has_odd_character(text))
    out.insert({field.name, "odd_character"});
}

// An option that is no longer offered is still one; one that is gone is none.
std::string options_of(const record::FieldDefinition& field) {
  std::string out;
  for (const auto& option : field.options) out += option.value + ",";
  return out;
}

}  // namespace

std::set<Finding> findings_of(const record::Record& record, base::Date today) {
  std::set<Finding> out;
  const auto& object = record.definition();
  for (std::size_t i = 0; i < object.fields.size(); ++i) {
    if (is_audited(object.fields[i]) && !record.at(i).is_null())
      check_field(object.fields[i], record.at(i), out);
  }
  if (object.name == "account" && !record.is_null("uscc")) {
    const auto code = text::check_uscc(record.text("uscc"));
    if (!code.error().empty()) out.insert({"uscc", "uscc"});
  }
  if (object.name == "opportunity" && record.text("status") == "open" &&
      !record.is_null("expected_close_date") && record.integer("expected_close_date") < today) {
    out.insert({"expected_close_date", "close_in_past"});
  }
  return out;
}

std::string rules_fingerprint(const record::ObjectDefinition& object) {
  std::string text(kVersion);
  for (const auto& field : object.fields) {
    if (!is_audited(field)) continue;
    text += "\n" + field.name + " " + std::string(record::field_type_name(field.type)) + " " +
            std::to_string(field.max_length) + (field.pattern ? " p " : " ") + options_of(field);
  }
  return base::sha256_hex(text);
}

}  // namespace kehai::modules
