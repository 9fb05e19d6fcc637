#include "http/transport.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace kehai::http {
namespace {

TransportResult system_result(ssize_t returned) {
  if (returned > 0) return {TransportResult::Kind::Ok, static_cast<std::size_t>(returned)};
  if (returned < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) {
    return {TransportResult::Kind::WouldBlock, 0};
  }
  return {TransportResult::Kind::Closed, 0};
}

int select_http_1_1(SSL*, const unsigned char** chosen, unsigned char* chosen_length,
                    const unsigned char* offered, unsigned int offered_length, void*) {
  static const unsigned char kProtocol[] = "\x08http/1.1";
  const int found =
      SSL_select_next_proto(const_cast<unsigned char**>(chosen), chosen_length, kProtocol,
                            sizeof(kProtocol) - 1, offered, offered_length);
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

[[noreturn]] void throw_tls_error() {
  std::array<char, 256> text{};
  ERR_error_string_n(ERR_get_error(), text.data(), text.size());
  ERR_clear_error();
  throw base::Error(base::ErrorKind::Invalid, "http.tls", {}, text.data());
}

}  // namespace

TlsContext::TlsContext(const std::string& certificate_file, const std::string& key_file)
    : context_(SSL_CTX_new(TLS_server_method())) {
  if (context_ == nullptr) throw_tls_error();
  SSL_CTX_set_min_proto_version(context_, TLS1_2_VERSION);
  SSL_CTX_set_options(context_, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                    SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(context_, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                 SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_cipher_list(context_, "ECDHE+AESGCM:ECDHE+CHACHA20");
  SSL_CTX_set_alpn_select_cb(context_, select_http_1_1, nullptr);
  if (SSL_CTX_use_certificate_chain_file(context_, certificate_file.c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(context_, key_file.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context_) != 1) {
    SSL_CTX_free(context_);
    context_ = nullptr;
    throw_tls_error();
  }
}

TlsContext::~TlsContext() {
  SSL_CTX_free(context_);
}

Transport::Transport(Descriptor socket, std::shared_ptr<const TlsContext> tls)
    : socket_(std::move(socket)), tls_(std::move(tls)) {
  if (!tls_) return;
  ssl_ = SSL_new(tls_->get());
  if (ssl_ == nullptr || SSL_set_fd(ssl_, socket_.get()) != 1) {
    SSL_free(ssl_);
    ssl_ = nullptr;
    throw_tls_error();
  }
  SSL_set_accept_state(ssl_);
}

Transport::~Transport() {
  close();
}

TransportResult Transport::tls_result(int returned) {
  blocked_on_read_ = blocked_on_write_ = false;
  if (returned > 0) return {TransportResult::Kind::Ok, static_cast<std::size_t>(returned)};
  const int error = SSL_get_error(ssl_, returned);
  ERR_clear_error();
  if (error == SSL_ERROR_WANT_READ) {
    blocked_on_read_ = true;
    return {TransportResult::Kind::WouldBlock, 0};
  }
  if (error == SSL_ERROR_WANT_WRITE) {
    blocked_on_write_ = true;
    return {TransportResult::Kind::WouldBlock, 0};
  }
  return {TransportResult::Kind::Closed, 0};
}

TransportResult Transport::handshake() {
  if (ssl_ == nullptr) return {TransportResult::Kind::Ok, 0};
  ERR_clear_error();
  return tls_result(SSL_do_handshake(ssl_));
}

TransportResult Transport::read(char* buffer, std::size_t size) {
  if (ssl_ == nullptr) return system_result(::recv(socket_.get(), buffer, size, 0));
  ERR_clear_error();
  return tls_result(SSL_read(ssl_, buffer, static_cast<int>(size)));
}

TransportResult Transport::write(const char* first, std::size_t first_size, const char* second,
                                 std::size_t second_size) {
  if (ssl_ == nullptr) {
    std::array<iovec, 2> pieces = {
        {{const_cast<char*>(first), first_size}, {const_cast<char*>(second), second_size}}};
    msghdr message{};
    message.msg_iov = first_size > 0 ? pieces.data() : pieces.data() + 1;
    message.msg_iovlen = (first_size > 0 ? 1U : 0U) + (second_size > 0 ? 1U : 0U);
    return system_result(::sendmsg(socket_.get(), &message, MSG_NOSIGNAL));
  }
  constexpr std::size_t kMaxPiece = 1U << 20U;
  ERR_clear_error();
  const char* piece = first_size > 0 ? first : second;
  const std::size_t size = std::min(kMaxPiece, first_size > 0 ? first_size : second_size);
  return tls_result(SSL_write(ssl_, piece, static_cast<int>(size)));
}

TransportResult Transport::write_file(int file, std::size_t offset, std::size_t size, char* buffer,
                                      std::size_t buffer_size) {
  if (ssl_ == nullptr) {
    auto position = static_cast<off_t>(offset);
    return system_result(::sendfile(socket_.get(), file, &position, size));
  }
  const ssize_t got =
      ::pread(file, buffer, std::min(size, buffer_size), static_cast<off_t>(offset));
  if (got <= 0) return {TransportResult::Kind::Closed, 0};
  return write(buffer, static_cast<std::size_t>(got), nullptr, 0);
}

void Transport::finish_writing() {
  if (ssl_ != nullptr) {
    ERR_clear_error();
    SSL_shutdown(ssl_);
    ERR_clear_error();
  }
  ::shutdown(socket_.get(), SHUT_WR);
}

void Transport::close() {
  SSL_free(ssl_);
  ssl_ = nullptr;
  socket_.reset();
}

}  // namespace kehai::http
