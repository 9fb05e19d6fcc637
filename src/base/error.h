// The one exception type for everything that a user, a peer or the environment can cause.
//
// Throw it anywhere; it is translated in exactly two places: the API boundary (problem+json) and
// the job worker. `code` is stable and is the key of the text in src/base/texts/*.json. `detail`
// goes to the log only and never leaves the process.
#pragma once

#include <exception>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace kehai::base {

// Protocol-neutral kinds; src/api/problem.cc maps them to HTTP statuses in one table.
enum class ErrorKind {
  Invalid,               // 400 the request is wrong
  Unauthenticated,       // 401
  Forbidden,             // 403
  NotFound,              // 404 also everything that the caller may not see
  Conflict,              // 409 state machine, taken, duplicate
  Stale,                 // 412 version differs
  TooLarge,              // 413
  Unprocessable,         // 422 well formed, but fields are wrong
  PreconditionRequired,  // 428 If-Match is missing
  Limit,                 // 429 quota, rate
  Internal,              // 500
  NotImplemented,        // 501
  Unavailable,           // 503
  StorageFull,           // 507
};

using Params = std::map<std::string, std::string>;

struct FieldError {
  std::string field;  // API name of the field
  std::string code;   // for example "field.required"
  Params params;
};

class Error : public std::exception {
 public:
  Error(ErrorKind kind, std::string code, Params params = {}, std::string detail = {})
      : kind_(kind),
        code_(std::move(code)),
        params_(std::move(params)),
        detail_(std::move(detail)) {}

  // A 422 that names each wrong field.
  static Error fields(std::vector<FieldError> errors);

  ErrorKind kind() const { return kind_; }
  const std::string& code() const { return code_; }
  const Params& params() const { return params_; }
  const std::string& detail() const { return detail_; }
  const std::vector<FieldError>& field_errors() const { return field_errors_; }
  // Extra machine-readable members of the answer, as JSON text of one object ("" = none).
  const std::string& data() const { return data_; }
  Error& with_data(std::string json_object) {
    data_ = std::move(json_object);
    return *this;
  }
  const char* what() const noexcept override { return code_.c_str(); }

 private:
  ErrorKind kind_;
  std::string code_;
  Params params_;
  std::string detail_;
  std::string data_;
  std::vector<FieldError> field_errors_;
};

}  // namespace kehai::base
