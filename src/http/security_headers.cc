#include "http/security_headers.h"

#include "http/fields.h"

namespace kehai::http {

Headers security_headers(bool https) {
  Headers headers = {
      // The component library injects <style> elements, hence 'unsafe-inline' for styles only.
      {"Content-Security-Policy",
       "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
       "object-src 'none'; "
       "base-uri 'none'; frame-ancestors 'none'; form-action 'self'"},
      {"X-Content-Type-Options", "nosniff"},
      {"Referrer-Policy", "same-origin"},
      {"Cross-Origin-Opener-Policy", "same-origin"},
      {"Cross-Origin-Resource-Policy", "same-origin"},
      {"Permissions-Policy", "camera=(), microphone=(), geolocation=(self), payment=(), usb=()"},
  };
  if (https) headers.emplace_back("Strict-Transport-Security", "max-age=31536000");
  return headers;
}

Headers download_headers(std::string_view file_name, std::string_view content_type) {
  return {
      {"Content-Type", std::string(content_type)},
      {"Content-Disposition", content_disposition(file_name)},
      {"Content-Security-Policy", "sandbox; default-src 'none'"},
      {"X-Content-Type-Options", "nosniff"},
      {"Cache-Control", "private, no-store"},
  };
}

}  // namespace kehai::http
