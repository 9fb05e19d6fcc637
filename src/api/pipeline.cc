#include "api/pipeline.h"

#include <array>
#include <cctype>
#include <exception>
#include <span>

#include "api/credentials.h"
#include "api/log.h"
#include "api/merge_routes.h"
#include "api/problem.h"
#include "api/replay.h"
#include "api/route_table.h"
#include "base/error.h"
#include "base/random.h"

namespace kehai::api {

namespace {

using base::Error;
using base::ErrorKind;

struct Pass {
  ApiContext& context;
  const RouteTable& routes;
  std::span<http::Response (*const)(Pass&)> rest;  // the steps that follow

  http::Response next() {
    if (rest.empty()) return context.route->handler(context);
    const auto step = rest.front();
    rest = rest.subspan(1);
    return step(*this);
  }
};

bool is_safe(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

void add_header(http::Response& response, std::string_view name, std::string_view value) {
  for (const auto& field : response.headers) {
    if (field.first == name) return;  // the handler knows better
  }
  response.header(std::string(name), std::string(value));
}

ProblemAddress address_of(const ApiContext& context) {
  return {context.texts, context.language, context.request_id,
          !context.request.header("sec-fetch-mode").empty() ||
              !context.request.header("sec-fetch-site").empty()};
}

// ---- The steps, in the order of the list at the end of this part

http::Response give_request_id(Pass& pass) {
  auto& context = pass.context;
  context.request_id = context.request.id;
  if (context.request_id.empty()) {
    constexpr std::size_t kIdBytes = 12;
    context.request_id = context.parts.random.token(kIdBytes);
  }
  return pass.next();
}

http::Response write_log(Pass& pass) {
  const auto begin = std::chrono::steady_clock::now();
  auto response = pass.next();
  const auto duration = std::chrono::steady_clock::now() - begin;
  if (pass.context.route != nullptr) response.route = pass.context.route->pattern;
  log_access(pass.context, response,
             std::chrono::duration_cast<std::chrono::microseconds>(duration));
  return response;
}

http::Response count(Pass& pass) {
  auto response = pass.next();
  auto* metrics = pass.context.parts.metrics;
  if (metrics != nullptr && !pass.context.problem_code.empty()) {
    metrics
        ->counter("kehai_api_problems_total", "Answers that are problems, by code",
                  {{"code", pass.context.problem_code}})
        .add();
  }
  return response;
}

http::Response protect_browser(Pass& pass) {
  auto response = pass.next();
  add_header(response, "X-Content-Type-Options", "nosniff");
  add_header(response, "Referrer-Policy", "no-referrer");
  add_header(response, "X-Frame-Options", "DENY");
  add_header(response, "Content-Security-Policy",
             "default-src 'none'; frame-ancestors 'none'; sandbox");
  add_header(response, "Cross-Origin-Resource-Policy", "same-origin");
  if (pass.context.request.tls) {
    add_header(response, "Strict-Transport-Security", "max-age=31536000; includeSubDomains");
  }
  return response;
}

http::Response forbid_storing(Pass& pass) {
  auto response = pass.next();
  add_header(response, "Cache-Control", "no-store");
  return response;
}

http::Response refuse(ApiContext& context, const Error& error) {
  context.problem_code = error.code();
  if (error.kind() == ErrorKind::Internal || !error.detail().empty())
    log_error(context, error.code(), error.detail());
  return problem(error, address_of(context));
}

http::Response translate_errors(Pass& pass) {
  auto& context = pass.context;
  try {
    return pass.next();
  } catch (const Error& error) {
    return refuse(context, error);
  } catch (const boost::system::system_error& exception) {
    // A handler that took a member for another JSON type than it is: the client's mistake, and
    // worth a line.
    if (exception.code().category() ==
        boost::json::make_error_code(boost::json::error::not_object).category()) {
      return refuse(context, Error(ErrorKind::Invalid, "json.wrong_type", {}, exception.what()));
    }
    return refuse(context, Error(ErrorKind::Internal, "internal", {}, exception.what()));
  } catch (const std::exception& exception) {
    return refuse(context, Error(ErrorKind::Internal, "internal", {}, exception.what()));
  } catch (...) {
    return refuse(context, Error(ErrorKind::Internal, "internal", {}, "unknown exception"));
  }
}

// What was merged into another record is answered from there.
http::Response follow_merged(Pass& pass) {
  try {
    return pass.next();
  } catch (const Error& error) {
    if (auto answer = merged_answer(pass.context, error)) return std::move(*answer);
    throw;
  }
}

http::Response limit_time(Pass& pass) {
  auto& context = pass.context;
  context.deadline = std::chrono::steady_clock::now() +
                     std::chrono::milliseconds(context.parts.settings.request_milliseconds);
  return pass.next();
}

http::Response find_route(Pass& pass) {
  auto& context = pass.context;
  context.path = with_key_segments(context.request.path);
  auto match = pass.routes.match(context.request.method, context.path);
  if (match.route != nullptr) {
    context.route = match.route;
    context.captures = std::move(match.captures);
    return pass.next();
  }
  if (match.allow.empty()) throw Error(ErrorKind::NotFound, "route.not_found");
  if (context.request.method == "OPTIONS") {
    auto response = context.no_content();
    response.header("Allow", match.allow);
    return response;
  }
  const Error error(ErrorKind::Invalid, "route.method", {{"allow", match.allow}});
  context.problem_code = error.code();
  constexpr int kMethodNotAllowed = 405;
  auto response = problem(kMethodNotAllowed, error, address_of(context));
  response.header("Allow", match.allow);
  return response;
}

http::Response check_origin(Pass& pass) {
  const auto& context = pass.context;
  auto allowed = context.parts.settings.allowed_origins;
  if (!context.parts.settings.public_origin.empty())
    allowed.push_back(context.parts.settings.public_origin);
  if (!is_safe(context.request.method) && !comes_from_own_page(context.request, allowed)) {
    throw Error(ErrorKind::Forbidden, "request.cross_site");
  }
  return pass.next();
}

void take_access_token(ApiContext& context, const Authorization& authorization) {
  context.session = context.parts.identity.by_access_token(authorization.secret);
  if (!context.session) throw Error(ErrorKind::Unauthenticated, "session.bad_token");
  context.access_token = authorization.secret;
  // Programs like Excel store a Basic password in documents, so it must not be able to change
  // anything.
  const bool basic = authorization.scheme == Authorization::Scheme::Basic;
  if (basic && (!is_safe(context.request.method) || !context.session->actor.read_only)) {
    throw Error(ErrorKind::Forbidden, "session.basic_read_only");
  }
}

http::Response authenticate(Pass& pass) {
  auto& context = pass.context;
  const auto authorization = parse_authorization(context.request.header("authorization"));
  switch (authorization.scheme) {
    case Authorization::Scheme::Unknown:
      throw Error(ErrorKind::Unauthenticated, "session.bad_token");
    case Authorization::Scheme::Bearer:
    case Authorization::Scheme::Basic:
      // The roots (/metrics) have secrets of their own.
      if (!context.route->at_root) take_access_token(context, authorization);
      break;
    case Authorization::Scheme::None: {
      const auto token =
          cookie_value(context.request.header("cookie"), session_cookie_name(context.request.tls));
      if (token.empty()) break;
      context.session = context.parts.identity.by_session_token(token);
      if (context.session) context.session_token = token;
      break;
    }
  }
  if (context.route->door == Door::SignedIn) context.actor();
  return pass.next();
}

http::Response check_csrf(Pass& pass) {
  const auto& context = pass.context;
  const bool needed = context.has_cookie_session() && !is_safe(context.request.method) &&
                      context.route->door == Door::SignedIn;
  if (needed && !base::equal_constant_time(context.request.header("x-csrf-token"),
                                           context.session->csrf_token)) {
    throw Error(ErrorKind::Forbidden, "session.bad_csrf");
  }
  return pass.next();
}

http::Response choose_language(Pass& pass) {
  auto& context = pass.context;
  const auto wanted = accepted_language(context.request.header("accept-language"));
  if (wanted) context.language = *wanted;
  if (context.session) {
    auto& actor = context.session->actor;
    // Browsers always send the header; a person who is signed in has chosen in the product.
    if (context.has_cookie_session() || !wanted) context.language = actor.language;
    actor.language = context.language;
    actor.request_id = context.request_id;
    actor.via = "api";
  }
  return pass.next();
}

http::Response check_read_only(Pass& pass) {
  const auto& context = pass.context;
  const bool batch = context.route->pattern == "/$batch";  // its parts are checked one by one
  if (context.session && context.session->actor.read_only && !is_safe(context.request.method) &&
      !batch) {
    throw Error(ErrorKind::Forbidden, "session.read_only");
  }
  return pass.next();
}

http::Response repeat_answer(Pass& pass) {
  return with_kept_answer(pass.context, [&] { return pass.next(); });
}

using Step = http::Response (*)(Pass&);

// What happens to every request, from the outside in. Each step may answer itself, or change what
// the later ones answered.
constexpr std::array kSteps = {
    Step{give_request_id},  // one id in the log, the problem body and the audit trail
    Step{write_log},  // one line per request; sees the final status; never bodies, tokens or query
                      // strings
    Step{count},      // problems by code; the server counts the rest
    Step{protect_browser},   // headers that keep an answer from being run, framed or sniffed
    Step{forbid_storing},    // answers are personal: no cache keeps them unless the handler says so
    Step{translate_errors},  // everything thrown below becomes a problem body here and nowhere else
    Step{limit_time},        // long work asks check_deadline()
    Step{find_route},        // 404 and 405 before anything is looked up
    Step{check_origin},  // a page of another site cannot write, whatever cookies the browser adds
    Step{authenticate},  // cookie, Bearer or Basic (read-only); 401 where a session is needed
    Step{choose_language},  // before the checks below say no in it
    Step{check_csrf},       // a write with a cookie proves that the sender could read an answer
    Step{check_read_only},  // read-only tokens never reach a handler that writes
    Step{follow_merged},    // the old address of a merged record leads to the master
    Step{repeat_answer},    // Idempotency-Key: the first answer again
};

// A part of a $batch: the sender is known and proven.
constexpr std::array kBatchSteps = {
    Step{write_log},       Step{count},         Step{translate_errors}, Step{find_route},
    Step{check_read_only}, Step{follow_merged}, Step{repeat_answer},
};

}  // namespace

http::Response run_pipeline(ApiContext& context, const RouteTable& routes) {
  // Messages of the steps before sign-in follow the header.
  context.language = accepted_language(context.request.header("accept-language"))
                         .value_or(base::Language::SimplifiedChinese);
  Pass pass{context, routes, kSteps};
  return pass.next();
}

http::Response run_batch_item(ApiContext& context, const RouteTable& routes) {
  Pass pass{context, routes, kBatchSteps};
  return pass.next();
}

}  // namespace kehai::api
