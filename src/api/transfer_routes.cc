#include "api/transfer_routes.h"

#include <algorithm>
#include <charconv>

#include "base/error.h"
#include "http/multipart.h"

namespace kehai::api {

using base::Error;
using base::ErrorKind;
using platform::Exports;
using platform::Imports;

namespace {

constexpr int kDefaultRows = 100;
constexpr int kMostRows = 500;
constexpr std::uint64_t kLongestName = 200;

std::int64_t number_parameter(const ApiContext& context, std::string_view name,
                              std::int64_t fallback) {
  const std::string text = context.parameter(name);
  if (text.empty()) return fallback;
  std::int64_t value = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end.ec != std::errc() || end.ptr != text.data() + text.size() || value < 0) {
    throw Error(ErrorKind::Invalid, "query.bad_option", {{"name", std::string(name)}});
  }
  return value;
}

std::string format_parameter(const ApiContext& context) {
  std::string format = context.parameter("$format");
  if (format.empty()) format = context.parameter("format");
  return format.empty() ? "xlsx" : format;
}

// RFC 6266 with the name in UTF-8; the plain name is for programs that know nothing else.
std::string disposition(std::string_view name) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
                       (byte >= 'A' && byte <= 'Z') || byte == '-' || byte == '_' || byte == '.';
    if (plain) {
      encoded += c;
    } else {
      encoded += '%';
      encoded += kHex[byte >> 4U];
      encoded += kHex[byte & 15U];
    }
  }
  const std::size_t dot = name.rfind('.');
  const std::string extension = dot == std::string_view::npos ? "" : std::string(name.substr(dot));
  return "attachment; filename=\"download" + extension + "\"; filename*=UTF-8''" + encoded;
}

http::Response download(std::string name, std::string content_type) {
  http::Response response;
  response.header("Content-Type", std::move(content_type));
  response.header("Content-Disposition", disposition(name));
  response.header("Cache-Control", "no-store");
  return response;
}

http::Response bytes_answer(Imports::File file) {
  auto response = download(std::move(file.name), std::move(file.content_type));
  response.body = std::move(file.bytes);
  return response;
}

http::Response create_import(Imports& imports, ApiContext& context) {
  context.allow_parameters({});
  const auto parts = http::read_multipart(context.request);
  const auto* object = http::find_part(parts, "object");
  const auto* file = http::find_part(parts, "file");
  std::vector<base::FieldError> errors;
  if (object == nullptr) errors.push_back({"object", "field.required", {}});
  if (file == nullptr) errors.push_back({"file", "field.required", {}});
  if (!errors.empty()) throw Error::fields(std::move(errors));
  const std::string name = http::part_text(context.request, *object, kLongestName);
  const std::string file_name = file->file_name.empty() ? name : file->file_name;
  return context.json(imports.create(context.actor(), name, file_name,
                                     [&](const platform::ByteBlock& block) {
                                       http::read_part(context.request, *file, block);
                                     }),
                      201);
}

http::Response apply_import(Imports& imports, ApiContext& context) {
  const auto body = context.body();
  const std::string rows = base::json_text(body, "rows");
  if (rows != "all_or_nothing" && rows != "good_rows")
    throw Error::fields({{"rows", rows.empty() ? "field.required" : "field.option", {}}});
  return context.json(imports.apply(context.actor(), context.id(), rows == "all_or_nothing"), 202);
}

http::Response import_rows(Imports& imports, ApiContext& context) {
  context.allow_parameters({"status", "after", "$top"});
  const auto top =
      std::min<std::int64_t>(number_parameter(context, "$top", kDefaultRows), kMostRows);
  return context.json(imports.rows(context.actor(), context.id(), context.parameter("status"),
                                   number_parameter(context, "after", 0), static_cast<int>(top)));
}

