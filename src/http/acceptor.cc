#include "http/acceptor.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace kehai::http {
namespace {

constexpr int kBacklog = 1024;
constexpr int kAcceptsPerTurn = 64;
constexpr std::chrono::seconds kQuietBeforeAllClear{5};

[[noreturn]] void throw_listen_error(const ServerOptions& options) {
  throw base::Error(base::ErrorKind::Unavailable, "http.listen",
                    {{"address", options.address + ":" + std::to_string(options.port)}},
                    std::strerror(errno));
}

socklen_t fill_address(const ServerOptions& options, sockaddr_storage& storage) {
  const auto address = IpAddress::parse(options.address);
  if (!address) {
    errno = EINVAL;
    throw_listen_error(options);
  }
  if (address->is_v4()) {
    auto& v4 = reinterpret_cast<sockaddr_in&>(storage);
    v4.sin_family = AF_INET;
    v4.sin_port = htons(options.port);
    std::memcpy(&v4.sin_addr, address->bytes().data() + 12, 4);
    return sizeof(v4);
  }
  auto& v6 = reinterpret_cast<sockaddr_in6&>(storage);
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(options.port);
  std::memcpy(&v6.sin6_addr, address->bytes().data(), 16);
  return sizeof(v6);
}

}  // namespace

Descriptor open_listener(const ServerOptions& options) {
  if (options.inherited_socket >= 0) {
    Descriptor inherited(options.inherited_socket);
    ::fcntl(inherited.get(), F_SETFL, O_NONBLOCK);
    ::fcntl(inherited.get(), F_SETFD, FD_CLOEXEC);
    return inherited;
  }
  sockaddr_storage storage{};
  const socklen_t length = fill_address(options, storage);
  Descriptor socket(::socket(storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) throw_listen_error(options);
  const int on = 1;
  const int off = 0;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (storage.ss_family == AF_INET6) {
    // "::" serves both families.
    ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
  }
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&storage), length) != 0 ||
      ::listen(socket.get(), kBacklog) != 0) {
    throw_listen_error(options);
  }
  return socket;
}

std::uint16_t port_of(int socket) {
  sockaddr_storage storage{};
  socklen_t length = sizeof(storage);
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&storage), &length) != 0) return 0;
  if (storage.ss_family == AF_INET) return ntohs(reinterpret_cast<sockaddr_in&>(storage).sin_port);
  if (storage.ss_family == AF_INET6)
    return ntohs(reinterpret_cast<sockaddr_in6&>(storage).sin6_port);
  return 0;
}

Acceptor::Acceptor(ServerContext& context, Descriptor listener,
                   std::vector<std::unique_ptr<IoThread>>& threads)
    : context_(context),
      listener_(std::move(listener)),
      reserve_(::open("/dev/null", O_RDONLY | O_CLOEXEC)),
      threads_(threads),
      exhausted_(context.metrics.counter("kehai_http_accept_exhausted_total",
                                         "Connections refused for want of descriptors or room")) {}

void Acceptor::start() {
  threads_.front()->on_tick = [this] { on_tick(); };
  threads_.front()->loop.add(listener_.get(), EPOLLIN, this);
}

void Acceptor::stop() {
  if (!listener_) return;
  threads_.front()->tick_wanted = false;
  threads_.front()->loop.remove(listener_.get());
  listener_.reset();
}

void Acceptor::on_events(std::uint32_t) {
  for (int i = 0; i < kAcceptsPerTurn; ++i) {
    if (!listener_ || paused_ || !accept_one()) return;
  }
}

bool Acceptor::accept_one() {
  if (context_.connections.load() >= context_.connection_limit) {
    exhausted_.add();
    tell("http: all " + std::to_string(context_.connection_limit) +
         " connections are in use: new ones wait");
    pause();
    return false;
  }
  sockaddr_storage storage{};
  socklen_t length = sizeof(storage);
  Descriptor socket(::accept4(listener_.get(), reinterpret_cast<sockaddr*>(&storage), &length,
                              SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!socket) {
    if (errno == EMFILE || errno == ENFILE) {
      refuse_without_descriptor();
      return true;
    }
    if (errno == ENOBUFS || errno == ENOMEM) pause();
    return errno == ECONNABORTED || errno == EINTR;
  }
  const int on = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  const IpAddress peer =
      IpAddress::of(reinterpret_cast<const sockaddr*>(&storage)).value_or(IpAddress());
  context_.connections.fetch_add(1);
  IoThread& thread = *threads_[next_thread_++ % threads_.size()];
  if (&thread == threads_.front().get()) {
    thread.adopt(std::move(socket), peer);
    return true;
  }
  // std::function wants copyable captures; the shared pointer also closes the socket if the loop
  // never gets to it.
  auto shared = std::make_shared<Descriptor>(std::move(socket));
  thread.loop.post([&thread, shared, peer] { thread.adopt(std::move(*shared), peer); });
  return true;
}

// Without a descriptor the connection could neither be taken nor refused, and epoll would report it
// for ever.
void Acceptor::refuse_without_descriptor() {
  exhausted_.add();
  tell("http: no file descriptor is left: new connections are refused");
  if (!reserve_) return pause();
  reserve_.reset();
  Descriptor refused(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  const bool taken = static_cast<bool>(refused);
  refused.reset();
  reserve_.reset(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (!taken || !reserve_) pause();
}

// Once until there was room for a while.
void Acceptor::tell(const std::string& line) {
  context_.crowded = true;
  full_at_ = threads_.front()->loop.now();
  threads_.front()->tick_wanted = true;
  if (told_) return;
  told_ = true;
  if (context_.options.warn) context_.options.warn(line);
}

void Acceptor::pause() {
  if (paused_) return;
  paused_ = true;
  threads_.front()->tick_wanted = true;
  threads_.front()->loop.modify(listener_.get(), 0, this);
}

void Acceptor::on_tick() {
  if (!listener_) return;
  if (!reserve_) reserve_.reset(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const bool room = context_.connections.load() < context_.connection_limit;
  if (room && !paused_) {
    context_.crowded = false;
    if (!told_ || threads_.front()->loop.now() - full_at_ < kQuietBeforeAllClear) return;
    told_ = false;
    threads_.front()->tick_wanted = false;
    if (context_.options.warn) context_.options.warn("http: there is room for connections again");
  }
  if (!paused_ || !room) return;
  paused_ = false;
  threads_.front()->tick_wanted = told_;
  threads_.front()->loop.modify(listener_.get(), EPOLLIN, this);
}

}  // namespace kehai::http
