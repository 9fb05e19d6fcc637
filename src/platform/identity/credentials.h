// Sessions and personal access tokens: their tables, and the cache that makes an authenticated
// request cost no query.
//
// Secrets are >= 128 random bits; only their SHA-256 is stored. A cached credential is trusted
// while neither the session epoch (something was revoked) nor the access epoch (rights changed) has
// moved; both are re-read at most every 500 ms.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "platform/access/access.h"
#include "platform/access/epochs.h"
#include "platform/identity/identity.h"
#include "record/tx.h"

namespace kehai::platform {

constexpr std::int64_t kSessionIdle = std::int64_t{12} * 3600 * 1000;           // milliseconds
constexpr std::int64_t kSessionAbsolute = std::int64_t{30} * 24 * 3600 * 1000;  // milliseconds
constexpr std::size_t kSecretBytes = 32;
constexpr std::string_view kAccessTokenPrefix = "kh_";

enum class CredentialKind { Session, AccessToken };

std::vector<db::TableDefinition> credential_tables();

struct NewSession {
  std::string token;
  std::string csrf;
  std::int64_t user_id = 0;
  std::string address;
};
// Inside the transaction that signs in; returns the session's id.
std::int64_t insert_session(record::Tx& tx, const NewSession& session);
void erase_session(db::Writer& writer, std::int64_t session_id);
// All of the user's sessions except `kept` (0 = none).
void erase_sessions(db::Writer& writer, std::int64_t user_id, std::int64_t kept = 0);
void erase_access_tokens(db::Writer& writer, std::int64_t user_id);
// Sessions past their limits.
void clean_credentials(db::Writer& writer, base::Instant now);

// Safe from any thread.
class CredentialCache {
 public:
  // All borrowed.
  CredentialCache(CredentialKind kind, record::Engine& engine, Access& access, Epochs& revocations)
      : kind_(kind), engine_(engine), access_(access), revocations_(revocations) {}

  // Empty when unknown, expired, revoked or of somebody who may not sign in. Not inside a
  // transaction.
  std::optional<Session> find(std::string_view secret, bool is_use);
  // Writes down when the cached credentials were last used.
  void flush();

 private:
  struct Entry {
    Session session;
    std::int64_t id = 0;
    bool read_only = false;
    base::Instant expires_at = 0;  // first instant at which it no longer works
    std::int64_t revocation_epoch = 0;
    std::int64_t access_epoch = 0;
    std::atomic<base::Instant> used_at{0};
    std::atomic<base::Instant> written_at{0};
  };

  std::shared_ptr<Entry> cached(const std::string& hash);
  std::shared_ptr<Entry> load(const std::string& hash);
  bool is_alive(const Entry& entry, base::Instant now) const;
  void use(Entry& entry, base::Instant now);
  void write_used(const std::vector<std::shared_ptr<Entry>>& entries);
  void keep(const std::string& hash, std::shared_ptr<Entry> entry, base::Instant now);

  CredentialKind kind_;
  record::Engine& engine_;
  Access& access_;
  Epochs& revocations_;
  std::shared_mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<Entry>> entries_;
};

}  // namespace kehai::platform
