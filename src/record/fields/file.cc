// Files: the value is the id of a row of the table `file` (record/files.h). Which file a person may
// name is decided in the transaction (platform/files).
#include <charconv>

#include "record/fields/field_kit.h"

namespace kehai::record {

namespace {

class FileKit : public FieldKit {
 public:
  query::FieldType query_type(const FieldDefinition&) const override {
    return {query::Type::Integer, 0};
  }
  // An id, or what an answer shows in its place: an object with the id.
  std::optional<base::FieldError> coerce(const base::Json& json, const FieldDefinition& field,
                                         base::Value& out) const override {
    const base::Json* id = &json;
    if (json.is_object()) id = json.get_object().if_contains("id");
    std::int64_t number = 0;
    if (id != nullptr && id->is_int64()) {
      number = id->get_int64();
    } else if (id != nullptr && id->is_string()) {  // IEEE754Compatible clients
      const std::string_view text = id->get_string();
      const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
      if (end.ec != std::errc() || end.ptr != text.data() + text.size()) number = 0;
    }
    if (number <= 0) return field_error(field, "field.file");
    out = base::Value(number);
    return std::nullopt;
  }
  // No cell holds a file.
  std::optional<base::FieldError> parse(std::string_view, const FieldDefinition& field,
                                        const TextContext&, base::Value&) const override {
    return field_error(field, "field.file");
  }
  void write(base::JsonWriter& writer, const FieldDefinition&,
             base::ValueView value) const override {
    writer.integer(value.as_int());
  }
  std::string show(const base::Value& value, const FieldDefinition&,
                   const TextContext&) const override {
    return value.is_int() ? std::to_string(value.as_int()) : "";
  }
};

}  // namespace

const FieldKit& file_kit() {
  static const FileKit kKit;
  return kKit;
}

}  // namespace kehai::record
