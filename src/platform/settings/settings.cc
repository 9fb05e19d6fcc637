#include "platform/settings/settings.h"

#include <algorithm>
#include <memory>

#include "base/error.h"
#include "base/text/utf8.h"
#include "platform/settings/picklists.h"
#include "platform/settings/settings_audit.h"
#include "record/engine.h"

namespace kehai::platform {

using base::Error;
using base::ErrorKind;

namespace {

const db::Table kSetting("setting");
using db::Compare;
using db::Value;

constexpr std::size_t kMaximumName = 100;
constexpr const char* kSecretKey = "installation.secret";

bool is_currency(std::string_view text) {
  return text.size() == 3 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

bool is_time_zone(const std::string& name) {
  try {
    const base::TimeZone zone(name);
    return true;
  } catch (const Error&) {
    return false;
  }
}

std::string text_or(const std::map<std::string, std::string, std::less<>>& values,
                    std::string_view key, const std::string& fallback) {
  const auto found = values.find(key);
  return found == values.end() || found->second.empty() ? fallback : found->second;
}

}  // namespace

std::optional<std::string> read_setting(db::Reader& reader, std::string_view key) {
  const auto rows =
      kSetting.select(reader, {{"value"}, {{"key", Compare::Equal, Value(key)}}, {}, 0, false});
  if (rows.empty()) return std::nullopt;
  return rows[0][0].text_or("");
}

void write_setting(db::Writer& writer, std::string_view key, std::string_view value,
                   std::int64_t user_id, base::Instant now) {
  kSetting.upsert(writer, {"key"},
                  {{"key", key}, {"value", value}, {"changed_at", now}, {"changed_by", user_id}});
}

std::map<std::string, std::string, std::less<>> Settings::values() {
  const std::int64_t wanted = epochs_.current();
  {
    const std::lock_guard lock(mutex_);
    if (loaded_ && epoch_ >= wanted) return cache_;
  }
  std::map<std::string, std::string, std::less<>> found;
  database_.read([&](db::Reader& reader) {
    found.clear();
    kSetting.select_each(reader, {{"key", "value"}, {}, {}, 0, false}, [&](const db::Row& row) {
      if (row.get_text(0) != kSecretKey) found[std::string(row.get_text(0))] = row.get_text(1);
    });
  });
  const std::lock_guard lock(mutex_);
  if (!loaded_ || wanted >= epoch_) {
    cache_ = found;
    epoch_ = wanted;
    loaded_ = true;
  }
  return found;
}

std::string Settings::get(std::string_view key) {
  return text_or(values(), key, "");
}

OrganisationSettings Settings::organisation() {
  const auto found = values();
  OrganisationSettings out;
  out.name = text_or(found, "organisation.name", out.name);
  out.time_zone = text_or(found, "organisation.time_zone", out.time_zone);
  out.currency = text_or(found, "organisation.currency", out.currency);
  return out;
}

std::string Settings::installation_secret(base::Random& random) {
  std::optional<std::string> secret;
  database_.read([&](db::Reader& reader) { secret = read_setting(reader, kSecretKey); });
  if (secret) return *secret;
  const std::string made = random.token(32);
  const base::Instant now = clock_.now();
  database_.write([&](db::Writer& writer) {
    // Of two nodes that start together the first one's stays.
    kSetting.insert_if_absent(
        writer, {{"key", kSecretKey}, {"value", made}, {"changed_at", now}, {"changed_by", 0}});
    secret = read_setting(writer, kSecretKey);
  });
  return *secret;
}

void Settings::set_organisation(record::Engine& engine, const record::Actor& actor,
                                const OrganisationChange& change) {
  if (!access_of(engine).may_configure(actor, "setting"))
    throw Error(ErrorKind::Forbidden, "access.denied");
  std::vector<base::FieldError> errors;
  std::map<std::string, std::string> values;
  if (change.name) {
    if (change.name->find_first_not_of(' ') == std::string::npos)
      errors.push_back({"name", "field.required", {}});
    if (text::text_fault(*change.name, kMaximumName)) {
      errors.push_back({"name", "field.too_long", {{"limit", std::to_string(kMaximumName)}}});
    }
    values["organisation.name"] = *change.name;
  }
  if (change.time_zone) {
    if (!is_time_zone(*change.time_zone)) errors.push_back({"time_zone", "config.time_zone", {}});
    values["organisation.time_zone"] = *change.time_zone;
  }
  if (change.currency) {
    if (!is_currency(*change.currency)) errors.push_back({"currency", "field.currency", {}});
    values["organisation.currency"] = *change.currency;
  }
  if (!errors.empty()) throw Error::fields(std::move(errors));
  const auto before = organisation();
  const std::map<std::string, std::string> known = {{"organisation.name", before.name},
                                                    {"organisation.time_zone", before.time_zone},
                                                    {"organisation.currency", before.currency}};
  base::JsonObject data;
  for (const auto& [key, value] : values) {
    if (known.at(key) != value) data[key] = base::JsonArray{known.at(key), value};
  }
  if (data.empty()) return;
  engine.write(actor, [&](record::Tx& tx) {
    for (const auto& [key, value] : values)
      write_setting(tx.writer(), key, value, actor.user_id, tx.now());
    audit_setting(tx, "setting", data);
    epochs_.bump(tx.writer());
  });
}

void Settings::set(const record::Actor& actor, std::string_view key, std::string_view value) {
  if (key == kSecretKey)
    throw Error(ErrorKind::Internal, "internal", {}, "the installation's secret never changes");
  write(actor, {{std::string(key), std::string(value)}});
}

void Settings::write(const record::Actor& actor, const std::map<std::string, std::string>& values) {
  const base::Instant now = clock_.now();
  database_.write([&](db::Writer& writer) {
    for (const auto& [key, value] : values) write_setting(writer, key, value, actor.user_id, now);
    epochs_.bump(writer);
  });
}

void register_settings(Registrar& registrar) {
  registrar.registry.add_table(Epochs::table());
  registrar.registry.add_table({"setting",
                                {{"key", true, true},
                                 {"value", true, true},
                                 {"changed_at", false, true},
                                 {"changed_by", false, true}},
                                {"key"},
                                {},
                                false});
  registrar.registry.add_table(picklist_table());
  registrar.starters.emplace_back([](record::Engine& engine) {
    seed_picklists(engine);
    load_picklists(engine);
  });
  registrar.schedules.push_back({"settings.picklists", 500, make_picklist_follower(), true});
}

}  // namespace kehai::platform
