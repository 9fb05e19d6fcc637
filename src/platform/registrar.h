// What a platform part or a module registers itself with. One value, made by app/, handed to every
// register_x() in order.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/language.h"
#include "platform/merge/merge_rules.h"
#include "platform/settings/switches.h"
#include "record/registry.h"

namespace kehai::record {
class Engine;
}

namespace kehai::platform {

// A recurring piece of work, never twice at once. With several nodes on one database it runs on
// one of them at a time, unless it looks after something of its own node: memory, files.
struct Schedule {
  std::string name;
  std::int64_t every_milliseconds = 60'000;
  std::function<void(record::Engine&)> run;
  bool on_every_node = false;
  // For systems outside, for as long as they like: has a thread of its own.
  bool waits_for_others = false;
};

struct Registrar {
  record::Registry& registry;
  std::vector<Schedule> schedules;
  // Runs once after the engine is migrated, before the first request: default records, caches.
  std::vector<std::function<void(record::Engine&)>> starters;
  std::shared_ptr<MergeRules> merge_rules = std::make_shared<MergeRules>();
  std::shared_ptr<Switches> switches = std::make_shared<Switches>();
};

}  // namespace kehai::platform
