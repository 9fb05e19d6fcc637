#include <doctest/doctest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <memory>

#include "base/error.h"
#include "http/client.h"
#include "http/raw_client.h"

namespace {

using namespace kehai::http;
using namespace kehai::http::test;

// A key and a certificate for "localhost" and 127.0.0.1 that signs itself, in files that vanish
// with this object.
class Certificate {
 public:
  Certificate() {
    EVP_PKEY* key = EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256");
    X509* certificate = X509_new();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME* name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    for (const auto& [id, value] : {std::pair(NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1"),
                                    std::pair(NID_basic_constraints, "critical,CA:TRUE")}) {
      X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, id, value);
      X509_add_ext(certificate, extension, -1);
      X509_EXTENSION_free(extension);
    }
    X509_sign(certificate, key, EVP_sha256());
    FILE* file = std::fopen(certificate_file.c_str(), "w");
    PEM_write_X509(file, certificate);
    std::fclose(file);
    file = std::fopen(key_file.c_str(), "w");
    PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(file);
    X509_free(certificate);
    EVP_PKEY_free(key);
  }
  ~Certificate() {
    std::filesystem::remove(certificate_file);
    std::filesystem::remove(key_file);
  }

 private:
  const std::string base_ =
      (std::filesystem::temp_directory_path() / ("kehai-tls-test-" + std::to_string(::getpid())))
          .string();

 public:
  const std::string certificate_file = base_ + ".crt";
  const std::string key_file = base_ + ".key";
};

// TLS over a RawClient's socket.
class TlsClient {
 public:
  explicit TlsClient(std::uint16_t port, int max_version = TLS1_3_VERSION)
      : raw_(port), context_(SSL_CTX_new(TLS_client_method())) {
    SSL_CTX_set_max_proto_version(context_, max_version);
    SSL_CTX_set_min_proto_version(context_, TLS1_VERSION);
    SSL_CTX_set_cipher_list(context_, "ALL:@SECLEVEL=0");
    SSL_CTX_set_options(context_, SSL_OP_IGNORE_UNEXPECTED_EOF);
    ssl_ = SSL_new(context_);
    SSL_set_fd(ssl_, raw_.fd());
    connected_ = SSL_connect(ssl_) == 1;
  }
  ~TlsClient() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
  }
  bool connected() const { return connected_; }
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const int written = SSL_write(ssl_, bytes.data(),
                                    static_cast<int>(std::min<std::size_t>(bytes.size(), 100'000)));
      if (written <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
  }
  Reply read() {
    Reply reply;
    char buffer[16'384];
    while (!take_reply(bytes_, reply)) {
      const int got = SSL_read(ssl_, buffer, sizeof(buffer));
      if (got <= 0) return {};
      bytes_.append(buffer, static_cast<std::size_t>(got));
    }
    return reply;
  }

 private:
  RawClient raw_;
  SSL_CTX* context_;
  SSL* ssl_ = nullptr;
  bool connected_ = false;
  std::string bytes_;
};

}  // namespace

TEST_CASE("TLS: requests, pipelining, large bodies and files") {
  const Certificate certificate;
  std::string large;
  for (int i = 0; i < 100'000; ++i) large += std::to_string(i) + "\n";
  auto options = small_options();
  options.certificate_file = certificate.certificate_file;
  options.key_file = certificate.key_file;
  options.body_limit = 4U << 20U;
  RunningServer server(options, [&](const Request& request) {
    Response response;
    if (request.path == "/file") {
      response.file = certificate.certificate_file;
    } else if (request.path == "/large") {
      response.body = large;
    } else if (request.path == "/size") {
      response.body =
          std::to_string(request.body_file ? request.body_file->size() : request.body.size());
    } else {
      response.body = request.tls ? "tls" : "plain";
    }
    return response;
  });
  TlsClient client(server.port());
  REQUIRE(client.connected());
  const auto get = [](const std::string& path) {
    return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
  };
  client.send(get("/") + get("/large") + get("/file") + get("/"));
  CHECK(client.read().body == "tls");
  CHECK(client.read().body == large);
  CHECK(client.read().body.substr(0, 27) == "-----BEGIN CERTIFICATE-----");
  CHECK(client.read().body == "tls");
  client.send("POST /size HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n" +
              std::string(3'000'000, 'a'));
  CHECK(client.read().body == "3000000");
  client.send("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
  CHECK(client.read().status == 400);
  CHECK(client.read().status == 0);
}

TEST_CASE("TLS: old versions and plain text are refused, a silent handshake is cut") {
  const Certificate certificate;
  auto options = small_options();
  options.certificate_file = certificate.certificate_file;
  options.key_file = certificate.key_file;
  options.deadlines.header = std::chrono::milliseconds(200);
  RunningServer server(options, echo);
  CHECK_FALSE(TlsClient(server.port(), TLS1_1_VERSION).connected());
  CHECK(TlsClient(server.port(), TLS1_2_VERSION).connected());
  RawClient plain(server.port());
  plain.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(plain.read_until_close().empty());
  RawClient silent(server.port());
  CHECK(silent.read_until_close().empty());
  CHECK(silent.closed());
}

TEST_CASE("TLS: the outbound client verifies the certificate") {
  const Certificate certificate;
  auto options = small_options();
  options.certificate_file = certificate.certificate_file;
  options.key_file = certificate.key_file;
  RunningServer server(options, echo);
  const std::string port = ":" + std::to_string(server.port()) + "/a";
  ClientOptions trusting;
  trusting.allowed_networks = {"127.0.0.0/8"};
  const auto outcome = [](const ClientOptions& client, const std::string& url) {
    try {
      return Client(client).send({"GET", url, {}, ""}).body;
    } catch (const kehai::base::Error& error) {
      return error.code();
    }
  };
  CHECK(outcome(trusting, "https://127.0.0.1" + port) == "outbound.failed");
  trusting.certificate_authorities = certificate.certificate_file;
  CHECK(outcome(trusting, "https://127.0.0.1" + port) == "GET /a|");
  CHECK(outcome(trusting, "https://127.0.0.2" + port) ==
        "outbound.failed");  // another name than the certificate's
}

TEST_CASE("TLS: unusable files are reported at start") {
  auto options = small_options();
  options.certificate_file = "/nonexistent.crt";
  options.key_file = "/nonexistent.key";
  CHECK_THROWS_AS(Server(options, echo), kehai::base::Error);
}
