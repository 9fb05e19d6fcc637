#include "base/seal.h"

#include <sodium.h>

#include "base/error.h"
#include "base/random.h"

namespace kehai::base {

namespace {

constexpr std::size_t kOverhead = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES;
constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

const unsigned char* bytes(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

std::string key_of(std::string_view purpose, std::string_view secret) {
  static_assert(crypto_secretbox_KEYBYTES == 32);
  return hmac_sha256(secret, "seal:" + std::string(purpose));
}

}  // namespace

std::string seal(std::string_view plain, std::string_view purpose, std::string_view secret) {
  if (sodium_init() < 0)
    throw Error(ErrorKind::Internal, "internal", {}, "libsodium did not start");
  const std::string key = key_of(purpose, secret);
  const std::string input(plain);
  std::string out(kOverhead + plain.size(), '\0');
  randombytes_buf(out.data(), crypto_secretbox_NONCEBYTES);
  crypto_secretbox_easy(bytes(out) + crypto_secretbox_NONCEBYTES, bytes(input), input.size(),
                        bytes(out), bytes(key));
  return base64url(out);
}

std::optional<std::string> unseal(std::string_view sealed, std::string_view purpose,
                                  std::string_view secret) {
  std::string raw(sealed.size(), '\0');
  std::size_t size = 0;
  if (sodium_base642bin(bytes(raw), raw.size(), sealed.data(), sealed.size(), nullptr, &size,
                        nullptr, kVariant) != 0 ||
      size < kOverhead) {
    return std::nullopt;
  }
  const std::string key = key_of(purpose, secret);
  std::string plain(size - kOverhead, '\0');
  if (crypto_secretbox_open_easy(bytes(plain), bytes(raw) + crypto_secretbox_NONCEBYTES,
                                 size - crypto_secretbox_NONCEBYTES, bytes(raw), bytes(key)) != 0)
    return std::nullopt;
  return plain;
}

}  // namespace kehai::base
