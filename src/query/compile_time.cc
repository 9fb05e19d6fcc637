// Dates and times of day in the organisation's zone: the zone's transitions become a tree of
// comparisons, so that both databases use exactly the offsets that the program uses.
#include "query/compile_internal.h"
#include "query/lexer.h"

namespace kehai::query {
namespace {

// Added before dividing, so that the dividend is never negative (SQL's division truncates).
constexpr std::int64_t kShiftDays = 1'000'000;

int part_number(Operation operation) {
  return static_cast<int>(operation) - static_cast<int>(Operation::Year) + 1;
}

}  // namespace

void SqlWriter::date_part(const Expression& node) {
  if (!postgres_) {
    text("kehai_date_part(");
    value(*node.children[0]);
    return text(", " + std::to_string(part_number(node.operation)) + ")");
  }
  static constexpr std::string_view kFormats[] = {"YYYY", "MM", "DD", "YYYYMM", "YYYYQ"};
  const std::string before = std::to_string(kFirstDate - 1);
  const std::string after = std::to_string(kLastDate + 1);
  // Out of range becomes null, by the same way as in narrowed().
  text("CAST(to_char(DATE '1970-01-01' + CAST(nullif(nullif(least(greatest(");
  value(*node.children[0]);
  text(", " + before + "), " + after + "), " + before + "), " + after + ") AS INTEGER), '");
  text(kFormats[part_number(node.operation) - 1]);
  text("') AS BIGINT)");
}

void SqlWriter::local_time(const Expression& node) {
  bound(*node.children[0], [&](const std::function<void()>& instant) {
    text("CASE WHEN ");
    instant();
    text(" BETWEEN " + std::to_string(kFirstInstant) + " AND " + std::to_string(kLastInstant) +
         " THEN ");
    local_milliseconds(instant);
    const std::string day = std::to_string(kDay);
    switch (node.operation) {
      case Operation::LocalDate:
        text(" / " + day + " - " + std::to_string(kShiftDays));
        break;
      case Operation::Hour:
        text(" % " + day + " / 3600000");
        break;
      case Operation::Minute:
        text(" % 3600000 / 60000");
        break;
      default:
        text(" % 60000 / 1000");
    }
    text(" END");
  });
}

void SqlWriter::local_milliseconds(const std::function<void()>& instant) {
  text("(");
  instant();
  text(" + ");
  offset(instant, 0, state_.zone.transitions().size());
  text(" + " + std::to_string(kShiftDays * kDay) + ")");
}

// The offset among transitions [first, last); before the first transition its offset holds too.
void SqlWriter::offset(const std::function<void()>& instant, std::size_t first, std::size_t last) {
  const auto& transitions = state_.zone.transitions();
  if (last - first <= 1) {
    return text("CAST(" + std::to_string(transitions.empty() ? 0 : transitions[first].offset) +
                " AS BIGINT)");
  }
  const std::size_t middle = first + (last - first) / 2;
  text("CASE WHEN ");
  instant();
  text(" < " + std::to_string(transitions[middle].from) + " THEN ");
  offset(instant, first, middle);
  text(" ELSE ");
  offset(instant, middle, last);
  text(" END");
}

}  // namespace kehai::query
