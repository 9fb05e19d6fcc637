#include "platform/transfer/row_parser.h"

#include <algorithm>

#include "base/text/fold.h"
#include "base/text/utf8.h"
#include "platform/transfer/formats/cell_values.h"
#include "record/fields/field_kit.h"

namespace kehai::platform {

using record::FieldDefinition;
using record::FieldType;
using record::Value;

namespace {

constexpr std::size_t kShownValueBytes = 200;

std::string_view trimmed(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

std::string shown(std::string_view text) {
  if (text.size() <= kShownValueBytes) return std::string(text);
  std::size_t cut = kShownValueBytes;
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80) --cut;
  return std::string(text.substr(0, cut)) + "…";
}

bool is_number(FieldType type) {
  return type == FieldType::Integer || type == FieldType::Decimal || type == FieldType::Money ||
         type == FieldType::Percent;
}

std::string scaled_text(std::int64_t value, int scale) {
  std::string out;
  base::append_json_decimal(out, value, scale);
  return out;
}

std::optional<base::FieldError> parse_number(const FieldDefinition& field, const Cell& cell,
                                             const record::FieldKit& kit, base::Value& out) {
  const bool integer = field.type == FieldType::Integer;
  const int scale = integer ? 0 : field.scale;
  std::string text = narrow_text(cell.text);
  const bool percent = !text.empty() && text.back() == '%';
  if (percent) text.pop_back();
  const ParsedNumber number = percent ? parse_decimal_text(text, scale) : parse_money(cell, scale);
  if (number.error != nullptr || number.rounded) {
    return record::field_error(field, integer ? "field.integer" : "field.decimal",
                               {{"scale", std::to_string(scale)}});
  }
  // The kit knows the limits.
  return kit.coerce(base::Json(scaled_text(number.value, scale)), field, out);
}

std::optional<base::FieldError> parse_date(const FieldDefinition& field, const Cell& cell,
                                           const base::TimeZone& zone, base::Value& out) {
  const ParsedDate date = parse_date_cell(cell);
  const bool with_time = field.type == FieldType::DateTime;
  if (date.error != nullptr) return record::field_error(field, date.error);
  if (!with_time) {
    out = base::Value(date.date);
    return std::nullopt;
  }
  constexpr std::int64_t kDay = 86'400'000;
  constexpr std::int64_t kMinute = 60'000;
  const std::int64_t local = date.date * kDay + date.milliseconds.value_or(0);
  if (date.offset_minutes) {
    out = base::Value(local - *date.offset_minutes * kMinute);
  } else {
    out = base::Value(local - zone.offset_at(local - zone.offset_at(local)));
  }
  return std::nullopt;
}

std::optional<base::FieldError> parse_option(const FieldDefinition& field, std::string_view text,
                                             const record::FieldKit& kit,
                                             const record::TextContext& context, base::Value& out) {
  auto error = kit.parse(text, field, context, out);
  if (!error) return error;
  const std::string wanted = text::fold(text);
  for (const auto& option : field.options) {
    bool same = text::fold(option.value) == wanted;
    for (const auto& label : option.labels.texts) same = same || text::fold(label) == wanted;
    if (!same) continue;
    out = base::Value(option.value);
    return std::nullopt;
  }
  return error;
}

// "；", ";", "、" and line breaks separate the values of one cell.
std::vector<std::string> split_values(std::string_view text) {
  std::vector<std::string> out(1);
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t start = i;
    const char32_t c = text::next_code_point(text, i);
    if (c == ';' || c == U'；' || c == U'、' || c == '\n' || c == '\r' || c == '|') {
      out.emplace_back();
    } else {
      out.back().append(text.substr(start, i - start));
    }
  }
  for (auto& value : out) value = std::string(trimmed(value));
  std::erase_if(out, [](const std::string& value) { return value.empty(); });
  return out;
}

bool ends_in_han(std::string_view text) {
  const auto points = text::to_utf32(text);
  return !points.empty() && text::is_han(points.back());
}

}  // namespace

std::uint64_t hash_text(std::string_view text, std::uint64_t seed) {
  std::uint64_t hash = 14695981039346656037ULL ^ (seed * 0x9E3779B97F4A7C15ULL);
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  hash ^= hash >> 33U;
  hash *= 0xFF51AFD7ED558CCDULL;
  return hash ^ (hash >> 33U);
}

