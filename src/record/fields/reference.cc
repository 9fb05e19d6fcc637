// Reference, user, department (ids) and region (administrative division code).
#include <charconv>

#include "base/region.h"
#include "record/fields/field_kit.h"

namespace kehai::record {

namespace {

class ReferenceKit : public FieldKit {
 public:
  query::FieldType query_type(const FieldDefinition&) const override {
    return {query::Type::Integer, 0};
  }
  std::optional<base::FieldError> coerce(const base::Json& json, const FieldDefinition& field,
                                         base::Value& out) const override {
    std::int64_t id = 0;
    if (json.is_int64()) {
      id = json.get_int64();
    } else if (json.is_string()) {  // IEEE754Compatible clients send ids as strings
      const std::string_view text = json.get_string();
      const auto end = std::from_chars(text.data(), text.data() + text.size(), id);
      if (end.ec != std::errc() || end.ptr != text.data() + text.size())
        return field_error(field, "field.reference");
    } else {
      return field_error(field, "field.reference");
    }
    if (id <= 0) return field_error(field, "field.reference");
    out = base::Value(id);
    return std::nullopt;
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

class RegionKit : public ReferenceKit {
 public:
  std::optional<base::FieldError> coerce(const base::Json& json, const FieldDefinition& field,
                                         base::Value& out) const override {
    if (auto error = ReferenceKit::coerce(json, field, out))
      return field_error(field, "field.region");
    if (out.as_int() > UINT32_MAX ||
        base::find_region(static_cast<std::uint32_t>(out.as_int())) == nullptr)
      return field_error(field, "field.region");
    return std::nullopt;
  }
  // A code, a name ("浙江省杭州市西湖区"), or the beginning of an address.
  std::optional<base::FieldError> parse(std::string_view text, const FieldDefinition& field,
                                        const TextContext&, base::Value& out) const override {
    if (!coerce(base::Json(boost::json::string(text)), field, out)) return std::nullopt;
    const auto match = base::match_address(text);
    if (!match) return field_error(field, "field.region", {{"value", std::string(text)}});
    out = base::Value(static_cast<std::int64_t>(match->region->code));
    return std::nullopt;
  }
  std::string show(const base::Value& value, const FieldDefinition&,
                   const TextContext&) const override {
    return value.is_int() ? base::region_full_name(static_cast<std::uint32_t>(value.as_int())) : "";
  }
};

}  // namespace

const FieldKit& reference_kit() {
  static const ReferenceKit kKit;
  return kKit;
}
const FieldKit& region_kit() {
  static const RegionKit kKit;
  return kKit;
}

}  // namespace kehai::record
