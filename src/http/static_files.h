// The web UI out of the program itself: files embedded at build time, already compressed.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"

namespace kehai::http {

// One embedded file. All views live as long as the program.
struct Asset {
  std::string_view path;  // "/assets/index-4f3a2b1c.js"
  std::string_view content_type;
  std::string_view etag;  // without quotes
  std::string_view identity;
  std::string_view brotli;  // empty when it would not be smaller
  std::string_view gzip;    // the same
  bool immutable = false;   // its name changes with its content
};

// Sorted by path; empty in a build without web UI. Made by tools/embed.
std::span<const Asset> embedded_assets();

class StaticFiles {
 public:
  // `assets` sorted by path. Paths below a reserved prefix are never answered with the start page.
  explicit StaticFiles(std::span<const Asset> assets,
                       std::vector<std::string> reserved = {"/api", "/healthz", "/readyz",
                                                            "/metrics"});

  // The file, 304, or the start page (index.html) for a page load of any other path: the UI has its
  // own routes. Nothing when neither fits. GET and HEAD only; cheap enough for an I/O thread.
  std::optional<Response> serve(const Request& request) const;
  const Asset* find(std::string_view path) const;

 private:
  bool is_reserved(std::string_view path) const;

  std::span<const Asset> assets_;
  std::vector<std::string> reserved_;
};

}  // namespace kehai::http