std::optional<base::FieldError> parse_cell(const FieldDefinition& field, const Cell& cell,
                                           const base::TimeZone& zone, base::Language language,
                                           base::Value& out) {
  const auto& kit = record::field_kit(field.type);
  const record::TextContext context{language, &zone};
  const std::string_view text =
      field.type == FieldType::LongText ? std::string_view(cell.text) : trimmed(cell.text);
  if (cell.kind == CellKind::Error)
    return record::field_error(field, "import.cell_error", {{"value", cell.text}});
  if (is_number(field.type)) return parse_number(field, cell, kit, out);
  switch (field.type) {
    case FieldType::Date:
    case FieldType::DateTime:
      return parse_date(field, cell, zone, out);
    case FieldType::Boolean: {
      const ParsedBoolean boolean = parse_boolean(text);
      if (boolean.error != nullptr) return record::field_error(field, "field.boolean");
      out = base::Value(boolean.value);
      return std::nullopt;
    }
    case FieldType::Select:
    case FieldType::MultiSelect:
      return parse_option(field, text, kit, context, out);
    default:
      return kit.parse(text, field, context, out);
  }
}

RowParser::RowParser(record::Engine& engine, const Dedupe& dedupe, const ImportPlan& plan,
                     ReferenceResolver& resolver, base::Language language)
    : engine_(engine), dedupe_(dedupe), plan_(plan), resolver_(resolver), language_(language) {
  for (const auto& companion : plan.companions)
    companions_.emplace_back(engine, dedupe, companion.plan, resolver, language);
}

// A reference waits until the plain values of its row are known.
struct RowParser::Pending {
  const PlannedColumn* column = nullptr;
  std::string text;
};

std::string RowParser::meant(const PlannedColumn& column, const std::string& text) const {
  const auto cells = plan_.settings.values.find(column.name);
  if (cells == plan_.settings.values.end()) return text;
  const auto found = cells->second.find(text);
  return found == cells->second.end() ? text : found->second;
}

void RowParser::set(const FieldDefinition& field, Value value, ParsedRow& row) {
  row.draft.set(field.name, value);
  row.from_file.set(field.name, std::move(value));
}

void RowParser::parse_value(const PlannedColumn& column, const Cell& cell, ParsedRow& row) {
  Value value;
  if (auto error = parse_cell(*column.field, cell, engine_.zone(), language_, value)) {
    row.errors.push_back(
        {column.name, column.field->name, shown(cell.text), error->code, error->params});
    return;
  }
  if (column.field->type == FieldType::Money) {
    // A sign in the cell says the currency when no column does.
    const std::string currency = parse_money(cell).currency;
    const auto* field = plan_.definition().field("currency");
    if (!currency.empty() && field != nullptr && field->option(currency) != nullptr &&
        !row.from_file.values.contains("currency")) {
      row.draft.set("currency", currency);
    }
  }
  set(*column.field, std::move(value), row);
}

void RowParser::parse_many(const PlannedColumn& column, const std::string& text, ParsedRow& row) {
  const auto& field = *column.field;
  record::Values values;
  for (const auto& piece : split_values(text)) {
    Value value;
    if (field.is_reference()) {
      const auto& found = resolver_.candidates(field.target, meant(column, piece));
      if (found.size() != 1) {
        row.errors.push_back(
            {column.name,
             field.name,
             shown(piece),
             found.empty() ? "import.reference_not_found" : "import.reference_ambiguous",
             {{"value", shown(piece)}, {"count", std::to_string(found.size())}}});
        return;
      }
      value = Value(found[0]);
    } else {
      Cell cell;
      cell.kind = CellKind::Text;
      cell.text = meant(column, piece);
      if (auto error = parse_cell(field, cell, engine_.zone(), language_, value)) {
        row.errors.push_back({column.name, field.name, shown(piece), error->code, error->params});
        return;
      }
    }
    if (!value.is_null() && std::find(values.begin(), values.end(), value) == values.end())
      values.push_back(value);
  }
  row.draft.many[field.name] = values;
  row.from_file.many[field.name] = std::move(values);
}

void RowParser::resolve(const Pending& pending, ParsedRow& row) {
  const auto& field = *pending.column->field;
  const auto& found = resolver_.candidates(field.target, pending.text);
  const auto agreeing =
      found.size() > 1 ? resolver_.agreeing(field.target, found, row.draft) : found;
  if (agreeing.size() == 1) {
    set(field, Value(agreeing[0]), row);
    return;
  }
  if (found.empty() && plan_.creates.contains(&field)) {
    row.missing.push_back({&field, pending.column->name, pending.text});
    return;
  }
  row.errors.push_back({pending.column->name,
                        field.name,
                        shown(pending.text),
                        found.empty() ? "import.reference_not_found" : "import.reference_ambiguous",
                        {{"value", shown(pending.text)}, {"count", std::to_string(found.size())}}});
}

