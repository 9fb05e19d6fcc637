// Integer, decimal, money, percent: scaled int64, never floating point.
#include <charconv>
#include <limits>

#include "query/expression.h"
#include "record/fields/field_kit.h"

namespace kehai::record {

namespace {

// "-1,234.5" with `scale` digits kept; more significant digits after the point than the scale are
// refused, zeros are not.
std::optional<std::int64_t> parse_scaled(std::string_view text, int scale) {
  bool negative = false;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  __int128 value = 0;
  int places = -1;
  bool any = false;
  for (const char c : text) {
    if (c == ',' && places < 0 && any) continue;
    if (c == '.' && places < 0) {
      places = 0;
      continue;
    }
    if (c < '0' || c > '9') return std::nullopt;
    any = true;
    if (places >= scale) {
      if (c != '0') return std::nullopt;
      continue;
    }
    value = value * 10 + (c - '0');
    if (places >= 0) ++places;
    if (value > std::numeric_limits<std::int64_t>::max()) return std::nullopt;
  }
  if (!any) return std::nullopt;
  for (int i = places < 0 ? 0 : places; i < scale; ++i) value *= 10;
  if (negative) value = -value;
  if (value > std::numeric_limits<std::int64_t>::max() ||
      value < std::numeric_limits<std::int64_t>::min()) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(value);
}

// Fifteen digits always survive the way through a double; of more, the last ones may come out as
// others.
constexpr std::int64_t kExactInDouble = 999'999'999'999'999;

// A JSON number arrives as int64, uint64 or double; the shortest text of a double is exact for what
// was typed, as long as it has few enough digits. Longer ones come as text, or not at all.
std::optional<std::int64_t> scaled_from_json(const base::Json& json, int scale) {
  if (json.is_string()) return parse_scaled(json.get_string(), scale);
  if (json.is_int64()) {
    const __int128 value = static_cast<__int128>(json.get_int64()) * query::power_of_ten(scale);
    if (value > std::numeric_limits<std::int64_t>::max() ||
        value < std::numeric_limits<std::int64_t>::min()) {
      return std::nullopt;
    }
    return static_cast<std::int64_t>(value);
  }
  if (json.is_double()) {
    char buffer[64];
    const auto end =
        std::to_chars(buffer, buffer + sizeof buffer, json.get_double(), std::chars_format::fixed);
    if (end.ec != std::errc()) return std::nullopt;
    const auto value =
        parse_scaled(std::string_view(buffer, static_cast<std::size_t>(end.ptr - buffer)), scale);
    return value && *value <= kExactInDouble && *value >= -kExactInDouble ? value : std::nullopt;
  }
  return std::nullopt;
}

std::string show_scaled(std::int64_t value, int scale) {
  std::string out;
  base::append_json_decimal(out, value, scale);
  return out;
}

class NumberKit : public FieldKit {
 public:
  explicit NumberKit(bool integer) : integer_(integer) {}
  query::FieldType query_type(const FieldDefinition& field) const override {
    return integer_ ? query::FieldType{query::Type::Integer, 0}
                    : query::FieldType{query::Type::Decimal, field.scale};
  }

  std::optional<base::FieldError> coerce(const base::Json& json, const FieldDefinition& field,
                                         base::Value& out) const override {
    if (json.is_string() && json.get_string().empty()) {
      out = base::Value();
      return std::nullopt;
    }
    const auto value = scaled_from_json(json, scale(field));
    if (!value) {
      return field_error(field, integer_ ? "field.integer" : "field.decimal",
                         {{"scale", std::to_string(field.scale)}});
    }
    if (field.minimum && *value < *field.minimum) {
      return field_error(field, "field.minimum",
                         {{"limit", show_scaled(*field.minimum, scale(field))}});
    }
    if (field.maximum && *value > *field.maximum) {
      return field_error(field, "field.maximum",
                         {{"limit", show_scaled(*field.maximum, scale(field))}});
    }
    out = base::Value(*value);
    return std::nullopt;
  }

  void write(base::JsonWriter& writer, const FieldDefinition& field,
             base::ValueView value) const override {
    writer.decimal(value.as_int(), scale(field));
  }
  std::string show(const base::Value& value, const FieldDefinition& field,
                   const TextContext&) const override {
    return value.is_int() ? show_scaled(value.as_int(), scale(field)) : "";
  }

 private:
  int scale(const FieldDefinition& field) const { return integer_ ? 0 : field.scale; }
  bool integer_;
};

}  // namespace

const FieldKit& integer_kit() {
  static const NumberKit kKit(true);
  return kKit;
}
const FieldKit& decimal_kit() {
  static const NumberKit kKit(false);
  return kKit;
}

}  // namespace kehai::record
