// From PostgreSQL's SQLSTATE to base::Error.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"

namespace kehai::db::postgres {

// A failure of the server or of the connection. To closures it is an ordinary base::Error.
class ServerFailure : public base::Error {
 public:
  // What the port does about it.
  enum class Remedy {
    None,       // the caller's affair
    Rerun,      // another transaction was in the way: the same closure again
    Reconnect,  // the connection is gone: the same closure again on another one
    Replan,     // cached statements are stale: drop them, then the same closure again
  };

  ServerFailure(base::Error error, Remedy wanted) : base::Error(std::move(error)), remedy(wanted) {}

  Remedy remedy;
};

// `context` is the SQL text. An empty state means a lost connection.
ServerFailure make_failure(std::string_view state, std::string_view message,
                           std::string_view context);

}  // namespace kehai::db::postgres
