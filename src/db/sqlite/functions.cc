#include "db/sqlite/functions.h"

#include <sqlite3.h>

#include <array>
#include <cstdint>
#include <string_view>

#include "base/arithmetic.h"
#include "base/error.h"

namespace kehai::db::sqlite {
namespace {

bool any_null(int count, sqlite3_value** values) {
  for (int i = 0; i < count; ++i) {
    if (sqlite3_value_type(values[i]) == SQLITE_NULL) return true;
  }
  return false;
}

void answer(sqlite3_context* context, base::Exact result) {
  if (result) {
    sqlite3_result_int64(context, *result);
  } else {
    sqlite3_result_null(context);
  }
}

// One pure function of integers; null when an operand is null.
template <auto function>
void integers(sqlite3_context* context, int count, sqlite3_value** values) {
  if (any_null(count, values)) return sqlite3_result_null(context);
  const auto operand = [&](int i) { return sqlite3_value_int64(values[i]); };
  answer(context, function(operand));
}

void ends_with(sqlite3_context* context, int count, sqlite3_value** values) {
  if (any_null(count, values)) return sqlite3_result_null(context);
  const auto text = [&](int i) {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_value_text(values[i]));
    return std::string_view(bytes, static_cast<std::size_t>(sqlite3_value_bytes(values[i])));
  };
  sqlite3_result_int(context, text(0).ends_with(text(1)) ? 1 : 0);
}

// SQLite's memory is aligned for 8 bytes only, so the 128-bit total is kept in two halves.
struct Sum {
  std::int64_t high;
  std::uint64_t low;
  std::int64_t count;
};

void sum_step(sqlite3_context* context, int, sqlite3_value** values) {
  if (sqlite3_value_type(values[0]) == SQLITE_NULL) return;
  auto* sum = static_cast<Sum*>(sqlite3_aggregate_context(context, sizeof(Sum)));
  if (sum == nullptr) return sqlite3_result_error_nomem(context);
  const std::int64_t value = sqlite3_value_int64(values[0]);
  const bool carry = __builtin_add_overflow(sum->low, static_cast<std::uint64_t>(value), &sum->low);
  sum->high += (value < 0 ? -1 : 0) + (carry ? 1 : 0);
  ++sum->count;
}

void sum_final(sqlite3_context* context) {
  const auto* sum = static_cast<const Sum*>(sqlite3_aggregate_context(context, 0));
  if (sum == nullptr || sum->count == 0) return sqlite3_result_null(context);
  // Fits when the high half is only the sign of the low half.
  const auto low = static_cast<std::int64_t>(sum->low);
  answer(context, sum->high == (low < 0 ? -1 : 0) ? base::Exact(low) : std::nullopt);
}

struct Function {
  const char* name;
  int operands;
  void (*run)(sqlite3_context*, int, sqlite3_value**);
};

constexpr auto kAdd = [](const auto& x) { return base::add_scaled(x(0), x(1), x(2), x(3)); };
constexpr auto kMultiply = [](const auto& x) { return base::multiply_scaled(x(0), x(1), x(2)); };
constexpr auto kDivide = [](const auto& x) { return base::divide_scaled(x(0), x(1), x(2)); };
constexpr auto kTruncated = [](const auto& x) { return base::divide_truncated(x(0), x(1)); };
constexpr auto kRemainder = [](const auto& x) {
  return base::remainder_scaled(x(0), x(1), x(2), x(3));
};
constexpr auto kDatePart = [](const auto& x) {
  return base::date_part(x(0), static_cast<base::DatePart>(x(1)));
};

constexpr std::array kFunctions = {
    Function{"kehai_add", 4, integers<kAdd>},
    Function{"kehai_multiply", 3, integers<kMultiply>},
    Function{"kehai_divide", 3, integers<kDivide>},
    Function{"kehai_divide_truncated", 2, integers<kTruncated>},
    Function{"kehai_remainder", 4, integers<kRemainder>},
    Function{"kehai_date_part", 2, integers<kDatePart>},
    Function{"kehai_ends_with", 2, ends_with},
};

void check(int code, const char* name) {
  if (code != SQLITE_OK) {
    throw base::Error(base::ErrorKind::Internal, "database.sql_error", {}, name);
  }
}

}  // namespace

void register_functions(sqlite3* handle) {
  constexpr int kFlags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY;
  for (const Function& function : kFunctions) {
    check(sqlite3_create_function_v2(handle, function.name, function.operands, kFlags, nullptr,
                                     function.run, nullptr, nullptr, nullptr),
          function.name);
  }
  check(sqlite3_create_function_v2(handle, "kehai_sum", 1, kFlags, nullptr, nullptr, sum_step,
                                   sum_final, nullptr),
        "kehai_sum");
}

}  // namespace kehai::db::sqlite
