#include "http/static_files.h"

#include <algorithm>

#include "http/fields.h"

namespace kehai::http {
namespace {

struct Variant {
  std::string_view bytes;
  std::string_view encoding;  // "" = identity
};

// The smallest form that the peer takes. Identity is always acceptable: refusing it would only
// break somebody.
Variant choose_variant(const Asset& asset, std::string_view accept_encoding) {
  int brotli = -1;
  int gzip = -1;
  int rest = 0;
  for (const Weighted& item : weighted_list(accept_encoding)) {
    if (item.value == "br") brotli = item.weight;
    if (item.value == "gzip") gzip = item.weight;
    if (item.value == "*") rest = item.weight;
  }
  if (brotli < 0) brotli = rest;
  if (gzip < 0) gzip = rest;
  if (!asset.brotli.empty() && brotli > 0) return {asset.brotli, "br"};
  if (!asset.gzip.empty() && gzip > 0) return {asset.gzip, "gzip"};
  return {asset.identity, ""};
}

Response answer(const Request& request, const Asset& asset) {
  const Variant variant = choose_variant(asset, request.header("accept-encoding"));
  std::string etag(asset.etag);
  if (!variant.encoding.empty()) etag.append("-").append(variant.encoding);
  Response response;
  response.route = "static";
  response.header("ETag", "\"" + etag + "\"");
  response.header("Cache-Control",
                  asset.immutable ? "public, max-age=31536000, immutable" : "no-cache");
  response.header("Vary", "Accept-Encoding");
  const std::string_view condition = request.header("if-none-match");
  if (!condition.empty()) {
    const auto tags = parse_entity_tags(condition);
    if (tags && tags->match(etag)) {
      response.status = 304;
      return response;
    }
  }
  response.header("Content-Type", std::string(asset.content_type));
  if (!variant.encoding.empty()) response.header("Content-Encoding", std::string(variant.encoding));
  response.static_body = variant.bytes;
  return response;
}

}  // namespace

StaticFiles::StaticFiles(std::span<const Asset> assets, std::vector<std::string> reserved)
    : assets_(assets), reserved_(std::move(reserved)) {}

const Asset* StaticFiles::find(std::string_view path) const {
  const auto found = std::lower_bound(
      assets_.begin(), assets_.end(), path,
      [](const Asset& asset, std::string_view wanted) { return asset.path < wanted; });
  return found != assets_.end() && found->path == path ? &*found : nullptr;
}

bool StaticFiles::is_reserved(std::string_view path) const {
  return std::any_of(reserved_.begin(), reserved_.end(), [&](const std::string& prefix) {
    return path.substr(0, prefix.size()) == prefix &&
           (path.size() == prefix.size() || path[prefix.size()] == '/');
  });
}

std::optional<Response> StaticFiles::serve(const Request& request) const {
  if (request.method != "GET" && request.method != "HEAD") return std::nullopt;
  if (is_reserved(request.path)) return std::nullopt;
  if (const Asset* asset = find(request.path)) return answer(request, *asset);
  // A missing script must be a 404 and not the start page, or browsers report a syntax error
  // instead. The start page itself is for everybody, also for a client that takes anything.
  if (request.path != "/" && !accepts(request.header("accept"), "text/html")) return std::nullopt;
  const Asset* index = find("/index.html");
  if (index == nullptr) return std::nullopt;
  return answer(request, *index);
}

}  // namespace kehai::http
