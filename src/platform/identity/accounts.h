// The tables password_hash and setup_token, and finding users by login.
// Functions without state; safe from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "db/database.h"
#include "db/table.h"

namespace kehai::platform {

constexpr std::int64_t kSetupTokenLife = std::int64_t{24} * 3600 * 1000;  // milliseconds

std::vector<db::TableDefinition> account_tables();

// 0 when nobody has this login.
std::int64_t find_user(db::Reader& reader, std::string_view login);
bool has_users(db::Reader& reader);

struct StoredPassword {
  std::string hash;
  bool must_change = false;
  std::optional<base::Instant> last_sign_in_at;
};
std::optional<StoredPassword> read_password(db::Reader& reader, std::int64_t user_id);
void write_password(db::Writer& writer, std::int64_t user_id, const std::string& hash,
                    bool must_change, base::Instant now);
// A stronger hash of the same password.
void write_hash(db::Writer& writer, std::int64_t user_id, const std::string& hash);
void write_sign_in(db::Writer& writer, std::int64_t user_id, base::Instant now);
void erase_password(db::Writer& writer, std::int64_t user_id);

// Replaces an older one.
void write_setup_token(db::Writer& writer, const std::string& token, base::Instant now);
bool is_setup_token(db::Reader& reader, std::string_view token, base::Instant now);
void erase_setup_token(db::Writer& writer);

}  // namespace kehai::platform