http::Response import_result(Imports& imports, ApiContext& context) {
  context.allow_parameters({"format", "$format", "rows"});
  const std::string format = format_parameter(context);
  const std::string rows = context.parameter("rows");
  if (!rows.empty() && rows != "rejected")
    throw Error(ErrorKind::Invalid, "query.bad_option", {{"name", "rows"}});
  return bytes_answer(rows == "rejected"
                          ? imports.rejected_rows(context.actor(), context.id(), format)
                          : imports.result(context.actor(), context.id(), format));
}

http::Response export_file(Exports& exports, ApiContext& context) {
  context.allow_parameters({});
  auto file = exports.file(context.actor(), context.id());
  auto response = download(std::move(file.name), std::move(file.content_type));
  response.file = file.path.string();
  return response;
}

}  // namespace

std::vector<Route> transfer_routes(Imports& imports, Exports& exports) {
  std::vector<Route> routes = {
      make_route(
          "GET", "/imports", "The person's latest imports",
          [&imports](ApiContext& context) { return context.json(imports.list(context.actor())); }),
      make_route("POST", "/imports", "Uploads a file to be imported",
                 [&imports](ApiContext& context) { return create_import(imports, context); }),
      make_route("GET", "/imports/{id}", "One import with its preview",
                 [&imports](ApiContext& context) {
                   return context.json(imports.get(context.actor(), context.id()));
                 }),
      make_route("PUT", "/imports/{id}/settings",
                 "Chooses sheet, columns and what happens with duplicates",
                 [&imports](ApiContext& context) {
                   return context.json(
                       imports.set_settings(context.actor(), context.id(), context.body()));
                 }),
      make_route("POST", "/imports/{id}/validate", "Checks every row",
                 [&imports](ApiContext& context) {
                   return context.json(imports.validate(context.actor(), context.id()), 202);
                 }),
      make_route("POST", "/imports/{id}/apply", "Writes the rows",
                 [&imports](ApiContext& context) { return apply_import(imports, context); }),
      make_route("POST", "/imports/{id}/cancel", "Stops an import",
                 [&imports](ApiContext& context) {
                   return context.json(imports.cancel(context.actor(), context.id()));
                 }),
      make_route("POST", "/imports/{id}/undo", "Takes the created records back",
                 [&imports](ApiContext& context) {
                   return context.json(imports.undo(context.actor(), context.id()));
                 }),
      make_route("GET", "/imports/{id}/rows", "What was found about the rows",
                 [&imports](ApiContext& context) { return import_rows(imports, context); },
                 {"status", "after", "$top"}),
      make_route("GET", "/imports/{id}/result",
                 "Row, column, value and reason of what was not taken over",
                 [&imports](ApiContext& context) { return import_result(imports, context); },
                 {"format", "rows"}),
      make_route("POST", "/exports", "Writes a list to a file",
                 [&exports](ApiContext& context) {
                   return context.json(exports.create(context.actor(), context.body()), 202);
                 }),
      make_route("GET", "/exports/{id}", "How far an export is",
                 [&exports](ApiContext& context) {
                   return context.json(exports.get(context.actor(), context.id()));
                 }),
      make_route("GET", "/exports/{id}/file", "The file of an export",
                 [&exports](ApiContext& context) { return export_file(exports, context); })};
  for (auto& route : routes)
    route.takes_any_body = route.method == "POST" && route.pattern == "/imports";
  return routes;
}

Exporter list_exporter(Exports& exports) {
  return [&exports](ApiContext& context, const record::ObjectSchema& object,
                    const record::ListRequest& request, std::string_view format) {
    platform::ExportRequest wanted;
    wanted.object = object.name();
    wanted.list = request;
    wanted.format = format;
    for (const auto& item : request.options.select) {
      if (item.path.size() == 1 && item.path[0] != "*") wanted.columns.push_back(item.path[0]);
    }
    std::string filter = context.parameter("$filter");
    if (filter.empty()) filter = context.parameter("filter");
    auto file = exports.download(context.actor(), wanted, filter);
    auto response = download(std::move(file.name), std::move(file.content_type));
    response.body = std::move(file.bytes);
    return response;
  };
}

}  // namespace kehai::api
