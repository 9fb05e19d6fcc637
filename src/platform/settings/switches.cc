#include "platform/settings/switches.h"

#include <algorithm>
#include <map>

#include "base/error.h"
#include "platform/access/access.h"
#include "platform/settings/settings.h"
#include "platform/settings/settings_audit.h"
#include "record/engine.h"

namespace kehai::platform {

using base::Error;
using base::ErrorKind;

namespace {

std::string key_of(std::string_view name) {
  return "switch." + std::string(name);
}

bool state_of(db::Reader& reader, const Switch& one) {
  const auto kept = read_setting(reader, key_of(one.name));
  return kept ? *kept == "on" : one.is_on;
}

void check_right(record::Engine& engine, const record::Actor& actor) {
  if (!access_of(engine).may_configure(actor, "setting"))
    throw Error(ErrorKind::Forbidden, "access.denied");
}

}  // namespace

const Switch* Switches::find(std::string_view name) const {
  const auto found = std::find_if(switches_.begin(), switches_.end(),
                                  [&](const Switch& one) { return one.name == name; });
  return found == switches_.end() ? nullptr : &*found;
}

bool Switches::is_on(db::Reader& reader, std::string_view name) const {
  const auto* one = find(name);
  if (one == nullptr)
    throw Error(ErrorKind::Internal, "internal", {}, "unknown switch " + std::string(name));
  return state_of(reader, *one);
}

std::string Switches::json(record::Engine& engine, const record::Actor& actor,
                           base::Language language) const {
  check_right(engine, actor);
  std::string out;
  engine.database().read([&](db::Reader& reader) {
    out.clear();
    base::JsonWriter writer(out);
    writer.begin_object().key("value").begin_array();
    for (const auto& one : switches_) {
      writer.begin_object().key("name").text(one.name).key("label").text(one.labels.in(language));
      writer.key("help").text(one.help.in(language));
      writer.key("is_on").boolean(state_of(reader, one)).end_object();
    }
    writer.end_array().end_object();
  });
  return out;
}

void Switches::change(record::Engine& engine, const record::Actor& actor,
                      const base::JsonObject& body) const {
  check_right(engine, actor);
  std::vector<base::FieldError> errors;
  std::map<const Switch*, bool> wanted;
  for (const auto& member : body) {
    const auto* one = find(member.key());
    if (one == nullptr) {
      errors.push_back({std::string(member.key()), "field.unknown", {}});
    } else if (!member.value().is_bool()) {
      errors.push_back({one->name, "field.boolean", {}});
    } else {
      wanted[one] = member.value().get_bool();
    }
  }
  if (!errors.empty()) throw Error::fields(std::move(errors));
  engine.write(actor, [&](record::Tx& tx) {
    base::JsonObject data;
    for (const auto& [one, is_on] : wanted) {
      const bool before = state_of(tx.writer(), *one);
      if (before == is_on) continue;
      write_setting(tx.writer(), key_of(one->name), is_on ? "on" : "off", actor.user_id, tx.now());
      data[one->name] = base::JsonArray{before, is_on};
    }
    if (!data.empty()) audit_setting(tx, "setting", data);
  });
}

}  // namespace kehai::platform
