#include "platform/settings/picklists.h"

#include <algorithm>
#include <memory>
#include <set>

#include "base/error.h"
#include "base/text/utf8.h"
#include "platform/access/epochs.h"
#include "platform/embedded_platform.h"
#include "platform/settings/settings_audit.h"

namespace kehai::platform {

using base::Error;
using base::ErrorKind;
using record::Option;

namespace {

const db::Table kPicklist("picklist");
using db::Compare;
using db::Value;

constexpr const char* kEpochName = "picklists";
constexpr std::size_t kMaximumOptions = 500;
constexpr std::size_t kMaximumLabel = 60;

const std::vector<std::string> kColumns = {"name",     "value", "label_zh_cn", "label_zh_tw",
                                           "label_en", "color", "active"};

bool is_value(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !text.empty() && text.size() <= 60 && std::all_of(text.begin(), text.end(), allowed);
}

Picklists read(db::Reader& reader) {
  Picklists out;
  kPicklist.select_each(
      reader, {kColumns, {}, {{"name", false}, {"position", false}, {"value", false}}, 0, false},
      [&](const db::Row& row) {
        Option option;
        option.value = row.get_text(1);
        for (int i = 0; i < 3; ++i)
          option.labels.texts[static_cast<std::size_t>(i)] = row.get_text(2 + i);
        option.color = row.get_text(5);
        option.active = row.get_int(6) != 0;
        out[std::string(row.get_text(0))].push_back(std::move(option));
      });
  return out;
}

Picklists default_picklists() {
  Picklists out;
  const auto json = base::parse_json(embedded_default_picklists());
  for (const auto& [name, options] : json.as_object()) {
    auto& list = out[name];
    for (const auto& element : options.as_array()) {
      const auto& item = element.as_object();
      Option option;
      option.value = base::json_text(item, "value");
      option.labels = base::Labels::from_json(item.at("label"));
      option.color = base::json_text(item, "color");
      list.push_back(std::move(option));
    }
  }
  return out;
}

// Values that the program itself gives: nobody chooses them.
std::map<std::string, std::set<std::string>> system_values() {
  std::map<std::string, std::set<std::string>> out;
  const auto json = base::parse_json(embedded_default_picklists());
  for (const auto& [name, options] : json.as_object()) {
    for (const auto& element : options.as_array()) {
      const auto& item = element.as_object();
      if (base::json_bool(item, "system")) out[name].insert(base::json_text(item, "value"));
    }
  }
  return out;
}

void write_option(db::Writer& writer, const std::string& name, const Option& option,
                  std::size_t position, bool active) {
  kPicklist.upsert(writer, {"name", "value"},
                   {{"name", name},
                    {"value", option.value},
                    {"label_zh_cn", option.labels.texts[0]},
                    {"label_zh_tw", option.labels.texts[1]},
                    {"label_en", option.labels.texts[2]},
                    {"color", option.color},
                    {"position", static_cast<std::int64_t>(position)},
                    {"active", active}});
}

void check_options(const std::vector<Option>& options) {
  std::vector<base::FieldError> errors;
  std::set<std::string> seen;
  const auto refuse = [&](const char* code, const std::string& value) {
    errors.push_back({"options", code, {{"value", value}}});
  };
  if (options.size() > kMaximumOptions) refuse("picklist.too_long", "");
  for (const auto& option : options) {
    if (!is_value(option.value)) refuse("picklist.bad_value", option.value);
    if (!seen.insert(option.value).second) refuse("picklist.duplicate_value", option.value);
    for (const auto& label : option.labels.texts) {
      if (label.empty() || text::text_fault(label, kMaximumLabel)) {
        refuse("picklist.bad_label", option.value);
        break;
      }
    }
  }
  if (!errors.empty()) throw Error::fields(std::move(errors));
}

base::JsonArray values_json(const std::vector<Option>& options) {
  base::JsonArray out;
  for (const auto& option : options) {
    base::JsonObject item;
    item["value"] = option.value;
    item["label"] = option.labels.in(base::Language::SimplifiedChinese);
    item["active"] = option.active;
    out.emplace_back(std::move(item));
  }
  return out;
}

}  // namespace

db::TableDefinition picklist_table() {
  return {"picklist",
          {{"name", true, true},
           {"value", true, true},
           {"label_zh_cn", true, true},
           {"label_zh_tw", true, true},
           {"label_en", true, true},
           {"color", true, true},
           {"position", false, true},
           {"active", false, true}},
          {"name", "value"},
          {},
          false};
}

Picklists read_picklists(db::Database& database) {
  Picklists out;
  database.read([&](db::Reader& reader) { out = read(reader); });
  return out;
}

void load_picklists(record::Engine& engine) {
  auto picklists = read_picklists(engine.database());
  for (const auto& [name, values] : system_values()) {
    const auto found = picklists.find(name);
    if (found == picklists.end()) continue;
    auto manual = found->second;
    std::erase_if(manual, [&](const Option& option) { return values.contains(option.value); });
    picklists["manual." + name] = std::move(manual);
  }
  engine.set_picklists(picklists);
}

void update_picklist(record::Engine& engine, const record::Actor& actor, const std::string& name,
                     const std::vector<Option>& options) {
  if (!access_of(engine).may_configure(actor, "picklist"))
    throw Error(ErrorKind::Forbidden, "access.denied");
  check_options(options);
  engine.write(actor, [&](record::Tx& tx) {
    tx.writer().lock("picklist", name);
    const auto before = read(tx.writer());
    const auto known = before.find(name);
    if (known == before.end()) throw Error(ErrorKind::NotFound, "record.not_found");
    base::JsonObject data;
    data["name"] = name;
    data["before"] = values_json(known->second);
    data["after"] = values_json(options);
    audit_setting(tx, "picklist", data);
    std::size_t position = 0;
    for (const auto& option : options)
      write_option(tx.writer(), name, option, position++, option.active);
    for (const auto& old : known->second) {
      const bool kept = std::any_of(options.begin(), options.end(), [&](const Option& option) {
        return option.value == old.value;
      });
      if (!kept) write_option(tx.writer(), name, old, position++, false);
    }
    Epochs(engine.database(), engine.clock(), kEpochName).bump(tx.writer());
  });
  load_picklists(engine);
}

void seed_picklists(record::Engine& engine) {
  const auto defaults = default_picklists();
  const auto present = read_picklists(engine.database());
  const auto is_missing = [&](const auto& item) { return !present.contains(item.first); };
  // A list that is there belongs to the organisation: what it took out does not come back with a
  // new version.
  if (std::none_of(defaults.begin(), defaults.end(), is_missing)) return;
  engine.database().write([&](db::Writer& writer) {
    writer.lock("picklist", "");
    const auto found = read(writer);
    for (const auto& [name, options] : defaults) {
      if (found.contains(name)) continue;
      std::size_t position = 0;
      for (const auto& option : options) write_option(writer, name, option, position++, true);
    }
  });
}

std::function<void(record::Engine&)> make_picklist_follower() {
  struct State {
    std::unique_ptr<Epochs> epochs;
    std::int64_t seen = -1;
  };
  const auto state = std::make_shared<State>();
  return [state](record::Engine& engine) {
    if (!state->epochs)
      state->epochs = std::make_unique<Epochs>(engine.database(), engine.clock(), kEpochName);
    const std::int64_t current = state->epochs->current();
    // The first run also loads: a list may have changed between the start and now.
    if (current != state->seen) load_picklists(engine);
    state->seen = current;
  };
}

}  // namespace kehai::platform
