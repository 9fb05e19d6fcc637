#include "record/field_reader.h"

#include <algorithm>

#include "record/render.h"

namespace kehai::record {

bool FieldReader::shows(std::string_view field, const HiddenFields& hidden) const {
  const auto* found = object_.field(field);
  return found != nullptr && policy_.field_access(actor_, object_, *found) != FieldAccess::Hidden &&
         std::find(hidden.begin(), hidden.end(), field) == hidden.end();
}

bool FieldReader::shows_all(std::initializer_list<std::string_view> fields,
                            const HiddenFields& hidden) const {
  return std::all_of(fields.begin(), fields.end(), [&](std::string_view field) {
    return shows(field, hidden) && !policy_.is_masked(actor_, object_, *object_.field(field));
  });
}

Value FieldReader::value(const Record& record, std::string_view field,
                         const HiddenFields& hidden) const {
  if (!shows(field, hidden)) return {};
  const auto& definition = *object_.field(field);
  const Value& stored = record.get(field);
  if (stored.is_null() || !policy_.is_masked(actor_, object_, definition)) return stored;
  return Value(masked_text(definition, stored));
}

std::string FieldReader::text(const Record& record, std::string_view field,
                              const HiddenFields& hidden) const {
  return std::string(value(record, field, hidden).text_or(""));
}

std::string FieldReader::title(const Record& record, const HiddenFields& hidden) const {
  if (shows(object_.title_field, hidden)) return text(record, object_.title_field, hidden);
  return object_.code_prefix.empty() ? "" : text(record, "code", hidden);
}

}  // namespace kehai::record
