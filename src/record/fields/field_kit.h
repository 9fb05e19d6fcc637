// One kit per field type: how a value is read from JSON and from text, stored, written and shown.
// Adding a type means a new kit here and its twin in web/src/record/fields/<type>/.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/json.h"
#include "base/language.h"
#include "base/time.h"
#include "query/entity.h"
#include "record/definition.h"

namespace kehai::record {

// What reading and showing text needs. Borrowed.
struct TextContext {
  base::Language language = base::Language::SimplifiedChinese;
  const base::TimeZone* zone = nullptr;
};

class FieldKit {
 public:
  virtual ~FieldKit() = default;
  virtual query::FieldType query_type(const FieldDefinition& field) const = 0;
  // TEXT column instead of INTEGER.
  bool is_text(const FieldDefinition& field) const {
    return query_type(field).type == query::Type::Text;
  }

  // One JSON value (an element, for multi-valued fields) to the stored value. Null is handled by
  // the caller. An error names the rule; the caller adds the field.
  virtual std::optional<base::FieldError> coerce(const base::Json& json,
                                                 const FieldDefinition& field,
                                                 base::Value& out) const = 0;
  // A cell of an imported file or of the command line. Default: as coerce() of a JSON string.
  virtual std::optional<base::FieldError> parse(std::string_view text, const FieldDefinition& field,
                                                const TextContext& context, base::Value& out) const;
  virtual void write(base::JsonWriter& writer, const FieldDefinition& field,
                     base::ValueView value) const = 0;
  // As a person reads it; references and files give the id, the caller looks up names.
  virtual std::string show(const base::Value& value, const FieldDefinition& field,
                           const TextContext& context) const = 0;
};

const FieldKit& field_kit(FieldType type);

base::FieldError field_error(const FieldDefinition& field, std::string code,
                             base::Params params = {});

// Kits by family, used by field_kit() only.
const FieldKit& text_kit();
const FieldKit& long_text_kit();
const FieldKit& phone_kit();
const FieldKit& email_kit();
const FieldKit& url_kit();
const FieldKit& integer_kit();
const FieldKit& decimal_kit();
const FieldKit& date_kit();
const FieldKit& date_time_kit();
const FieldKit& boolean_kit();
const FieldKit& select_kit();
const FieldKit& reference_kit();
const FieldKit& region_kit();
const FieldKit& file_kit();

}  // namespace kehai::record
