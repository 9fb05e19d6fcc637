// Values of the whole installation: the organisation's name, time zone and currency, the
// installation's secret.
//
// Kept in setting(key, value). Cached; a change made here is seen at once, one made by another node
// within 500 ms. The time zone and the secret go into the engine when the program starts: a new
// zone takes effect at the next start. Needs only the tables (record::migrate), so that app/ can
// read them before it makes the engine. Safe from any thread; not inside a transaction.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/time.h"
#include "db/database.h"
#include "platform/access/access.h"
#include "platform/access/epochs.h"
#include "platform/registrar.h"

namespace kehai::platform {

inline constexpr const char* kSettingsEpoch = "settings";

struct OrganisationSettings {
  std::string name;                         // "" before the set-up
  std::string time_zone = "Asia/Shanghai";  // IANA name
  std::string currency = "CNY";             // ISO 4217
};

class Settings {
 public:
  Settings(db::Database& database, base::Clock& clock)
      : database_(database), clock_(clock), epochs_(database, clock, kSettingsEpoch) {}

  // "" when it was never set.
  std::string get(std::string_view key);
  OrganisationSettings organisation();
  // Secret of >= 32 bytes, made at the first call and never changed; authenticates page tokens and
  // the like.
  std::string installation_secret(base::Random& random);

  // Right "configure" on "setting", else Forbidden "access.denied". Absent members stay as they
  // are. Field errors: "name", "time_zone" ("config.time_zone"), "currency" ("field.currency").
  struct OrganisationChange {
    std::optional<std::string> name, time_zone, currency;
  };
  void set_organisation(record::Engine& engine, const record::Actor& actor,
                        const OrganisationChange& change);
  // Any other value, by code of the platform and the modules; the caller has checked the right.
  void set(const record::Actor& actor, std::string_view key, std::string_view value);

 private:
  void write(const record::Actor& actor, const std::map<std::string, std::string>& values);
  std::map<std::string, std::string, std::less<>> values();

  db::Database& database_;
  base::Clock& clock_;
  Epochs epochs_;
  std::mutex mutex_;
  bool loaded_ = false;
  std::int64_t epoch_ = 0;
  std::map<std::string, std::string, std::less<>> cache_;
};

// For transactions that write settings together with something else; they bump the epoch
// kSettingsEpoch themselves.
std::optional<std::string> read_setting(db::Reader& reader, std::string_view key);
void write_setting(db::Writer& writer, std::string_view key, std::string_view value,
                   std::int64_t user_id, base::Instant now);

// Tables of settings and picklists, the starter that loads the picklists, the schedule that follows
// other nodes.
void register_settings(Registrar& registrar);

}  // namespace kehai::platform
