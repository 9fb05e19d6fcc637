#include "platform/identity/accounts.h"

#include "base/random.h"
#include "platform/identity/login.h"

namespace kehai::platform {

namespace {

const db::Table kUser("user");
const db::Table kUnique("unique_key");
const db::Table kPassword("password_hash");
const db::Table kSetup("setup_token");
using db::Compare;
using db::Value;

std::vector<db::Condition> of_user(std::int64_t user_id) {
  return {{"user_id", Compare::Equal, Value(user_id)}};
}

}  // namespace

std::vector<db::TableDefinition> account_tables() {
  return {{"password_hash",
           {{"user_id", false, true},
            {"hash", true, true},
            {"changed_at", false, true},
            {"must_change", false, true},
            {"last_sign_in_at", false, false}},
           {"user_id"},
           {},
           false},
          {"setup_token",
           {{"id", false, true}, {"token_hash", true, true}, {"created_at", false, true}},
           {"id"},
           {},
           false}};
}

std::int64_t find_user(db::Reader& reader, std::string_view login) {
  const auto rows = kUnique.select(reader, {{"record_id"},
                                            {{"field", Compare::Equal, Value("user.login")},
                                             {"key", Compare::Equal, Value(login_key(login))}},
                                            {},
                                            0,
                                            false});
  return rows.empty() ? 0 : rows[0][0].int_or(0);
}

bool has_users(db::Reader& reader) {
  return !kUser.select(reader, {{"id"}, {{"is_system", Compare::Equal, Value(0)}}, {}, 1, false})
              .empty();
}

std::optional<StoredPassword> read_password(db::Reader& reader, std::int64_t user_id) {
  std::optional<StoredPassword> found;
  kPassword.select_each(
      reader, {{"hash", "must_change", "last_sign_in_at"}, of_user(user_id), {}, 0, false},
      [&](const db::Row& row) {
        found.emplace();
        found->hash = row.get_text(0);
        found->must_change = row.get_int(1) != 0;
        if (!row.is_null(2)) found->last_sign_in_at = row.get_int(2);
      });
  return found;
}

void write_password(db::Writer& writer, std::int64_t user_id, const std::string& hash,
                    bool must_change, base::Instant now) {
  kPassword.upsert(
      writer, {"user_id"},
      {{"user_id", user_id}, {"hash", hash}, {"changed_at", now}, {"must_change", must_change}});
}

void write_hash(db::Writer& writer, std::int64_t user_id, const std::string& hash) {
  kPassword.update(writer, {{"hash", hash}}, of_user(user_id));
}

void write_sign_in(db::Writer& writer, std::int64_t user_id, base::Instant now) {
  kPassword.update(writer, {{"last_sign_in_at", now}}, of_user(user_id));
}

void erase_password(db::Writer& writer, std::int64_t user_id) {
  kPassword.erase(writer, of_user(user_id));
}

void write_setup_token(db::Writer& writer, const std::string& token, base::Instant now) {
  kSetup.upsert(writer, {"id"},
                {{"id", 1}, {"token_hash", base::sha256_hex(token)}, {"created_at", now}});
}

bool is_setup_token(db::Reader& reader, std::string_view token, base::Instant now) {
  bool good = false;
  kSetup.select_each(reader, {{"token_hash", "created_at"}, {}, {}, 0, false},
                     [&](const db::Row& row) {
                       good = base::equal_constant_time(row.get_text(0), base::sha256_hex(token)) &&
                              now - row.get_int(1) < kSetupTokenLife;
                     });
  return good;
}

void erase_setup_token(db::Writer& writer) {
  kSetup.erase(writer, {});
}

}  // namespace kehai::platform
