#include "record/fields/field_kit.h"

namespace kehai::record {

base::FieldError field_error(const FieldDefinition& field, std::string code, base::Params params) {
  return {field.name, std::move(code), std::move(params)};
}

std::optional<base::FieldError> FieldKit::parse(std::string_view text, const FieldDefinition& field,
                                                const TextContext&, base::Value& out) const {
  return coerce(base::Json(boost::json::string(text)), field, out);
}

const FieldKit& field_kit(FieldType type) {
  switch (type) {
    case FieldType::Text:
    case FieldType::Serial:
    case FieldType::Address:
      return text_kit();
    case FieldType::LongText:
      return long_text_kit();
    case FieldType::Phone:
      return phone_kit();
    case FieldType::Email:
      return email_kit();
    case FieldType::Url:
      return url_kit();
    case FieldType::Integer:
      return integer_kit();
    case FieldType::Decimal:
    case FieldType::Money:
    case FieldType::Percent:
      return decimal_kit();
    case FieldType::Date:
      return date_kit();
    case FieldType::DateTime:
      return date_time_kit();
    case FieldType::Boolean:
      return boolean_kit();
    case FieldType::Select:
    case FieldType::MultiSelect:
      return select_kit();
    case FieldType::Reference:
    case FieldType::User:
    case FieldType::Department:
      return reference_kit();
    case FieldType::Region:
      return region_kit();
    case FieldType::File:
      return file_kit();
  }
  return text_kit();
}

}  // namespace kehai::record
