#include "api/odata.h"

#include <algorithm>
#include <charconv>

#include "base/error.h"
#include "http/encoding.h"
#include "query/printer.h"

namespace kehai::api {

namespace {

using base::Error;
using base::ErrorKind;

bool is_number_part(char c) {
  return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

[[noreturn]] void unknown_option(const std::string& name) {
  throw Error(ErrorKind::Invalid, "query.unknown_option", {{"name", name}});
}

void check_json_format(const query::QueryOptions& options) {
  if (options.format.empty() || options.format == "json" ||
      options.format.starts_with("application/json"))
    return;
  throw Error(ErrorKind::Invalid, "query.bad_option", {{"name", "$format"}});
}

}  // namespace

std::string_view odata_version(const http::Request& request) {
  return http::trim_blanks(request.header("odata-maxversion")) == "4.0" ? "4.0" : "4.01";
}

http::Response odata_json(const ApiContext& context, std::string body, int status) {
  const bool as_text = wants_numbers_as_text(context.request);
  http::Response response;
  response.status = status;
  response.body = as_text ? with_numbers_as_text(body) : std::move(body);
  response.header("Content-Type", as_text
                                      ? "application/json; IEEE754Compatible=true; charset=utf-8"
                                      : "application/json; charset=utf-8");
  response.header("OData-Version", std::string(odata_version(context.request)));
  return response;
}

std::string context_address(const ApiContext& context, std::string_view collection,
                            const query::QueryOptions& options, bool single) {
  std::string out = context.link("/$metadata#");
  out += collection;
  if (!options.select.empty()) {
    char separator = '(';
    for (const auto& item : options.select) {
      out += separator;
      for (std::size_t i = 0; i < item.path.size(); ++i) out += (i == 0 ? "" : "/") + item.path[i];
      separator = ',';
    }
    out += ')';
  }
  if (single) out += "/$entity";
  return out;
}

std::string next_link(const ApiContext& context, std::string_view token) {
  std::string out = context.parts.settings.public_origin + http::percent_encode(context.path, true);
  char separator = '?';
  for (const auto& [name, value] : context.request.query) {
    // $skip is spent on the first page.
    if (name == "$skiptoken" || name == "skiptoken" || name == "$skip" || name == "skip") continue;
    out += separator;
    out += (name.starts_with('$') ? "$" : "") +
           http::percent_encode(name.starts_with('$') ? name.substr(1) : name);
    out += '=' + http::percent_encode(value);
    separator = '&';
  }
  out += separator;
  out += "$skiptoken=";
  out += http::percent_encode(token);
  return out;
}

std::string expansion_link(const Settings& settings, const record::ObjectSchema& object,
                           record::RecordId id, const std::string& navigation,
                           const query::QueryOptions& options, std::string_view token) {
  std::string out = settings.public_origin;
  out += kRoot;
  out += "/" + object.definition().collection + "/" + std::to_string(id) + "/" + navigation;
  char separator = '?';
  const auto add = [&](std::string_view name, const std::string& value) {
    if (value.empty()) return;
    out += separator;
    out += name;
    out += '=' + http::percent_encode(value);
    separator = '&';
  };
  add("$select", query::print(options.select));
  add("$filter", query::print(options.filter));
  add("$orderby", query::print(options.order));
  add("$expand", query::print(options.expand));
  if (options.top) add("$top", std::to_string(*options.top));
  if (options.count) add("$count", "true");
  for (const auto& [name, value] : options.aliases) add("@" + name, query::print(value));
  add("$skiptoken", std::string(token));
  return out;
}

std::string entity_tag(std::int64_t version) {
  return "W/\"" + std::to_string(version) + "\"";
}

IfMatch parse_if_match(std::string_view header) {
  IfMatch result;
  auto text = http::trim_blanks(header);
  if (text.empty()) return result;
  if (text == "*") {
    result.any = true;
    return result;
  }
  if (text.starts_with("W/")) text.remove_prefix(2);
  const bool quoted = text.size() > 2 && text.front() == '"' && text.back() == '"';
  std::int64_t version = 0;
  if (quoted) {
    text = text.substr(1, text.size() - 2);
    const auto end = std::from_chars(text.data(), text.data() + text.size(), version);
    if (end.ec == std::errc() && end.ptr == text.data() + text.size() && version > 0) {
      result.version = version;
      return result;
    }
  }
  throw Error(ErrorKind::Invalid, "request.if_match");
}

bool matches_none(std::string_view if_none_match, std::string_view tag) {
  const auto plain = [](std::string_view text) {
    return text.starts_with("W/") ? text.substr(2) : text;
  };
  while (!if_none_match.empty()) {
    const auto end = std::min(if_none_match.find(','), if_none_match.size());
    const auto part = http::trim_blanks(if_none_match.substr(0, end));
    if (part == "*" || plain(part) == plain(tag)) return true;
    if_none_match =
        end == if_none_match.size() ? std::string_view() : if_none_match.substr(end + 1);
  }
  return false;
}

Return preferred_return(const http::Request& request) {
  const auto prefer = http::to_lower_ascii(request.header("prefer"));
  if (prefer.find("return=minimal") != std::string::npos) return Return::Minimal;
  if (prefer.find("return=representation") != std::string::npos) return Return::Representation;
  return Return::Default;
}

bool wants_numbers_as_text(const http::Request& request) {
  return http::to_lower_ascii(request.header("accept")).find("ieee754compatible=true") !=
         std::string::npos;
}

std::string with_numbers_as_text(std::string_view json) {
  std::string out;
  out.reserve(json.size() + json.size() / 8);
  for (std::size_t i = 0; i < json.size();) {
    const std::size_t begin = i;
    if (json[i] == '"') {
      for (++i; i < json.size() && json[i] != '"'; ++i) {
        if (json[i] == '\\') ++i;
      }
      i = std::min(i + 1, json.size());
      out.append(json.substr(begin, i - begin));
    } else if (json[i] == '-' || (json[i] >= '0' && json[i] <= '9')) {
      while (i < json.size() && is_number_part(json[i])) ++i;
      out += '"';
      out.append(json.substr(begin, i - begin));
      out += '"';
    } else {
      out += json[i++];
    }
  }
  return out;
}

query::QueryOptions record_options(const ApiContext& context) {
  for (const auto& [name, value] : context.request.query) {
    const std::string word = name.starts_with('$') ? name.substr(1) : name;
    if (word != "select" && word != "expand" && word != "format") unknown_option(name);
  }
  auto options = query::parse_options(context.request.query);
  check_json_format(options);
  return options;
}

CollectionOptions collection_options(const ApiContext& context) {
  // The exact count and the bounded one are asked for by names that differ in the "$" only.
  bool bounded = false;
  std::vector<std::pair<std::string, std::string>> parameters;
  for (const auto& parameter : context.request.query) {
    if (parameter.first == "count" && parameter.second == "bounded") {
      if (bounded) throw Error(ErrorKind::Invalid, "query.bad_option", {{"name", "count"}});
      bounded = true;
    } else {
      parameters.push_back(parameter);
    }
  }
  std::vector<std::pair<std::string, std::string>> others;
  CollectionOptions result;
  result.query = query::parse_options(parameters, &others);
  if (bounded) {
    result.query.count_bounded = true;
    result.query.count = false;
  }
  bool seen = false;
  for (const auto& [name, value] : others) {
    if (name != "deleted") unknown_option(name);
    if (seen || (value != "true" && value != "false")) {
      throw Error(ErrorKind::Invalid, "query.bad_option", {{"name", name}});
    }
    seen = true;
    result.deleted = value == "true";
  }
  return result;
}

}  // namespace kehai::api
