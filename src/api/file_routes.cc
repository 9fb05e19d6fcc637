#include "api/file_routes.h"

#include "base/error.h"
#include "http/fields.h"
#include "http/multipart.h"
#include "http/security_headers.h"
#include "platform/files/media_type.h"

namespace kehai::api {

using base::Error;
using base::ErrorKind;

namespace {

http::Response upload(const platform::Files& files, ApiContext& context) {
  context.allow_parameters({});
  const auto parts = http::read_multipart(context.request);
  const auto* part = http::find_part(parts, "file");
  if (part == nullptr) throw Error::fields({{"file", "field.required", {}}});
  const auto info = files.upload(
      context.actor(), part->file_name,
      [&](const platform::ByteBlock& block) { http::read_part(context.request, *part, block); });
  std::string body;
  base::JsonWriter writer(body);
  record::write_file(writer, info.id, {{info.id, info}});
  return context.json(std::move(body), 201);
}

http::Response download(const platform::Files& files, ApiContext& context) {
  context.allow_parameters({"inline"});
  const std::string shown = context.parameter("inline");
  if (!shown.empty() && shown != "true")
    throw Error(ErrorKind::Invalid, "query.bad_option", {{"name", "inline"}});
  const auto& object = context.object(context.captures["collection"]);
  const auto content =
      files.open(context.actor(), object.name(), context.id(), context.id("file_id"));
  http::Response response;
  const auto tags = http::parse_entity_tags(context.request.header("if-none-match"));
  if (tags && tags->match(content.sha256)) {
    response.status = 304;
  } else {
    response.headers = http::download_headers(content.info.name, content.info.media_type);
    if (shown == "true" && platform::is_picture(content.info.media_type)) {
      for (auto& [name, value] : response.headers) {
        if (name == "Content-Disposition")
          value = http::content_disposition(content.info.name, false);
      }
    }
    response.file = content.path;
  }
  response.header("ETag", "\"" + content.sha256 + "\"");
  return response;
}

}  // namespace

std::vector<Route> file_routes(const platform::Files& files) {
  auto uploading = make_route("POST", "/files", "Uploads a file for a field of a record",
                              [&files](ApiContext& context) { return upload(files, context); });
  uploading.takes_any_body = true;
  return {
      std::move(uploading),
      make_route("GET", "/{collection}/{id}/files/{file_id}", "A file of a record",
                 [&files](ApiContext& context) { return download(files, context); }, {"inline"})};
}

}  // namespace kehai::api
