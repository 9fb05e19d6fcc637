// Text, long text, phone, email, url.
#include <algorithm>

#include "base/text/email.h"
#include "base/text/phone.h"
#include "base/text/utf8.h"
#include "record/fields/field_kit.h"

namespace kehai::record {

namespace {

// Only line breaks and tabs are kept of the control characters, and only in long text.
bool has_forbidden_control(std::string_view text, bool multi_line) {
  return std::any_of(text.begin(), text.end(), [&](char c) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20) return byte == 0x7F;
    return !(multi_line && (c == '\n' || c == '\r' || c == '\t'));
  });
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t' || text.front() == '\n' ||
                           text.front() == '\r')) {
    text.remove_prefix(1);
  }
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\n' ||
                           text.back() == '\r')) {
    text.remove_suffix(1);
  }
  return text;
}

std::optional<base::FieldError> length_error(std::string_view text, const FieldDefinition& field) {
  const auto limit = static_cast<std::size_t>(field.max_length);
  if (limit == 0 || text::count_code_points(text) <= limit) return std::nullopt;
  return field_error(field, "field.too_long", {{"limit", std::to_string(limit)}});
}

class TextKit : public FieldKit {
 public:
  explicit TextKit(bool multi_line = false) : multi_line_(multi_line) {}
  query::FieldType query_type(const FieldDefinition&) const override {
    return {query::Type::Text, 0};
  }

  std::optional<base::FieldError> coerce(const base::Json& json, const FieldDefinition& field,
                                         base::Value& out) const override {
    if (!json.is_string()) return field_error(field, "field.text");
    const std::string_view given = json.get_string();
    // What a person typed stays as it is, except blanks around a single line.
    const std::string_view words = trim(given);
    const std::string_view typed = multi_line_ ? given : words;
    if (words.empty()) {
      out = base::Value();
      return std::nullopt;
    }
    if (!text::is_valid_utf8(typed)) return field_error(field, "field.utf8");
    if (has_forbidden_control(typed, multi_line_))
      return field_error(field, "field.control_character");
    if (auto error = length_error(typed, field)) return error;
    if (field.pattern && !field.pattern->matches(typed)) return field_error(field, "field.pattern");
    return check(typed, field, out);
  }

  void write(base::JsonWriter& writer, const FieldDefinition&,
             base::ValueView value) const override {
    writer.text(value.as_text());
  }
  std::string show(const base::Value& value, const FieldDefinition&,
                   const TextContext&) const override {
    return value.text_or("");
  }

 protected:
  virtual std::optional<base::FieldError> check(std::string_view text, const FieldDefinition&,
                                                base::Value& out) const {
    out = base::Value(text);
    return std::nullopt;
  }

 private:
  bool multi_line_;
};

class PhoneKit : public TextKit {
 protected:
  std::optional<base::FieldError> check(std::string_view typed, const FieldDefinition& field,
                                        base::Value& out) const override {
    const auto phone = text::normalize_phone(typed);
    if (!phone.valid()) return field_error(field, "field.phone", {{"reason", phone.error}});
    // A mainland mobile number has one usual form; the others are kept as typed.
    constexpr std::string_view kMainland = "+86";
    out = base::Value(phone.kind == text::PhoneKind::Mobile ? phone.number.substr(kMainland.size())
                                                            : std::string(typed));
    return std::nullopt;
  }
};

class EmailKit : public TextKit {
 protected:
  std::optional<base::FieldError> check(std::string_view typed, const FieldDefinition& field,
                                        base::Value& out) const override {
    auto email = text::normalize_email(typed);
    if (!email.valid()) return field_error(field, "field.email");
    out = base::Value(std::move(email.address));
    return std::nullopt;
  }
};

class UrlKit : public TextKit {
 protected:
  std::optional<base::FieldError> check(std::string_view text, const FieldDefinition& field,
                                        base::Value& out) const override {
    // A bare host name is what people type; only web addresses are allowed (no javascript:, data:
    // …).
    const auto scheme = text.find("://");
    const std::string_view name = text.substr(0, scheme == std::string_view::npos ? 0 : scheme);
    const bool plain = scheme == std::string_view::npos && text.find(':') == std::string_view::npos;
    if (!plain && name != "http" && name != "https") return field_error(field, "field.url");
    if (text.find(' ') != std::string_view::npos || text.find('.') == std::string_view::npos) {
      return field_error(field, "field.url");
    }
    std::string address = plain ? "https://" + std::string(text) : std::string(text);
    if (auto error = length_error(address, field)) return error;
    out = base::Value(std::move(address));
    return std::nullopt;
  }
};

}  // namespace

const FieldKit& text_kit() {
  static const TextKit kKit;
  return kKit;
}
const FieldKit& long_text_kit() {
  static const TextKit kKit(true);
  return kKit;
}
const FieldKit& phone_kit() {
  static const PhoneKit kKit;
  return kKit;
}
const FieldKit& email_kit() {
  static const EmailKit kKit;
  return kKit;
}
const FieldKit& url_kit() {
  static const UrlKit kKit;
  return kKit;
}

}  // namespace kehai::record
