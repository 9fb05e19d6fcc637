// Numbers as spreadsheets store and show them. Everything works on decimal text: nothing is rounded
// by accident.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/transfer/formats/table_reader.h"

namespace kehai::platform {

// "1.38E+10" → "13800000000", "2087.0249999999996" → "2087.025": plain decimal text, at most 15
// significant digits as spreadsheet programs show them (an integer without exponent keeps all its
// digits). Nothing when `stored` is not a number or has an exponent beyond ±308.
std::optional<std::string> plain_decimal(std::string_view stored);

// Rounds half away from zero to `places` digits behind the point, exactly so many.
std::string round_decimal(std::string_view plain, std::size_t places);

// One number format code ("#,##0.00", "yyyy\-mm\-dd", "[$¥-804]0.00;[Red]-0.00").
class NumberFormat {
 public:
  NumberFormat() = default;  // General
  explicit NumberFormat(std::string_view code);

  bool is_date() const { return has_date_ || has_time_; }
  bool has_date() const { return has_date_; }
  bool has_time() const { return has_time_; }

  // The number as this format shows it, except that scientific notation, fractions and formats
  // without any digit give the plain number.
  std::string render(std::string_view plain) const;

 private:
  struct Token {
    enum Kind { Literal, Digit, Point, Comma, Percent, General } kind;
    std::string text;  // the literal, or one of 0 # ?
  };
  using Section = std::vector<Token>;

  void find_date_parts(std::string_view section);
  static std::optional<Section> parse_section(std::string_view code);
  struct Layout;
  static Layout layout_of(const Section& section);
  static std::string render_section(const Section& section, std::string_view plain, bool negative);
  static std::string render_left(const Section& section, const Layout& layout, std::string whole,
                                 const std::string& number);
  static std::string render_right(const Section& section, const Layout& layout,
                                  std::string_view part);

  std::vector<std::optional<Section>> sections_;
  bool has_date_ = false;
  bool has_time_ = false;
};

// Code of a built-in format id, "" for General and unknown ids.
std::string_view builtin_number_format(int id);

// Fills the date parts and the text of a cell whose number is a serial date. False when it is out
// of range (before 1900, after 9999): then the cell is an ordinary number.
bool set_serial_date(Cell& cell, const NumberFormat& format, bool date_1904);

// Fills kind, number and text of a numeric cell.
void set_number(Cell& cell, std::string plain, const NumberFormat& format, bool date_1904);

}  // namespace kehai::platform
