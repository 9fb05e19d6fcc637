#include "http/static_files.h"

#include <brotli/decode.h>
#include <doctest/doctest.h>
#include <zlib.h>

#include "http/security_headers.h"

using namespace kehai::http;

namespace {

Request ask(std::string path, Headers headers = {}) {
  Request request;
  request.method = "GET";
  request.path = std::move(path);
  request.headers = std::move(headers);
  return request;
}

std::string field(const Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return {};
}

std::string unbrotli(std::string_view data) {
  std::string out(100'000, '\0');
  std::size_t size = out.size();
  const auto result =
      BrotliDecoderDecompress(data.size(), reinterpret_cast<const std::uint8_t*>(data.data()),
                              &size, reinterpret_cast<std::uint8_t*>(out.data()));
  REQUIRE(result == BROTLI_DECODER_RESULT_SUCCESS);
  out.resize(size);
  return out;
}

std::string gunzip(std::string_view data) {
  std::string out(100'000, '\0');
  z_stream stream{};
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  stream.avail_in = static_cast<uInt>(data.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(inflateInit2(&stream, 31) == Z_OK);
  REQUIRE(inflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

}  // namespace

TEST_CASE("embedded files: types, forms, caching") {
  const StaticFiles files(embedded_assets());
  const auto plain = files.serve(ask("/assets/index-4f3a2b1c.js"));
  REQUIRE(plain);
  const std::string script(plain->static_body);
  CHECK(script.substr(0, 22) == "console.log('hello');\n");
  CHECK(field(*plain, "Content-Type") == "text/javascript; charset=utf-8");
  CHECK(field(*plain, "Content-Encoding").empty());
  CHECK(field(*plain, "Cache-Control") == "public, max-age=31536000, immutable");
  CHECK(field(*plain, "Vary") == "Accept-Encoding");

  const auto brotli =
      files.serve(ask("/assets/index-4f3a2b1c.js", {{"accept-encoding", "gzip, deflate, br"}}));
  CHECK(field(*brotli, "Content-Encoding") == "br");
  CHECK(unbrotli(brotli->static_body) == script);
  const auto gzip =
      files.serve(ask("/assets/index-4f3a2b1c.js", {{"accept-encoding", "gzip, br;q=0"}}));
  CHECK(field(*gzip, "Content-Encoding") == "gzip");
  CHECK(gunzip(gzip->static_body) == script);
  CHECK(field(*gzip, "ETag") != field(*brotli, "ETag"));
  const auto none = files.serve(ask("/assets/index-4f3a2b1c.js", {{"accept-encoding", "*;q=0"}}));
  CHECK(field(*none, "Content-Encoding").empty());

  const auto same = files.serve(
      ask("/assets/index-4f3a2b1c.js",
          {{"accept-encoding", "br"}, {"if-none-match", "\"x\", W/" + field(*brotli, "ETag")}}));
  CHECK(same->status == 304);
  CHECK(same->static_body.empty());
  CHECK(field(*same, "ETag") == field(*brotli, "ETag"));
  const auto other =
      files.serve(ask("/assets/index-4f3a2b1c.js", {{"if-none-match", field(*brotli, "ETag")}}));
  CHECK(other->status == 200);

  CHECK(field(*files.serve(ask("/favicon.svg")), "Content-Type") == "image/svg+xml");
  CHECK_FALSE(files.serve(ask("/assets/index-4f3a2b1c.js.map")));
}

TEST_CASE("the start page answers page loads of the UI's own routes, nothing else") {
  const StaticFiles files(embedded_assets());
  const Headers browser = {{"accept", "text/html,application/xhtml+xml,*/*;q=0.8"}};
  for (const char* path : {"/", "/leads", "/leads/10432", "/apix"}) {
    CAPTURE(path);
    const auto page = files.serve(ask(path, browser));
    REQUIRE(page);
    CHECK(field(*page, "Content-Type") == "text/html; charset=utf-8");
    CHECK(field(*page, "Cache-Control") == "no-cache");
  }
  for (const char* path : {"/api", "/api/v1/nothing", "/metrics", "/healthz"}) {
    CAPTURE(path);
    CHECK_FALSE(files.serve(ask(path, browser)));
  }
  CHECK_FALSE(files.serve(ask("/assets/gone-12345678.js", {{"accept", "*/*"}})));
  CHECK(files.serve(ask("/", {{"accept", "*/*"}})));
  CHECK(files.serve(ask("/")));
  CHECK_FALSE(files.serve(ask("/leads", {{"accept", "*/*"}})));
  Request post = ask("/", browser);
  post.method = "POST";
  CHECK_FALSE(files.serve(post));
  CHECK_FALSE(StaticFiles({}).serve(ask("/", browser)));
}

TEST_CASE("security headers") {
  const auto has = [](const Headers& headers, std::string_view name) {
    for (const auto& entry : headers) {
      if (entry.first == name) return true;
    }
    return false;
  };
  CHECK(has(security_headers(false), "Content-Security-Policy"));
  CHECK_FALSE(has(security_headers(false), "Strict-Transport-Security"));
  CHECK(has(security_headers(true), "Strict-Transport-Security"));
  Response download;
  download.headers = download_headers("客户.svg", "image/svg+xml");
  CHECK(field(download, "Content-Disposition").substr(0, 10) == "attachment");
  CHECK(field(download, "Content-Security-Policy").substr(0, 7) == "sandbox");
}
