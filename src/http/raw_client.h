// For the tests of http/: a server on a free port, and a client that sends exactly the bytes that
// it is given.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/encoding.h"
#include "http/server.h"

namespace kehai::http::test {

struct Reply {
  int status = 0;
  std::string head;  // with its empty line
  std::string body;

  std::string header(std::string_view name) const {
    for (std::size_t at = head.find("\r\n"); at != std::string::npos;
         at = head.find("\r\n", at + 2)) {
      const std::string_view rest = std::string_view(head).substr(at + 2);
      const std::size_t colon = rest.find(':');
      if (colon != std::string_view::npos && equal_ignoring_case(rest.substr(0, colon), name)) {
        return std::string(trim_blanks(rest.substr(colon + 1, rest.find("\r\n") - colon - 1)));
      }
    }
    return {};
  }
};

// Takes one reply off the front of `bytes`; false when it is not complete. 1xx counts as a reply.
inline bool take_reply(std::string& bytes, Reply& reply, bool to_head = false) {
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string::npos || bytes.size() < 12) return false;
  reply.head = bytes.substr(0, end + 4);
  reply.status = std::atoi(bytes.c_str() + 9);
  const std::string length = reply.header("content-length");
  const std::size_t size =
      to_head || length.empty() ? 0 : static_cast<std::size_t>(std::atoll(length.c_str()));
  if (bytes.size() < end + 4 + size) return false;
  reply.body = bytes.substr(end + 4, size);
  bytes.erase(0, end + 4 + size);
  return true;
}

class RawClient {
 public:
  // receive_buffer > 0 makes the kernel's buffer small, so that the server feels a peer that does
  // not read.
  explicit RawClient(std::uint16_t port, int receive_buffer = 0) {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (receive_buffer > 0) {
      ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(receive_buffer));
    }
    const int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd_ < 0 || ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
      if (fd_ >= 0) ::close(fd_);
      throw std::runtime_error("connect");
    }
  }
  ~RawClient() { ::close(fd_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  int fd() const { return fd_; }

  // False when the server closed before everything was sent.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      pollfd waiting{fd_, POLLOUT, 0};
      if (::poll(&waiting, 1, 10'000) <= 0) return false;
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent < 0 && (errno == EAGAIN || errno == EINTR)) continue;
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  // Sends what the kernel takes now, without waiting; the number of bytes, or -1 when the peer is
  // gone.
  ssize_t send_some(std::string_view bytes) {
    return ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  }

  // Waits for more bytes. False at the end of the stream or when nothing comes for `milliseconds`.
  bool receive(int milliseconds = 10'000) {
    pollfd waiting{fd_, POLLIN, 0};
    if (::poll(&waiting, 1, milliseconds) <= 0) return false;
    char buffer[65536];
    const ssize_t got = ::recv(fd_, buffer, sizeof(buffer), 0);
    if (got <= 0) {
      closed_ = true;
      return false;
    }
    bytes_.append(buffer, static_cast<std::size_t>(got));
    return true;
  }

  // The next reply; status 0 when the server closes or does not answer.
  Reply read(bool to_head = false) {
    Reply reply;
    while (!take_reply(bytes_, reply, to_head)) {
      if (!receive()) return {};
    }
    return reply;
  }

  // Everything until the server closes.
  std::vector<Reply> read_until_close() {
    while (receive()) {
    }
    std::vector<Reply> replies;
    Reply reply;
    while (take_reply(bytes_, reply)) replies.push_back(std::move(reply));
    return replies;
  }

  bool closed() const { return closed_; }
  std::string& bytes() { return bytes_; }
  void finish_sending() { ::shutdown(fd_, SHUT_WR); }

  Reply get(std::string_view target) {
    send("GET " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    return read();
  }

 private:
  int fd_ = -1;
  bool closed_ = false;
  std::string bytes_;
};

// Few threads and short lingering: tests start many servers.
inline ServerOptions small_options() {
  ServerOptions options;
  options.io_threads = 1;
  options.normal = {4, 64};
  options.slow = {1, 4};
  options.deadlines.linger = std::chrono::milliseconds(200);
  return options;
}

struct RunningServer {
  RunningServer(ServerOptions options, Handler handler)
      : server(std::move(options), std::move(handler)) {
    server.start();
  }
  std::uint16_t port() const { return server.port(); }
  Server server;
};

// Answers with what it understood: method, path, query, body.
inline Response echo(const Request& request) {
  Response response;
  response.header("Content-Type", "text/plain; charset=utf-8");
  response.body = request.method + " " + request.path;
  for (const auto& [name, value] : request.query) response.body += " " + name + "=" + value;
  response.body += "|" + request.body;
  return response;
}

}  // namespace kehai::http::test
