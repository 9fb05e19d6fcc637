// Boolean, select, multi-select, dates and instants.
#include <algorithm>

#include "query/lexer.h"
#include "record/fields/field_kit.h"

namespace kehai::record {

namespace {

class BooleanKit : public FieldKit {
 public:
  query::FieldType query_type(const FieldDefinition&) const override {
    return {query::Type::Boolean, 0};
  }
  std::optional<base::FieldError> coerce(const base::Json& json, const FieldDefinition& field,
                                         base::Value& out) const override {
    if (!json.is_bool()) return field_error(field, "field.boolean");
    out = base::Value(json.get_bool());
    return std::nullopt;
  }
  std::optional<base::FieldError> parse(std::string_view text, const FieldDefinition& field,
                                        const TextContext&, base::Value& out) const override {
    static constexpr std::string_view kYes[] = {"1", "true", "TRUE", "True", "yes", "Yes", "YES",
                                                "y", "Y",    "是",   "有",   "对",  "√"};
    static constexpr std::string_view kNo[] = {"0", "false", "FALSE", "False", "no", "No", "NO",
                                               "n", "N",     "否",    "无",    "無", "不", "×"};
    if (std::find(std::begin(kYes), std::end(kYes), text) != std::end(kYes)) {
      out = base::Value(true);
    } else if (std::find(std::begin(kNo), std::end(kNo), text) != std::end(kNo)) {
      out = base::Value(false);
    } else {
      return field_error(field, "field.boolean");
    }
    return std::nullopt;
  }
  void write(base::JsonWriter& writer, const FieldDefinition&,
             base::ValueView value) const override {
    writer.boolean(value.as_int() != 0);
  }
  std::string show(const base::Value& value, const FieldDefinition&,
                   const TextContext& context) const override {
    if (!value.is_int()) return "";
    if (context.language == base::Language::English) return value.as_int() != 0 ? "Yes" : "No";
    return value.as_int() != 0 ? "是" : "否";
  }
};

class SelectKit : public FieldKit {
 public:
  query::FieldType query_type(const FieldDefinition&) const override {
    return {query::Type::Text, 0};
  }
  std::optional<base::FieldError> coerce(const base::Json& json, const FieldDefinition& field,
                                         base::Value& out) const override {
    if (!json.is_string()) return field_error(field, "field.option");
    const std::string_view value = json.get_string();
    if (value.empty()) {
      out = base::Value();
      return std::nullopt;
    }
    if (field.option(value) == nullptr) {
      return field_error(field, "field.option", {{"value", std::string(value)}});
    }
    out = base::Value(value);
    return std::nullopt;
  }
  // A cell holds the label in any language, or the value itself.
  std::optional<base::FieldError> parse(std::string_view text, const FieldDefinition& field,
                                        const TextContext&, base::Value& out) const override {
    for (const auto& option : field.options) {
      const auto& labels = option.labels.texts;
      if (option.value == text || std::find(labels.begin(), labels.end(), text) != labels.end()) {
        out = base::Value(option.value);
        return std::nullopt;
      }
    }
    return field_error(field, "field.option", {{"value", std::string(text)}});
  }
  void write(base::JsonWriter& writer, const FieldDefinition&,
             base::ValueView value) const override {
    writer.text(value.as_text());
  }
  std::string show(const base::Value& value, const FieldDefinition& field,
                   const TextContext& context) const override {
    if (!value.is_text()) return "";
    const auto* option = field.option(value.as_text());
    return option == nullptr ? value.as_text() : option->labels.in(context.language);
  }
};

class DateKit : public FieldKit {
 public:
  query::FieldType query_type(const FieldDefinition&) const override {
    return {query::Type::Date, 0};
  }
  std::optional<base::FieldError> coerce(const base::Json& json, const FieldDefinition& field,
                                         base::Value& out) const override {
    if (!json.is_string()) return field_error(field, "field.date");
    if (json.get_string().empty()) {
      out = base::Value();
      return std::nullopt;
    }
    const auto date = base::parse_date(json.get_string());
    if (!date) return field_error(field, "field.date");
    out = base::Value(*date);
    return std::nullopt;
  }
  void write(base::JsonWriter& writer, const FieldDefinition&,
             base::ValueView value) const override {
    writer.plain_text([&](std::string& out) { base::append_date(out, value.as_int()); });
  }
  std::string show(const base::Value& value, const FieldDefinition&,
                   const TextContext&) const override {
    return value.is_int() ? base::format_date(value.as_int()) : "";
  }
};

// The years 0001–9999 of UTC. A local time at either end of them may be an instant outside, and the
// other way round.
bool can_be_written(base::Instant instant) {
  return instant >= query::kFirstInstant && instant <= query::kLastInstant;
}

class DateTimeKit : public FieldKit {
 public:
  query::FieldType query_type(const FieldDefinition&) const override {
    return {query::Type::Instant, 0};
  }
  std::optional<base::FieldError> coerce(const base::Json& json, const FieldDefinition& field,
                                         base::Value& out) const override {
    if (!json.is_string()) return field_error(field, "field.datetime");
    if (json.get_string().empty()) {
      out = base::Value();
      return std::nullopt;
    }
    const auto instant = base::parse_instant(json.get_string());
    if (!instant || !can_be_written(*instant)) return field_error(field, "field.datetime");
    out = base::Value(*instant);
    return std::nullopt;
  }
  // A cell without a zone means the organisation's.
  std::optional<base::FieldError> parse(std::string_view text, const FieldDefinition& field,
                                        const TextContext& context,
                                        base::Value& out) const override {
    base::Instant instant = 0;
    if (const auto given = base::parse_instant(text)) {
      instant = *given;
    } else {
      const auto local = base::parse_instant(
          std::string(text.size() == 10 ? std::string(text) + "T00:00:00" : std::string(text)) +
          "Z");
      if (!local || context.zone == nullptr) return field_error(field, "field.datetime");
      instant = *local - context.zone->offset_at(*local - context.zone->offset_at(*local));
    }
    if (!can_be_written(instant)) return field_error(field, "field.datetime");
    out = base::Value(instant);
    return std::nullopt;
  }
  void write(base::JsonWriter& writer, const FieldDefinition&,
             base::ValueView value) const override {
    writer.plain_text([&](std::string& out) { base::append_instant(out, value.as_int()); });
  }
  std::string show(const base::Value& value, const FieldDefinition&,
                   const TextContext& context) const override {
    if (!value.is_int()) return "";
    base::Instant local = value.as_int();
    if (context.zone != nullptr) local += context.zone->offset_at(local);
    // The last hours of year 9999 are year 10000 elsewhere: they are shown as they were written.
    std::string text = base::format_instant(can_be_written(local) ? local : value.as_int());
    text[10] = ' ';
    return text.substr(0, 16);
  }
};

}  // namespace

const FieldKit& boolean_kit() {
  static const BooleanKit kKit;
  return kKit;
}
const FieldKit& select_kit() {
  static const SelectKit kKit;
  return kKit;
}
const FieldKit& date_kit() {
  static const DateKit kKit;
  return kKit;
}
const FieldKit& date_time_kit() {
  static const DateTimeKit kKit;
  return kKit;
}

}  // namespace kehai::record
