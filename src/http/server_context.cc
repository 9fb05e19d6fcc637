#include "http/server_context.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

#include "base/error.h"
#include "http/encoding.h"
#include "http/response_head.h"
#include "http/transport.h"

namespace kehai::http {
namespace {

std::string random_hex() {
  std::array<unsigned char, 4> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) < 0) bytes.fill(0);
  std::array<char, 9> text{};
  std::snprintf(text.data(), text.size(), "%02x%02x%02x%02x", bytes[0], bytes[1], bytes[2],
                bytes[3]);
  return text.data();
}

// A file without a name: gone when its descriptor closes, however the process ends.
Descriptor make_unnamed_file(const std::string& directory) {
  Descriptor file(::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (file || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)) return file;
  std::string name = directory + "/upload-XXXXXX";
  file.reset(::mkostemp(name.data(), O_CLOEXEC));
  if (file) ::unlink(name.c_str());
  return file;
}

class SpooledBody final : public BodyFile {
 public:
  explicit SpooledBody(Descriptor file) : file_(std::move(file)) {}

  std::uint64_t size() const override { return size_; }

  std::size_t read(std::uint64_t offset, char* buffer, std::size_t size) const override {
    std::size_t done = 0;
    while (done < size) {
      const ssize_t got =
          ::pread(file_.get(), buffer + done, size - done, static_cast<off_t>(offset + done));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) {
        throw base::Error(base::ErrorKind::Unavailable, "http.spool", {}, std::strerror(errno));
      }
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

  bool append(std::string_view piece) {
    while (!piece.empty()) {
      const ssize_t written =
          ::pwrite(file_.get(), piece.data(), piece.size(), static_cast<off_t>(size_));
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return false;
      size_ += static_cast<std::uint64_t>(written);
      piece.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
  }

 private:
  Descriptor file_;
  std::uint64_t size_ = 0;
};

// A process without descriptors could neither read its database nor take an upload.
std::size_t room_for_connections(const ServerOptions& options) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
    return options.connections;
  }
  const auto all = static_cast<std::size_t>(limit.rlim_cur);
  return std::min(options.connections, all - std::min(options.descriptor_reserve, all / 2));
}

ServerOptions normalised(ServerOptions options) {
  for (std::string& name : options.host_names) name = to_lower_ascii(name);
  if (options.spool_directory.empty()) {
    options.spool_directory = std::filesystem::temp_directory_path().string();
  }
  return options;
}

}  // namespace

ServerContext::ServerContext(ServerOptions server_options, Handler request_handler)
    : options(normalised(std::move(server_options))),
      connection_limit(room_for_connections(options)),
      handler(std::move(request_handler)),
      notices(options.warn),
      rules{options.host_names},
      trusted_proxies(parse_networks(options.trusted_proxies)),
      metrics(options.metrics != nullptr ? *options.metrics : own_metrics),
      connection_gauge(metrics.gauge("kehai_http_connections", "Open connections")),
      stream_gauge(metrics.gauge("kehai_http_event_streams", "Open event streams")),
      body_gauge(metrics.gauge("kehai_http_body_bytes", "Request bodies in memory")),
      normal_waiting(metrics.gauge("kehai_http_queue_waiting", "Requests that wait for a worker",
                                   {{"lane", "normal"}})),
      slow_waiting(metrics.gauge("kehai_http_queue_waiting", "Requests that wait for a worker",
                                 {{"lane", "slow"}})),
      id_prefix_(random_hex()) {
  if (!options.certificate_file.empty() || !options.key_file.empty()) {
    tls = std::make_shared<TlsContext>(options.certificate_file, options.key_file);
  }
}

std::string ServerContext::next_request_id() {
  std::array<char, 32> text{};
  const auto number = next_id_.fetch_add(1, std::memory_order_relaxed);
  const int length = std::snprintf(text.data(), text.size(), "%s%06llx", id_prefix_.c_str(),
                                   static_cast<unsigned long long>(number));
  return {text.data(), static_cast<std::size_t>(length)};
}

