#include "platform/identity/throttle.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "base/random.h"

namespace kehai::platform {

namespace {

const db::Table kThrottle("sign_in_throttle");

constexpr std::int64_t kMinute = 60'000;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kKnownClient = std::int64_t{30} * 24 * kHour;
constexpr std::int64_t kLongestWait = 300'000;
constexpr std::int64_t kFreePairFailures = 5;
constexpr std::int64_t kFreeClientFailures = 30;

struct Count {
  std::int64_t failures = 0;
  base::Instant last_at = 0;
  base::Instant blocked_until = 0;
  base::Instant good_at = 0;
};

struct Keys {
  std::string client;
  std::string pair;
};

Keys keys_of(std::string_view login_key, std::string_view client_address) {
  const std::string client = client_key(client_address);
  // Hashed: people type passwords into the login field.
  return {"client:" + client, "pair:" + base::sha256_hex(std::string(login_key) + "\n" + client)};
}

Count read_count(db::Reader& reader, const std::string& key) {
  const auto rows = kThrottle.select(reader, {{"failures", "last_at", "blocked_until", "good_at"},
                                              {{"key", db::Compare::Equal, db::Value(key)}},
                                              {},
                                              0,
                                              false});
  if (rows.empty()) return {};
  return {rows[0][0].int_or(0), rows[0][1].int_or(0), rows[0][2].int_or(0), rows[0][3].int_or(0)};
}

void write_count(db::Writer& writer, const std::string& key, const Count& count) {
  kThrottle.upsert(writer, {"key"},
                   {{"key", key},
                    {"failures", count.failures},
                    {"last_at", count.last_at},
                    {"blocked_until", count.blocked_until},
                    {"good_at", count.good_at}});
}

// Until when nobody may try again; 0 = at once. An attempt that is free blocks nobody, not even one
// that looked at the clock a moment earlier and comes in later.
base::Instant blocked_until(std::int64_t failures, std::int64_t free, base::Instant now) {
  if (failures < free) return 0;
  const std::int64_t doublings = std::min<std::int64_t>(failures - free, 20);
  return now + std::min((std::int64_t{1} << doublings) * 1000, kLongestWait);
}

bool is_known(const Count& pair, base::Instant now) {
  return pair.good_at > 0 && now - pair.good_at < kKnownClient;
}

void refuse_if_blocked(const Count& client, const Count& pair, base::Instant now) {
  const base::Instant until =
      std::max(pair.blocked_until, is_known(pair, now) ? 0 : client.blocked_until);
  if (until <= now) return;
  const std::int64_t seconds = (until - now + 999) / 1000;
  throw base::Error(base::ErrorKind::Limit, "session.throttled",
                    {{"seconds", std::to_string(seconds)}});
}

}  // namespace

std::string client_key(std::string_view client_address) {
  const std::string text(client_address.substr(0, 64));
  in6_addr six{};
  if (inet_pton(AF_INET6, text.c_str(), &six) != 1) return text;
  char out[INET6_ADDRSTRLEN] = {};
  if (IN6_IS_ADDR_V4MAPPED(&six)) {
    in_addr four{};
    std::memcpy(&four, six.s6_addr + 12, 4);
    inet_ntop(AF_INET, &four, out, sizeof out);
    return out;
  }
  std::memset(six.s6_addr + 8, 0, 8);
  inet_ntop(AF_INET6, &six, out, sizeof out);
  return std::string(out) + "/64";
}

db::TableDefinition Throttle::table() {
  return {"sign_in_throttle",
          {{"key", true, true},
           {"failures", false, true},
           {"last_at", false, true},
           {"blocked_until", false, true},
           {"good_at", false, true}},
          {"key"},
          {{"ix_sign_in_throttle_last_at", {"last_at"}, false, "", ""}},
          false};
}

void Throttle::begin(std::string_view login_key, std::string_view client_address) {
  const Keys keys = keys_of(login_key, client_address);
  const base::Instant now = clock_.now();
  // Refusals cost no write: a flood of them must not fill the disk's queue.
  database_.read([&](db::Reader& reader) {
    refuse_if_blocked(read_count(reader, keys.client), read_count(reader, keys.pair), now);
  });
  database_.write([&](db::Writer& writer) {
    writer.lock("sign_in", keys.client);
    writer.lock("sign_in", keys.pair);
    Count client = read_count(writer, keys.client);
    Count pair = read_count(writer, keys.pair);
    refuse_if_blocked(client, pair, now);
    if (now - pair.last_at > kHour) pair.failures = 0;
    ++pair.failures;
    pair.blocked_until = blocked_until(pair.failures, kFreePairFailures, now);
    pair.last_at = now;
    write_count(writer, keys.pair, pair);
    // Otherwise signing in with an account of one's own would reset the client's count again and
    // again.
    if (is_known(pair, now)) return;
    client.failures =
        std::max<std::int64_t>(0, client.failures - (now - client.last_at) / kMinute) + 1;
    client.blocked_until = blocked_until(client.failures, kFreeClientFailures, now);
    client.last_at = now;
    write_count(writer, keys.client, client);
  });
}

void Throttle::succeed(db::Writer& writer, std::string_view login_key,
                       std::string_view client_address) {
  const Keys keys = keys_of(login_key, client_address);
  const base::Instant now = clock_.now();
  writer.lock("sign_in", keys.client);
  writer.lock("sign_in", keys.pair);
  if (!is_known(read_count(writer, keys.pair), now)) {
    Count client = read_count(writer, keys.client);
    client.failures = std::max<std::int64_t>(0, client.failures - 1);
    client.blocked_until = 0;
    write_count(writer, keys.client, client);
  }
  write_count(writer, keys.pair, {0, now, 0, now});
}

void Throttle::clean(db::Writer& writer, base::Instant now) {
  kThrottle.erase(writer, {{"last_at", db::Compare::Less, db::Value(now - 2 * kHour)},
                           {"good_at", db::Compare::Less, db::Value(now - kKnownClient)}});
}

}  // namespace kehai::platform
