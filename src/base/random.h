// Randomness as a port: the system's CSPRNG in production, a seeded generator in tests and `seed`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace kehai::base {

class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(void* bytes, std::size_t count) = 0;
  std::uint64_t next();
  // Uniform in [0, bound).
  std::uint64_t below(std::uint64_t bound);
  // URL-safe base64 of `bytes` random bytes (>= 16 for anything secret).
  std::string token(std::size_t bytes);
};
std::unique_ptr<Random> make_system_random();
std::unique_ptr<Random> make_seeded_random(std::uint64_t seed);

// SHA-256 as lower-case hex; for tokens at rest, ETags and content addresses.
std::string sha256_hex(std::string_view data);
std::string base64url(std::string_view data);  // without padding
std::string base64(std::string_view data);     // the ordinary one, with padding
std::string hmac_sha256(std::string_view key, std::string_view data);  // 32 raw bytes
bool equal_constant_time(std::string_view a, std::string_view b);

}  // namespace kehai::base
