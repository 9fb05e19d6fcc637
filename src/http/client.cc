#include "http/client.h"

#include <curl/curl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <mutex>

#include "base/error.h"
#include "http/address.h"
#include "http/encoding.h"

namespace kehai::http {
namespace {

using base::Error;
using base::ErrorKind;

// libcurl's own tables; once per process is its rule.
void initialise_curl() {
  static std::once_flag once;
  std::call_once(once, [] { ::curl_global_init(CURL_GLOBAL_DEFAULT); });
}

struct CurlDelete {
  void operator()(CURL* handle) const { ::curl_easy_cleanup(handle); }
};
struct ListDelete {
  void operator()(curl_slist* list) const { ::curl_slist_free_all(list); }
};
using CurlHandle = std::unique_ptr<CURL, CurlDelete>;
using CurlList = std::unique_ptr<curl_slist, ListDelete>;

// State of one call, reached from libcurl's callbacks.
struct Call {
  const std::vector<IpNetwork>& allowed;
  std::uint64_t limit;
  ClientResponse response;
  const std::function<bool()>& is_cancelled;
  bool address_refused = false;
  bool too_large = false;
};

int keep_going(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  const auto& call = *static_cast<Call*>(user);
  return call.is_cancelled && call.is_cancelled() ? 1 : 0;
}

curl_socket_t open_socket(void* user, curlsocktype, curl_sockaddr* address) {
  auto& call = *static_cast<Call*>(user);
  const auto ip = IpAddress::of(&address->addr);
  if (!ip || (!ip->is_public() && !contains(call.allowed, *ip))) {
    call.address_refused = true;
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

std::size_t take_body(char* bytes, std::size_t size, std::size_t count, void* user) {
  auto& call = *static_cast<Call*>(user);
  const std::size_t total = size * count;
  if (call.response.body.size() + total > call.limit) {
    call.too_large = true;
    return 0;
  }
  call.response.body.append(bytes, total);
  return total;
}

std::size_t take_header(char* bytes, std::size_t size, std::size_t count, void* user) {
  auto& call = *static_cast<Call*>(user);
  const std::string_view line(bytes, size * count);
  constexpr std::size_t kMaxHeaders = 100;
  const std::size_t colon = line.find(':');
  if (line.substr(0, 5) == "HTTP/") {
    call.response.headers.clear();  // an interim answer came before
  } else if (colon != std::string_view::npos && call.response.headers.size() < kMaxHeaders) {
    std::string_view value = line.substr(colon + 1);
    while (!value.empty() && (value.back() == '\r' || value.back() == '\n')) value.remove_suffix(1);
    call.response.headers.emplace_back(to_lower_ascii(line.substr(0, colon)),
                                       std::string(trim_blanks(value)));
  }
  return line.size();
}

bool is_clean(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

CurlList make_headers(const ClientRequest& request) {
  curl_slist* list = nullptr;
  // libcurl would wait for "100 Continue" before larger bodies.
  list = ::curl_slist_append(list, "Expect:");
  CurlList owner(list);
  for (const auto& [name, value] : request.headers) {
    if (!is_token(name) || !is_clean(value)) throw Error(ErrorKind::Invalid, "outbound.header");
    const std::string line = value.empty() ? name + ";" : name + ": " + value;
    owner.release();
    list = ::curl_slist_append(list, line.c_str());
    owner.reset(list);
  }
  return owner;
}

void set_method(CURL* handle, const ClientRequest& request) {
  if (!is_token(request.method)) throw Error(ErrorKind::Invalid, "outbound.header");
  if (request.method == "HEAD") {
    ::curl_easy_setopt(handle, CURLOPT_NOBODY, 1L);
    return;
  }
  ::curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  if (request.method == "GET" && request.body.empty()) return;
  ::curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
  ::curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request.body.c_str());
}

[[noreturn]] void throw_failure(const Call& call, CURLcode code, const char* text) {
  if (call.address_refused) throw Error(ErrorKind::Forbidden, "outbound.address");
  if (call.too_large) throw Error(ErrorKind::TooLarge, "outbound.response_size");
  if (code == CURLE_ABORTED_BY_CALLBACK) throw Error(ErrorKind::Unavailable, "outbound.cancelled");
  if (code == CURLE_OPERATION_TIMEDOUT) throw Error(ErrorKind::Unavailable, "outbound.timeout");
  if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL) {
    throw Error(ErrorKind::Invalid, "outbound.url");
  }
  throw Error(ErrorKind::Unavailable, "outbound.failed", {},
              *text != '\0' ? text : ::curl_easy_strerror(code));
}

}  // namespace

void check_url(const std::string& url) {
  const std::string lower = to_lower_ascii(url.substr(0, 8));
  const std::size_t start = lower.substr(0, 7) == "http://" ? 7 : lower == "https://" ? 8 : 0;
  const std::size_t end = url.find_first_of("/?#", start);
  const std::string authority =
      start == 0 ? "" : url.substr(start, end == std::string::npos ? end : end - start);
  const bool bad = authority.empty() || authority.find('@') != std::string::npos ||
                   !is_clean(url) || url.find(' ') != std::string::npos ||
                   url.find('\\') != std::string::npos || url.size() > 4096;
  if (bad) throw Error(ErrorKind::Invalid, "outbound.url");
}

struct Client::Implementation {
  ClientOptions options;
  std::vector<IpNetwork> allowed;
  // Each keeps the connections of its last calls.
  std::mutex mutex;
  std::vector<CurlHandle> idle;

