// Headers that every answer or every download carries. Pure.
#pragma once

#include <string_view>

#include "http/message.h"

namespace kehai::http {

// For ServerOptions::headers: content policy for the web UI, no sniffing, no framing, no foreign
// referrer; HSTS (one year) when people use HTTPS.
Headers security_headers(bool https);

// For a file that users uploaded: never shown as a page, never sniffed, never runs. `content_type`
// comes from our own list of types, not from the uploader.
Headers download_headers(std::string_view file_name, std::string_view content_type);

}  // namespace kehai::http
