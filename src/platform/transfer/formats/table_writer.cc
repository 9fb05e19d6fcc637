#include "platform/transfer/formats/table_writer.h"

#include <fmt/format.h>

#include <algorithm>

namespace kehai::platform {

OutCell OutCell::text(std::string_view value) {
  OutCell cell;
  cell.kind_ = Kind::Text;
  cell.text_ = value;
  return cell;
}

OutCell OutCell::integer(std::int64_t value) {
  OutCell cell;
  cell.kind_ = Kind::Integer;
  cell.number_ = value;
  return cell;
}

OutCell OutCell::decimal(std::int64_t value, int scale) {
  OutCell cell;
  cell.kind_ = Kind::Decimal;
  cell.number_ = value;
  cell.scale_ = std::clamp(scale, 0, 18);
  return cell;
}

OutCell OutCell::date(base::Date date) {
  OutCell cell;
  cell.kind_ = Kind::Date;
  cell.number_ = date;
  return cell;
}

OutCell OutCell::date_time(base::Date date, std::int64_t milliseconds) {
  OutCell cell;
  cell.kind_ = Kind::DateTime;
  cell.number_ = date;
  cell.milliseconds_ = std::clamp<std::int64_t>(milliseconds, 0, 86'399'999);
  return cell;
}

OutCell OutCell::boolean(bool value) {
  OutCell cell;
  cell.kind_ = Kind::Boolean;
  cell.number_ = value ? 1 : 0;
  return cell;
}

namespace {

std::string decimal_text(std::int64_t value, int scale) {
  const bool negative = value < 0;
  const std::uint64_t size =
      negative ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
  std::string digits = std::to_string(size);
  const auto places = static_cast<std::size_t>(scale);
  if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
  if (places > 0) digits.insert(digits.size() - places, ".");
  return negative ? "-" + digits : digits;
}

std::string time_text(std::int64_t milliseconds) {
  const std::int64_t seconds = milliseconds / 1000;
  std::string text =
      fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
  if (milliseconds % 1000 != 0) text += fmt::format(".{:03}", milliseconds % 1000);
  return text;
}

}  // namespace

std::string OutCell::plain() const {
  switch (kind_) {
    case Kind::Empty:
      return "";
    case Kind::Text:
      return std::string(text_);
    case Kind::Integer:
      return std::to_string(number_);
    case Kind::Decimal:
      return decimal_text(number_, scale_);
    case Kind::Date:
      return base::format_date(number_);
    case Kind::DateTime:
      return base::format_date(number_) + " " + time_text(milliseconds_);
    case Kind::Boolean:
      return number_ != 0 ? "true" : "false";
  }
  return "";
}

}  // namespace kehai::platform
