#include "platform/identity/credentials.h"

#include <algorithm>
#include <mutex>

#include "base/error.h"
#include "base/random.h"
#include "record/engine.h"

namespace kehai::platform {

namespace {

const db::Table kSession("session");
const db::Table kToken("access_token");
using db::Compare;
using db::Value;

constexpr std::size_t kMaximumEntries = 20'000;
constexpr std::int64_t kMinute = 60'000;
// flush() runs every minute; this is for programs that never call it.
constexpr std::int64_t kLongestUnwritten = 5 * kMinute;
constexpr base::Instant kNever = INT64_MAX;

}  // namespace

std::vector<db::TableDefinition> credential_tables() {
  return {{"session",
           {{"id", false, true},
            {"token_hash", true, true},
            {"user_id", false, true},
            {"csrf", true, true},
            {"created_at", false, true},
            {"last_seen_at", false, true},
            {"expires_at", false, true},
            {"address", true, true}},
           {"id"},
           {{"ix_session_token_hash", {"token_hash"}, true, "", ""},
            {"ix_session_user", {"user_id"}, false, "", ""}},
           false},
          {"access_token",
           {{"id", false, true},
            {"token_hash", true, true},
            {"user_id", false, true},
            {"name", true, true},
            {"read_only", false, true},
            {"created_at", false, true},
            {"expires_on", false, false},
            {"last_used_at", false, false}},
           {"id"},
           {{"ix_access_token_token_hash", {"token_hash"}, true, "", ""},
            {"ix_access_token_user", {"user_id"}, false, "", ""}},
           false}};
}

std::int64_t insert_session(record::Tx& tx, const NewSession& session) {
  const std::int64_t id = tx.engine().allocator().next_id("session");
  kSession.insert(tx.writer(), {{"id", id},
                                {"token_hash", base::sha256_hex(session.token)},
                                {"user_id", session.user_id},
                                {"csrf", session.csrf},
                                {"created_at", tx.now()},
                                {"last_seen_at", tx.now()},
                                {"expires_at", tx.now() + kSessionAbsolute},
                                {"address", session.address.substr(0, 64)}});
  return id;
}

void erase_session(db::Writer& writer, std::int64_t session_id) {
  kSession.erase(writer, {{"id", Compare::Equal, Value(session_id)}});
}

void erase_sessions(db::Writer& writer, std::int64_t user_id, std::int64_t kept) {
  kSession.erase(writer, {{"user_id", Compare::Equal, Value(user_id)},
                          {"id", Compare::NotEqual, Value(kept)}});
}

void erase_access_tokens(db::Writer& writer, std::int64_t user_id) {
  kToken.erase(writer, {{"user_id", Compare::Equal, Value(user_id)}});
}

void clean_credentials(db::Writer& writer, base::Instant now) {
  kSession.erase(writer, {{"expires_at", Compare::Less, Value(now)}});
  // Another node may know of later use that it has not written yet.
  kSession.erase(
      writer, {{"last_seen_at", Compare::Less, Value(now - kSessionIdle - 2 * kLongestUnwritten)}});
}

std::optional<Session> CredentialCache::find(std::string_view secret, bool is_use) {
  if (secret.size() < 16 || secret.size() > 200) return std::nullopt;
  const std::string hash = base::sha256_hex(secret);
  const base::Instant now = engine_.clock().now();
  // The epochs first: what is loaded afterwards is at least as new.
  const std::int64_t revocation_epoch = revocations_.current();
  const std::int64_t access_epoch = access_.epoch();
  auto entry = cached(hash);
  const bool current = entry && entry->revocation_epoch == revocation_epoch &&
                       entry->access_epoch == access_epoch && is_alive(*entry, now);
  if (!current) {
    auto fresh = load(hash);
    if (fresh) {
      fresh->revocation_epoch = revocation_epoch;
      fresh->access_epoch = access_epoch;
      if (entry) {
        fresh->used_at = std::max(fresh->used_at.load(), entry->used_at.load());
        fresh->written_at = std::max(fresh->written_at.load(), entry->written_at.load());
      }
    }
    entry =
        fresh && fresh->session.actor.rights && is_alive(*fresh, now) ? std::move(fresh) : nullptr;
    keep(hash, entry, now);
    if (!entry) return std::nullopt;
  }
  if (is_use) use(*entry, now);
  return entry->session;
}

std::shared_ptr<CredentialCache::Entry> CredentialCache::cached(const std::string& hash) {
  const std::shared_lock lock(mutex_);
  const auto found = entries_.find(hash);
  return found == entries_.end() ? nullptr : found->second;
}

std::shared_ptr<CredentialCache::Entry> CredentialCache::load(const std::string& hash) {
  auto entry = std::make_shared<Entry>();
  bool found = false;
  const std::vector<db::Condition> where{{"token_hash", Compare::Equal, Value(hash)}};
  engine_.database().read([&](db::Reader& reader) {
    if (kind_ == CredentialKind::Session) {
      kSession.select_each(
          reader, {{"id", "user_id", "csrf", "last_seen_at", "expires_at"}, where, {}, 0, false},
          [&](const db::Row& row) {
            found = true;
            entry->id = row.get_int(0);
            entry->session.session_id = row.get_int(0);
            entry->session.actor.user_id = row.get_int(1);
            entry->session.csrf_token = row.get_text(2);
            entry->used_at = row.get_int(3);
            entry->expires_at = row.get_int(4);
          });
    } else {
      kToken.select_each(
          reader,
          {{"id", "user_id", "read_only", "expires_on", "last_used_at"}, where, {}, 0, false},
          [&](const db::Row& row) {
            found = true;
            entry->id = row.get_int(0);
            entry->session.actor.user_id = row.get_int(1);
            entry->session.actor.read_only = row.get_int(2) != 0;
            entry->expires_at =
                row.is_null(3) ? kNever : engine_.zone().start_of_day(row.get_int(3) + 1);
            entry->used_at = row.get_int(4);
          });
    }
  });
  if (!found) return nullptr;
  entry->written_at = entry->used_at.load();
  access_.attach_rights(entry->session.actor);
  return entry;
}

bool CredentialCache::is_alive(const Entry& entry, base::Instant now) const {
  if (now >= entry.expires_at) return false;
  return kind_ == CredentialKind::AccessToken || now - entry.used_at.load() < kSessionIdle;
}

void CredentialCache::keep(const std::string& hash, std::shared_ptr<Entry> entry,
                           base::Instant now) {
  const std::unique_lock lock(mutex_);
  if (!entry) {
    entries_.erase(hash);
    return;
  }
  if (entries_.size() >= kMaximumEntries) {
    std::erase_if(entries_, [&](const auto& item) {
      return now - item.second->used_at.load() > kLongestUnwritten;
    });
    if (entries_.size() >= kMaximumEntries) entries_.clear();
  }
  entries_[hash] = std::move(entry);
}

void CredentialCache::use(Entry& entry, base::Instant now) {
  entry.used_at.store(now, std::memory_order_relaxed);
  base::Instant written = entry.written_at.load(std::memory_order_relaxed);
  if (now - written < kLongestUnwritten || !entry.written_at.compare_exchange_strong(written, now))
    return;
  try {
    engine_.database().write([&](db::Writer& writer) {
      const bool session = kind_ == CredentialKind::Session;
      (session ? kSession : kToken)
          .update(writer, {{session ? "last_seen_at" : "last_used_at", now}},
                  {{"id", Compare::Equal, Value(entry.id)}});
    });
  } catch (const base::Error&) {
    // A full disk must not keep people from reading; the next use tries again.
    entry.written_at.store(written);
  }
}

void CredentialCache::flush() {
  std::vector<std::shared_ptr<Entry>> used;
  {
    const std::shared_lock lock(mutex_);
    for (const auto& [hash, entry] : entries_) {
      if (entry->used_at.load() - entry->written_at.load() >= kMinute / 2) used.push_back(entry);
    }
  }
  constexpr std::size_t kChunk = 200;
  for (std::size_t start = 0; start < used.size(); start += kChunk) {
    write_used({used.begin() + static_cast<std::ptrdiff_t>(start),
                used.begin() + static_cast<std::ptrdiff_t>(std::min(start + kChunk, used.size()))});
  }
}

void CredentialCache::write_used(const std::vector<std::shared_ptr<Entry>>& entries) {
  const bool session = kind_ == CredentialKind::Session;
  std::vector<base::Instant> times;
  for (const auto& entry : entries) times.push_back(entry->used_at.load());
  engine_.database().write(
      [&](db::Writer& writer) {
        for (std::size_t i = 0; i < entries.size(); ++i) {
          (session ? kSession : kToken)
              .update(writer, {{session ? "last_seen_at" : "last_used_at", times[i]}},
                      {{"id", Compare::Equal, Value(entries[i]->id)}});
        }
      },
      db::Lane::Bulk);
  for (std::size_t i = 0; i < entries.size(); ++i) entries[i]->written_at.store(times[i]);
}

}  // namespace kehai::platform
