// One HTTP request and its answer as plain values. Only http/ knows sockets; handlers see nothing
// else.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kehai::http {

using Headers = std::vector<std::pair<std::string, std::string>>;

// A large request body in a temporary file that has no name and vanishes with this object. Reading:
// any thread.
class BodyFile {
 public:
  virtual ~BodyFile() = default;
  virtual std::uint64_t size() const = 0;
  // Reads up to `size` bytes from `offset`; less only at the end. Throws Error Unavailable
  // "http.spool".
  virtual std::size_t read(std::uint64_t offset, char* buffer, std::size_t size) const = 0;
};

struct Request {
  std::string method;  // upper case
  std::string target;  // as sent
  std::string path;    // percent-decoded once, normalised; routing and authorisation both use this
  std::vector<std::pair<std::string, std::string>> query;  // decoded, in order, duplicates kept
  Headers headers;  // names lower case; from the header section only, never from trailers
  std::string body;
  std::string remote_address;
  bool tls = false;
  std::string id;  // request id for logs and problem bodies
  // Bodies above ServerOptions::spool_above are here instead of in `body` (which is then empty).
  std::shared_ptr<BodyFile> body_file;

  // First value or "".
  std::string_view header(std::string_view lower_case_name) const;
  const std::string* parameter(std::string_view name) const;
};

// A stream of server-sent events. The handler keeps it and writes from any thread; write() returns
// false once the peer is gone or does not keep up (bounded buffer).
class EventStream {
 public:
  virtual ~EventStream() = default;
  virtual bool write(std::string_view chunk) = 0;
  virtual void close() = 0;
  virtual bool is_open() const = 0;
};

struct Response {
  int status = 200;
  Headers headers;
  std::string body;
  std::string file;  // when set, the body is this file (downloads); body must be empty
  // When set, the connection becomes an event stream after the headers; called once with the
  // stream.
  std::function<void(std::shared_ptr<EventStream>)> stream;
  // A body that outlives the process's need to copy (embedded assets); used when data() is not
  // null.
  std::string_view static_body;
  // Pattern of the route that answered, for metrics and logs; never sent. The router sets it.
  std::string route;

  Response& header(std::string name, std::string value) {
    headers.emplace_back(std::move(name), std::move(value));
    return *this;
  }
};

using Handler = std::function<Response(const Request&)>;

}  // namespace kehai::http
