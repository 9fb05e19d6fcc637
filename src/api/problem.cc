#include "api/problem.h"

#include <charconv>

#include "base/json.h"

namespace kehai::api {

namespace {

constexpr int kRetrySeconds = 5;  // after 503, when the error does not say

void write_fields(base::JsonWriter& writer, const base::Error& error, const base::Texts& texts,
                  base::Language language, std::string_view target_key) {
  writer.begin_array();
  for (const auto& field : error.field_errors()) {
    writer.begin_object();
    writer.key(target_key).text(field.field);
    writer.key("code").text(field.code);
    writer.key("message").text(message_of(texts, language, field.code, field.params));
    writer.end_object();
  }
  writer.end_array();
}

// The members of one JSON object without its braces.
std::string_view members(std::string_view object) {
  const auto open = object.find('{');
  const auto close = object.rfind('}');
  if (open == std::string_view::npos || close == std::string_view::npos || close <= open) return {};
  return object.substr(open + 1, close - open - 1);
}

// Puts what an error says beyond its code into the object that `out` ends with.
void append_data(std::string& out, const base::Error& error) {
  const auto data = members(error.data());
  if (data.empty()) return;
  out.back() = ',';
  out.append(data);
  out.push_back('}');
}

bool is_number(const std::string& text) {
  std::int64_t value = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  return !text.empty() && end.ec == std::errc() && end.ptr == text.data() + text.size();
}

std::string parameter(const base::Error& error, const char* name) {
  const auto found = error.params().find(name);
  return found == error.params().end() ? std::string() : found->second;
}

std::string body_of(int status, const base::Error& error, const ProblemAddress& address) {
  const auto title = message_of(address.texts, address.language, error.code(), error.params());
  std::string out;
  base::JsonWriter writer(out);
  writer.begin_object();
  writer.key("type").text("about:blank");
  writer.key("status").integer(status);
  writer.key("title").text(title);
  writer.key("code").text(error.code());
  writer.key("request_id").text(address.request_id);
  if (const auto position = parameter(error, "position"); is_number(position)) {
    writer.key("position").raw(position);
  }
  if (!error.field_errors().empty()) {
    writer.key("fields");
    write_fields(writer, error, address.texts, address.language, "field");
  }
  writer.key("error").begin_object();
  writer.key("code").text(error.code());
  writer.key("message").text(title);
  if (!error.field_errors().empty()) {
    writer.key("details");
    write_fields(writer, error, address.texts, address.language, "target");
  }
  writer.end_object();
  writer.end_object();
  append_data(out, error);
  return out;
}

}  // namespace

int status_of(base::ErrorKind kind) {
  switch (kind) {
    case base::ErrorKind::Invalid:
      return 400;
    case base::ErrorKind::Unauthenticated:
      return 401;
    case base::ErrorKind::Forbidden:
      return 403;
    case base::ErrorKind::NotFound:
      return 404;
    case base::ErrorKind::Conflict:
      return 409;
    case base::ErrorKind::Stale:
      return 412;
    case base::ErrorKind::TooLarge:
      return 413;
    case base::ErrorKind::Unprocessable:
      return 422;
    case base::ErrorKind::PreconditionRequired:
      return 428;
    case base::ErrorKind::Limit:
      return 429;
    case base::ErrorKind::Internal:
      return 500;
    case base::ErrorKind::NotImplemented:
      return 501;
    case base::ErrorKind::Unavailable:
      return 503;
    case base::ErrorKind::StorageFull:
      return 507;
  }
  return 500;
}

std::string message_of(const base::Texts& texts, base::Language language, const std::string& code,
                       const base::Params& given) {
  // A parameter may itself be a code (why a phone number is wrong) or a word of the expression
  // language.
  base::Params params = given;
  for (auto& [name, value] : params) {
    if (value.find('.') != std::string::npos && texts.has(language, value)) {
      value = texts.text(language, value);
    } else if (name == "expected" || name == "found" || name == "left" || name == "right") {
      const std::string term = "query.term." + value;
      if (texts.has(language, term)) value = texts.text(language, term);
    }
  }
  if (texts.has(language, code)) return texts.text(language, code, params);
  // Codes that carry an object's name ("lead.bad_transition") share one text.
  const auto dot = code.find('.');
  if (dot != std::string::npos) {
    const auto common = "*" + code.substr(dot);
    if (texts.has(language, common)) return texts.text(language, common, params);
  }
  return texts.text(language, "internal");
}

http::Response problem(int status, const base::Error& error, const ProblemAddress& address) {
  http::Response response;
  response.status = status;
  response.body = body_of(status, error, address);
  response.header("Content-Type", "application/problem+json; charset=utf-8");
  response.header("Content-Language", std::string(base::language_name(address.language)));
  if (status == 401 && !address.from_browser) {
    response.header("WWW-Authenticate", "Bearer realm=\"Kehai\"");
    response.header("WWW-Authenticate", "Basic realm=\"Kehai\", charset=\"UTF-8\"");
  }
  if (status == 429 || status == 503) {
    const auto seconds = parameter(error, "seconds");
    response.header("Retry-After", is_number(seconds) ? seconds : std::to_string(kRetrySeconds));
  }
  return response;
}

http::Response problem(const base::Error& error, const ProblemAddress& address) {
  return problem(status_of(error.kind()), error, address);
}

std::string failure_json(std::int64_t id, const base::Error& error, const base::Texts& texts,
                         base::Language language) {
  std::string out;
  base::JsonWriter writer(out);
  writer.begin_object();
  writer.key("id").integer(id);
  writer.key("code").text(error.code());
  // One wrong field says more than "please check the marked fields".
  if (error.field_errors().size() == 1) {
    const auto& field = error.field_errors().front();
    writer.key("message").text(message_of(texts, language, field.code, field.params));
  } else {
    writer.key("message").text(message_of(texts, language, error.code(), error.params()));
  }
  writer.key("status").integer(status_of(error.kind()));
  if (!error.field_errors().empty()) {
    writer.key("fields");
    write_fields(writer, error, texts, language, "field");
  }
  writer.end_object();
  append_data(out, error);
  return out;
}

}  // namespace kehai::api
