#include "query/skiptoken.h"

#include <limits>

#include "base/error.h"
#include "base/random.h"
#include "query/printer.h"

namespace kehai::query {
namespace {

constexpr std::size_t kSignatureBytes = 16;
constexpr std::size_t kMaximumToken = 16 * 1024;

[[noreturn]] void throw_bad_token() {
  throw base::Error(base::ErrorKind::Invalid, "query.bad_token");
}

void append_number(std::string& out, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift));
}

std::uint64_t take_number(std::string_view& in) {
  if (in.size() < 8) throw_bad_token();
  std::uint64_t value = 0;
  for (int i = 0; i < 8; ++i)
    value = (value << 8) | static_cast<unsigned char>(in[static_cast<std::size_t>(i)]);
  in.remove_prefix(8);
  return value;
}

std::string serialise(const base::Values& key) {
  std::string out;
  for (const base::Value& value : key) {
    if (value.is_null()) {
      out += 'n';
    } else if (value.is_int()) {
      out += 'i';
      append_number(out, static_cast<std::uint64_t>(value.as_int()));
    } else {
      out += 't';
      append_number(out, value.as_text().size());
      out += value.as_text();
    }
  }
  return out;
}

base::Values deserialise(std::string_view in) {
  base::Values key;
  while (!in.empty()) {
    const char kind = in[0];
    in.remove_prefix(1);
    if (kind == 'n') {
      key.emplace_back();
    } else if (kind == 'i') {
      key.emplace_back(static_cast<std::int64_t>(take_number(in)));
    } else if (kind == 't') {
      const std::uint64_t size = take_number(in);
      if (size > in.size()) throw_bad_token();
      key.emplace_back(in.substr(0, size));
      in.remove_prefix(size);
    } else {
      throw_bad_token();
    }
  }
  return key;
}

std::string sign(std::string_view payload, std::string_view binding, std::string_view secret) {
  // The length separates the two parts; the first word separates this use of the secret from
  // others.
  std::string message = "skiptoken";
  append_number(message, payload.size());
  message += payload;
  message += binding;
  return base::hmac_sha256(secret, message).substr(0, kSignatureBytes);
}

int base64_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '-') return 62;
  if (c == '_') return 63;
  return -1;
}

std::string decode_base64url(std::string_view text) {
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const int value = base64_value(c);
    if (value < 0) throw_bad_token();
    bits = ((bits << 6) | static_cast<std::uint32_t>(value)) & 0xFFFFFF;
    count += 6;
    if (count >= 8) {
      count -= 8;
      out.push_back(static_cast<char>((bits >> count) & 0xFF));
    }
  }
  return out;
}

}  // namespace

std::string token_binding(std::string_view entity, const NodePtr& filter,
                          const std::vector<OrderItem>& order, std::int64_t user_id,
                          std::string_view extra) {
  std::string binding;
  const auto append = [&](std::string_view part) {
    append_number(binding, part.size());
    binding += part;
  };
  append(entity);
  append(print(filter));
  append(print(order));
  append(std::to_string(user_id));
  append(extra);
  return binding;
}

std::string encode_skiptoken(const base::Values& key, std::string_view binding,
                             std::string_view secret) {
  const std::string payload = serialise(key);
  return base::base64url(sign(payload, binding, secret) + payload);
}

base::Values decode_skiptoken(std::string_view token, std::string_view binding,
                              std::string_view secret) {
  if (token.size() > kMaximumToken) throw_bad_token();
  const std::string bytes = decode_base64url(token);
  // One text per token: stray bits at the end would make another.
  if (bytes.size() < kSignatureBytes || base::base64url(bytes) != token) throw_bad_token();
  const std::string_view payload = std::string_view(bytes).substr(kSignatureBytes);
  if (!base::equal_constant_time(sign(payload, binding, secret),
                                 bytes.substr(0, kSignatureBytes))) {
    throw_bad_token();
  }
  return deserialise(payload);
}

}  // namespace kehai::query