  CurlHandle take() {
    {
      const std::lock_guard lock(mutex);
      if (!idle.empty()) {
        CurlHandle handle = std::move(idle.back());
        idle.pop_back();
        return handle;
      }
    }
    return CurlHandle(::curl_easy_init());
  }

  void put_back(CurlHandle handle) {
    constexpr std::size_t kMostIdle = 16;
    const std::lock_guard lock(mutex);
    if (idle.size() < kMostIdle) idle.push_back(std::move(handle));
  }
};

Client::Client(ClientOptions options) : implementation_(std::make_unique<Implementation>()) {
  initialise_curl();
  implementation_->allowed = parse_networks(options.allowed_networks);
  implementation_->options = std::move(options);
}

Client::~Client() = default;

ClientResponse Client::send(const ClientRequest& request,
                            const std::function<bool()>& is_cancelled) const {
  const ClientOptions& options = implementation_->options;
  check_url(request.url);
  const CurlList headers = make_headers(request);
  CurlHandle owner = implementation_->take();
  CURL* handle = owner.get();
  if (handle == nullptr) throw Error(ErrorKind::Unavailable, "outbound.failed");
  Call call{implementation_->allowed, options.response_limit, {}, is_cancelled, false, false};
  std::array<char, CURL_ERROR_SIZE> text{};
  ::curl_easy_setopt(handle, CURLOPT_URL, request.url.c_str());
  ::curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  ::curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  ::curl_easy_setopt(handle, CURLOPT_PROXY, "");  // also overrules the environment
  ::curl_easy_setopt(handle, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  ::curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, open_socket);
  ::curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, &call);
  ::curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  ::curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS,
                     static_cast<long>(options.connect_timeout.count()));
  ::curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(options.total_timeout.count()));
  ::curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 1L);
  ::curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 2L);
  ::curl_easy_setopt(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!options.certificate_authorities.empty()) {
    ::curl_easy_setopt(handle, CURLOPT_CAINFO, options.certificate_authorities.c_str());
  }
  ::curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  ::curl_easy_setopt(handle, CURLOPT_USERAGENT, options.user_agent.c_str());
  ::curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers.get());
  ::curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, take_body);
  ::curl_easy_setopt(handle, CURLOPT_WRITEDATA, &call);
  ::curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, take_header);
  ::curl_easy_setopt(handle, CURLOPT_HEADERDATA, &call);
  ::curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, text.data());
  ::curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
  ::curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, keep_going);
  ::curl_easy_setopt(handle, CURLOPT_XFERINFODATA, &call);
  set_method(handle, request);
  const auto started = std::chrono::steady_clock::now();
  const CURLcode code = ::curl_easy_perform(handle);
  if (code != CURLE_OK) throw_failure(call, code, text.data());
  long status = 0;
  ::curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  call.response.status = static_cast<int>(status);
  call.response.duration = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - started);
  // Nothing of this call stays behind in it.
  ::curl_easy_reset(handle);
  implementation_->put_back(std::move(owner));
  return std::move(call.response);
}

}  // namespace kehai::http
