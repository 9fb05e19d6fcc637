// Yes-or-no rules of the whole installation: modules declare them, administrators turn them.
//
// Kept in setting("switch.<name>"), read inside the transaction that asks. Filled at start,
// read-only afterwards; safe from any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/language.h"
#include "db/database.h"
#include "record/access.h"

namespace kehai::record {
class Engine;
}

namespace kehai::platform {

struct Switch {
  std::string name;  // "lead.convert_needs_bant"
  base::Labels labels;
  base::Labels help;
  bool is_on = false;  // unless an administrator said otherwise
};

class Switches {
 public:
  void add(Switch one) { switches_.push_back(std::move(one)); }
  // Throws Internal for a name that nobody declared.
  bool is_on(db::Reader& reader, std::string_view name) const;
  // {"value": [{name, label, help, is_on}]}. Right "configure" on "setting", else Forbidden
  // "access.denied"; so does change().
  std::string json(record::Engine& engine, const record::Actor& actor,
                   base::Language language) const;
  // {name: true | false, …}; names that are left out stay. Field errors "field.unknown",
  // "field.boolean".
  void change(record::Engine& engine, const record::Actor& actor,
              const base::JsonObject& body) const;

 private:
  const Switch* find(std::string_view name) const;

  std::vector<Switch> switches_;
};

}  // namespace kehai::platform
