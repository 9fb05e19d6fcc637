#include "db/postgres/errors.h"

#include <utility>

namespace kehai::db::postgres {
namespace {

using base::Error;
using base::ErrorKind;
using Remedy = ServerFailure::Remedy;

struct Rule {
  std::string_view prefix;  // of the SQLSTATE; the first that fits counts
  ErrorKind kind;
  const char* code;
  Remedy remedy;
};

constexpr Rule kRules[] = {
    {"40001", ErrorKind::Unavailable, "database.conflict", Remedy::Rerun},
    {"40P01", ErrorKind::Unavailable, "database.conflict", Remedy::Rerun},
    {"55P03", ErrorKind::Unavailable, "database.conflict", Remedy::Rerun},
    {"57014", ErrorKind::Limit, "query.too_expensive", Remedy::None},
    {"23", ErrorKind::Conflict, "database.constraint", Remedy::None},
    {"22003", ErrorKind::Invalid, "query.overflow", Remedy::None},
    {"22021", ErrorKind::Invalid, "database.invalid_text", Remedy::None},
    {"25006", ErrorKind::Internal, "database.read_only_transaction", Remedy::None},
    {"25P02", ErrorKind::Internal, "database.transaction_failed", Remedy::None},
    {"26000", ErrorKind::Unavailable, "database.conflict", Remedy::Replan},
    {"53100", ErrorKind::StorageFull, "database.full", Remedy::None},
    {"53200", ErrorKind::Unavailable, "database.out_of_memory", Remedy::None},
    {"53300", ErrorKind::Unavailable, "database.unreachable", Remedy::None},
    {"54000", ErrorKind::TooLarge, "database.too_large", Remedy::None},
    {"57P", ErrorKind::Unavailable, "database.unreachable", Remedy::Reconnect},
    {"08", ErrorKind::Unavailable, "database.unreachable", Remedy::Reconnect},
    {"58", ErrorKind::Unavailable, "database.io_error", Remedy::None},
    {"XX001", ErrorKind::Unavailable, "database.damaged", Remedy::None},
    {"XX002", ErrorKind::Unavailable, "database.damaged", Remedy::None},
};

}  // namespace

ServerFailure make_failure(std::string_view state, std::string_view message,
                           std::string_view context) {
  std::string detail = "PostgreSQL " + std::string(state) + ": " + std::string(message);
  while (!detail.empty() && detail.back() == '\n') detail.pop_back();
  if (!context.empty()) detail += " in: " + std::string(context);
  if (state.empty()) {
    return {Error(ErrorKind::Unavailable, "database.unreachable", {}, detail), Remedy::Reconnect};
  }
  // Another node changed the schema under a cached statement.
  if (state == "0A000" && message.find("cached plan") != std::string_view::npos) {
    return {Error(ErrorKind::Unavailable, "database.conflict", {}, detail), Remedy::Replan};
  }
  for (const Rule& rule : kRules) {
    if (state.starts_with(rule.prefix)) {
      return {Error(rule.kind, rule.code, {}, detail), rule.remedy};
    }
  }
  return {Error(ErrorKind::Internal, "database.sql_error", {}, detail), Remedy::None};
}

}  // namespace kehai::db::postgres
