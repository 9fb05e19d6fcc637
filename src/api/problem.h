// Errors as answers: the one place where base::Error becomes an HTTP status and a body that is both
// problem+json (RFC 9457) and OData's error. Detail never leaves the process.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/language.h"
#include "http/message.h"

namespace kehai::api {

int status_of(base::ErrorKind kind);

// Where the answer goes: what the body and its headers depend on.
struct ProblemAddress {
  const base::Texts& texts;
  base::Language language;
  std::string_view request_id;
  // Browsers ask for a password in a box of their own when they see WWW-Authenticate; programs need
  // it.
  bool from_browser = false;
};

http::Response problem(const base::Error& error, const ProblemAddress& address);
// For what has no ErrorKind: 404 and 405 of the router, 415.
http::Response problem(int status, const base::Error& error, const ProblemAddress& address);

// The person's words for a code: the object's own text, else the common one ("lead.bad_transition"
// → "bad_transition").
std::string message_of(const base::Texts& texts, base::Language language, const std::string& code,
                       const base::Params& params);

// {"id","code","message","status"} with the "fields" and further members that the answer for this
// record alone has: how bulk actions name one failure.
std::string failure_json(std::int64_t id, const base::Error& error, const base::Texts& texts,
                         base::Language language);

}  // namespace kehai::api
