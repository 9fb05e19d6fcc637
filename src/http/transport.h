// Non-blocking bytes over one connected socket, plain or TLS. Internal to the server; used by one
// I/O thread.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "http/event_loop.h"

struct ssl_st;
struct ssl_ctx_st;

namespace kehai::http {

struct TransportResult {
  enum class Kind { Ok, WouldBlock, Closed };
  Kind kind = Kind::Closed;
  std::size_t bytes = 0;
};

// Certificate and key for a listening server; TLS 1.2 and newer.
class TlsContext {
 public:
  // Throws Error Invalid "http.tls" when the files cannot be used.
  TlsContext(const std::string& certificate_file, const std::string& key_file);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;
  ssl_ctx_st* get() const { return context_; }

 private:
  ssl_ctx_st* context_ = nullptr;
};

class Transport {
 public:
  // `tls` may be null: plain.
  Transport(Descriptor socket, std::shared_ptr<const TlsContext> tls);
  ~Transport();
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  int fd() const { return socket_.get(); }
  bool is_tls() const { return ssl_ != nullptr; }
  // After WouldBlock: the direction that has to become ready differs from the direction asked for.
  bool blocked_on_write() const { return blocked_on_write_; }
  bool blocked_on_read() const { return blocked_on_read_; }

  TransportResult handshake();
  TransportResult read(char* buffer, std::size_t size);
  // Writes from both pieces, first to second; bytes counts both together.
  TransportResult write(const char* first, std::size_t first_size, const char* second,
                        std::size_t second_size);
  // From a file to the socket; `buffer` of `buffer_size` bytes is used when the kernel cannot do it
  // alone.
  TransportResult write_file(int file, std::size_t offset, std::size_t size, char* buffer,
                             std::size_t buffer_size);
  void finish_writing();  // no more bytes from us (FIN, close_notify)
  void close();

 private:
  TransportResult tls_result(int returned);

  Descriptor socket_;
  std::shared_ptr<const TlsContext> tls_;
  ssl_st* ssl_ = nullptr;
  bool blocked_on_write_ = false;
  bool blocked_on_read_ = false;
};

}  // namespace kehai::http