Response ServerContext::refusal(int status, const char* reason, const Request* request) const {
  Response response;
  if (options.refusal) {
    response = options.refusal(status, reason, request);
  } else {
    response.body = std::string(status_text(status)) + "\n";
    response.header("Content-Type", "text/plain; charset=utf-8");
  }
  response.status = status;
  if (status == 405) response.header("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
  if (status == 426) {
    response.header("Upgrade", "websocket");
    response.header("Sec-WebSocket-Version", "13");
  }
  if (status == 503) response.header("Retry-After", "1");
  response.route = "refused";
  return response;
}

Exchange::~Exchange() {
  if (stream) stream->detach();
  release_body_memory();
  context.spooled.fetch_sub(spooled, std::memory_order_relaxed);
}

bool Exchange::take_body_memory(std::uint64_t bytes) {
  charged += bytes;
  context.body_gauge.add(static_cast<std::int64_t>(bytes));
  return context.body_memory.fetch_add(bytes, std::memory_order_relaxed) + bytes <=
         context.options.body_memory;
}

void Exchange::release_body_memory() {
  context.body_memory.fetch_sub(charged, std::memory_order_relaxed);
  context.body_gauge.add(-static_cast<std::int64_t>(charged));
  charged = 0;
}

Refusal Exchange::store(std::string_view piece) {
  const ServerOptions& options = context.options;
  if (!request.body_file && request.body.size() + piece.size() > options.spool_above) {
    const std::string begun = std::exchange(request.body, {});
    request.body_file = std::make_shared<SpooledBody>(make_unnamed_file(options.spool_directory));
    release_body_memory();
    if (const Refusal refusal = spool(begun)) return refusal;
  }
  if (request.body_file) return spool(piece);
  if (!take_body_memory(piece.size())) return {503, "body_memory"};
  request.body += piece;
  return {};
}

Refusal Exchange::spool(std::string_view piece) {
  spooled += piece.size();
  const std::uint64_t all =
      context.spooled.fetch_add(piece.size(), std::memory_order_relaxed) + piece.size();
  if (all > context.options.spool_space) return {503, "spool_space"};
  if (!static_cast<SpooledBody&>(*request.body_file).append(piece)) return {507, "spool"};
  return {};
}

void Exchange::answer(Response replacement) {
  response = std::move(replacement);
  if (stream) stream->detach();
  stream.reset();
  file.reset();
  file_size = 0;
  if (!response.file.empty()) open_file();
}

void Exchange::open_file() {
  file.reset(::open(response.file.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (!file || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    file.reset();
    response = context.refusal(500, "file", &request);
    return;
  }
  file_size = static_cast<std::uint64_t>(status.st_size);
}

void Exchange::handle(EventLoop& loop) {
  Response made;
  try {
    try {
      made = context.handler(request);
    } catch (...) {
      if (!context.options.failure) throw;
      made = context.options.failure(request, std::current_exception());
    }
  } catch (...) {
    made = context.refusal(500, "handler", &request);
  }
  answer(std::move(made));
  if (response.stream && request.method != "HEAD") open_stream(loop);
}

// A quarter of the connections is never event streams: requests would find no room.
void Exchange::open_stream(EventLoop& loop) {
  if (context.streams.load() >= context.connection_limit - context.connection_limit / 4) {
    context.notices.add("streams", "http: refused an event stream: " +
                                       std::to_string(context.streams.load()) + " are open");
    return answer(context.refusal(503, "streams", &request));
  }
  try {
    auto opened = std::make_shared<ServerStream>(loop, context.options.stream_buffer);
    stream = opened;
    response.header("Content-Type", "text/event-stream; charset=utf-8");
    response.header("Cache-Control", "no-store");
    response.header("X-Accel-Buffering", "no");  // proxies pass each event on at once
    response.stream(opened);
  } catch (...) {
    answer(context.refusal(500, "stream", &request));
  }
}

}  // namespace kehai::http
