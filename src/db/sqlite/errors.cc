#include "db/sqlite/errors.h"

#include <sqlite3.h>

namespace kehai::db::sqlite {

using base::Error;
using base::ErrorKind;

base::Error make_error(int code, std::string_view message, std::string_view context) {
  std::string detail = "SQLite " + std::to_string(code) + ": " + std::string(message);
  if (!context.empty()) detail += " in: " + std::string(context);
  switch (code & 0xFF) {
    case SQLITE_FULL:
      return Error(ErrorKind::StorageFull, "database.full", {}, detail);
    case SQLITE_INTERRUPT:
      return Error(ErrorKind::Limit, "query.too_expensive", {}, detail);
    case SQLITE_CONSTRAINT:
      return Error(ErrorKind::Conflict, "database.constraint", {}, detail);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Error(ErrorKind::Unavailable, "database.busy", {}, detail);
    case SQLITE_NOMEM:
      return Error(ErrorKind::Unavailable, "database.out_of_memory", {}, detail);
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
      return Error(ErrorKind::Unavailable, "database.io_error", {}, detail);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Error(ErrorKind::Unavailable, "database.damaged", {}, detail);
    case SQLITE_TOOBIG:
      return Error(ErrorKind::TooLarge, "database.too_large", {}, detail);
    case SQLITE_READONLY:
      return Error(ErrorKind::Internal, "database.read_only_transaction", {}, detail);
    default:
      break;
  }
  if (message == "integer overflow") return Error(ErrorKind::Invalid, "query.overflow", {}, detail);
  return Error(ErrorKind::Internal, "database.sql_error", {}, detail);
}

base::Error make_error(sqlite3* connection, int code, std::string_view context) {
  return make_error(code, sqlite3_errmsg(connection), context);
}

bool is_fatal(int code) {
  const int primary = code & 0xFF;
  if (code == SQLITE_IOERR_NOMEM) return false;
  return primary == SQLITE_IOERR || primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB;
}

}  // namespace kehai::db::sqlite