// Columns that together fill one field.
void RowParser::combine(const std::vector<std::pair<const PlannedColumn*, std::string>>& pieces,
                        ParsedRow& row) {
  const auto& first = *pieces[0].first;
  Cell cell;
  cell.kind = CellKind::Text;
  const bool lines = first.field->type == FieldType::LongText && pieces.size() > 1;
  for (const auto& [column, text] : pieces) {
    if (!cell.text.empty()) cell.text += lines ? "\n" : ends_in_han(cell.text) ? "" : " ";
    if (lines) cell.text += column->name + ": ";
    cell.text += text;
  }
  parse_value(first, cell, row);
}

void RowParser::parse_column(const PlannedColumn& column, const Cell& cell, ParsedRow& row,
                             std::vector<Pending>& pending) {
  const std::string text = meant(column, std::string(trimmed(cell.text)));
  if (text.empty()) return;
  if (column.is_external_id) row.external_id = text;
  if (column.is_key) row.key = text;
  if (column.field == nullptr) return;
  if (column.field->multiple) {
    parse_many(column, cell.text, row);
  } else if (column.field->is_reference()) {
    pending.push_back({&column, text});
  } else if (text == trimmed(cell.text)) {
    parse_value(column, cell, row);
  } else {
    Cell replaced;
    replaced.kind = CellKind::Text;
    replaced.text = text;
    parse_value(column, replaced, row);
  }
}

ParsedRow RowParser::parse(const std::vector<Cell>& cells, std::int64_t number) {
  ParsedRow row;
  row.number = number;
  row.draft = plan_.defaults;
  row.blank = true;
  std::vector<Pending> pending;
  std::vector<
      std::pair<const FieldDefinition*, std::vector<std::pair<const PlannedColumn*, std::string>>>>
      combined;
  static const Cell kEmpty;
  for (const auto& column : plan_.columns) {
    const Cell& cell = column.index < cells.size() ? cells[column.index] : kEmpty;
    const std::string_view text = trimmed(cell.text);
    row.fingerprint = hash_text(
        text, row.fingerprint ^ hash_text(column.field == nullptr ? "" : column.field->name));
    if (text.empty()) continue;
    row.blank = false;
    if (column.field != nullptr && takes_several_columns(*column.field)) {
      const std::string piece = meant(column, cell.text);
      const auto same = std::find_if(combined.begin(), combined.end(), [&](const auto& entry) {
        return entry.first == column.field;
      });
      if (piece.empty()) continue;
      if (same == combined.end()) {
        combined.push_back({column.field, {{&column, piece}}});
      } else {
        same->second.emplace_back(&column, piece);
      }
    } else {
      parse_column(column, cell, row, pending);
    }
  }
  for (const auto& [field, pieces] : combined) combine(pieces, row);
  // Twice: the account may stand behind the contact that it tells apart.
  std::stable_sort(pending.begin(), pending.end(), [&](const Pending& a, const Pending& b) {
    return resolver_.candidates(a.column->field->target, a.text).size() <
           resolver_.candidates(b.column->field->target, b.text).size();
  });
  for (const auto& reference : pending) resolve(reference, row);
  // Owner and pool exclude each other; what the file says wins over the default.
  if (row.from_file.values.contains("owner_id")) row.draft.values.erase("pool_id");
  if (row.from_file.values.contains("pool_id")) row.draft.values.erase("owner_id");
  for (const auto& [key, blocks] : dedupe_.exact_keys(plan_.definition().name, row.from_file)) {
    row.keys.push_back(hash_text(key, 1));
    if (blocks) row.blocking_keys.push_back(row.keys.back());
  }
  if (!row.external_id.empty()) row.keys.push_back(hash_text(row.external_id, 2));
  parse_companions(cells, row);
  return row;
}

void RowParser::parse_companions(const std::vector<Cell>& cells, ParsedRow& row) {
  for (std::size_t i = 0; i < companions_.size(); ++i) {
    ParsedCompanion parsed{&plan_.companions[i], companions_[i].parse(cells, row.number)};
    // The same customer with another contact is another line.
    row.fingerprint = hash_text(std::to_string(parsed.row.fingerprint), row.fingerprint);
    if (parsed.row.blank) continue;
    row.blank = false;
    for (auto& error : parsed.row.errors) {
      error.field.insert(0, companions_[i].plan_.definition().name + ".");
      row.errors.push_back(std::move(error));
    }
    row.companions.push_back(std::move(parsed));
  }
}

}  // namespace kehai::platform
