#include "platform/transfer/formats/header_row.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace kehai::platform {

namespace {

std::size_t filled(const std::vector<Cell>& cells) {
  return static_cast<std::size_t>(std::count_if(
      cells.begin(), cells.end(), [](const Cell& cell) { return cell.kind != CellKind::Empty; }));
}

// The usual number of filled cells of a full row: the 90th percentile, so that one broken row does
// not decide.
std::size_t usual_width(const std::vector<TableRow>& rows) {
  std::vector<std::size_t> counts;
  for (const TableRow& row : rows) {
    const std::size_t count = filled(row.cells);
    if (count >= 2) counts.push_back(count);
  }
  if (counts.empty()) return 1;
  std::sort(counts.begin(), counts.end());
  return counts[(counts.size() - 1) * 9 / 10];
}

// Digits, signs, dates, amounts, addresses: what a column name is not.
bool looks_like_value(const Cell& cell) {
  if (cell.kind != CellKind::Text) return cell.kind != CellKind::Empty;
  std::size_t digits = 0, letters = 0;
  for (const char c : cell.text) {
    if (c == '@') return true;
    if (c >= '0' && c <= '9')
      ++digits;
    else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
             static_cast<unsigned char>(c) >= 0x80)
      ++letters;
  }
  // "¥12.00" and "2026年3月1日" have more digits than letters; "2023年销售额" has not.
  return digits > 0 && letters <= 9 && digits * 2 > letters;
}

// Letters over a column of figures are a name, even when they end with a digit: "D1", "Q2".
bool stands_over_figures(const std::vector<TableRow>& rows, std::size_t header,
                         std::size_t column) {
  std::size_t figures = 0, others = 0;
  for (std::size_t i = header + 1; i < std::min(rows.size(), header + 21); ++i) {
    if (column >= rows[i].cells.size() || rows[i].cells[column].kind == CellKind::Empty) continue;
    const std::string& text = rows[i].cells[column].text;
    (text.find_first_not_of("0123456789.,-+") == std::string::npos ? figures : others) += 1;
  }
  return figures >= 2 && figures >= others * 4;
}

// Cells of a row that are no column names.
std::size_t count_values(const std::vector<TableRow>& rows, std::size_t index) {
  std::size_t values = 0;
  const std::vector<Cell>& cells = rows[index].cells;
  for (std::size_t column = 0; column < cells.size(); ++column) {
    const Cell& cell = cells[column];
    if (!looks_like_value(cell)) continue;
    const bool letter_first = cell.kind == CellKind::Text && !cell.text.empty() &&
                              (static_cast<unsigned char>(cell.text[0] | 0x20) >= 'a');
    if (letter_first && stands_over_figures(rows, index, column)) continue;
    ++values;
  }
  return values;
}

// "Column1", "列2", "F3": what Excel calls the columns of a table whose own header it did not see.
bool has_generic_names(const std::vector<Cell>& cells) {
  std::size_t number = 0;
  for (const Cell& cell : cells) {
    if (cell.kind != CellKind::Text) return false;
    const std::string digits = std::to_string(++number);
    if (cell.text != "Column" + digits && cell.text != "列" + digits && cell.text != "F" + digits)
      return false;
  }
  return number >= 2;
}

// The header under account lines that are nearly as full as the table ("账号 | 6200… | 日期范围 |
// 2025…"): a wider row of nothing but names, with figures under a third of them.
int header_below(const std::vector<TableRow>& rows, std::size_t first, std::size_t usual) {
  std::size_t widest = filled(rows[first].cells);
  for (std::size_t i = first + 1; i + 1 < std::min(rows.size(), first + 15); ++i) {
    const std::size_t count = filled(rows[i].cells);
    if (count > widest && count >= 4 && count >= usual && count_values(rows, i) == 0) {
      std::size_t figures = 0;
      const std::vector<Cell>& below = rows[i + 1].cells;
      for (const Cell& cell : below) figures += looks_like_value(cell) ? 1 : 0;
      if (figures * 3 >= count) return static_cast<int>(i);
    }
    widest = std::max(widest, count);
  }
  return -1;
}

bool starts_with_any(std::string_view text, const std::array<std::string_view, 8>& words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return text.substr(0, word.size()) == word; });
}

bool contains_early(std::string_view text, std::string_view word) {
  const std::size_t at = text.find(word);
  return at != std::string_view::npos && at <= 18;
}

bool only_dashes(std::string_view text) {
  return text.size() >= 4 && text.find_first_not_of("-=_*# ") == std::string_view::npos;
}

}  // namespace

int find_header(const std::vector<TableRow>& rows) {
  const std::size_t usual = usual_width(rows);
  const std::size_t needed = usual <= 1 ? 1 : std::max<std::size_t>(2, (usual * 6 + 9) / 10);
  int generic = -1;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::size_t count = filled(rows[i].cells);
    if (count < needed || count == 0) continue;
    if (has_generic_names(rows[i].cells)) {
      generic = static_cast<int>(i);
      continue;
    }
    if (count_values(rows, i) * 10 <= count * 3) return static_cast<int>(i);
    if (const int below = header_below(rows, i, usual); below >= 0) return below;
    // Data. Names that a program has made up are better than none.
    return generic;
  }
  return generic;
}

bool is_summary_row(const std::vector<Cell>& cells, std::size_t columns) {
  const auto first = std::find_if(cells.begin(), cells.end(),
                                  [](const Cell& cell) { return cell.kind != CellKind::Empty; });
  if (first == cells.end() || first->kind != CellKind::Text) return false;
  const std::size_t count = filled(cells);
  if (count == 1 && columns > 1 && only_dashes(first->text)) return true;
  if (columns < 3 || count * 10 > columns * 6) return false;
  static constexpr std::array<std::string_view, 8> kStarts = {"合计", "总计", "小计", "总金额",
                                                              "合計", "總計", "小計", "本页合计"};
  if (starts_with_any(first->text, kStarts)) return true;
  if (first->text == "Total" || first->text == "TOTAL" || first->text == "Grand Total") return true;
  if (count > 3) return false;
  return contains_early(first->text, "合计") ||
         ((first->text.rfind("共", 0) == 0) && (first->text.find("笔") != std::string::npos ||
                                                first->text.find("条") != std::string::npos));
}

bool is_blank_row(const std::vector<Cell>& cells) {
  return filled(cells) == 0;
}

std::string joined_text(const std::vector<Cell>& cells, std::size_t limit) {
  std::string text;
  for (const Cell& cell : cells) {
    if (cell.text.empty()) continue;
    if (!text.empty()) text += ' ';
    text += cell.text;
    if (text.size() > limit) break;
  }
  if (text.size() > limit) {
    while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0) == 0x80) --limit;
    text.resize(limit);
  }
  return text;
}

}  // namespace kehai::platform
