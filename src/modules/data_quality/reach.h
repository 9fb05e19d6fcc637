// What the answers of the page have in common: whose records somebody answers for, and what things
// are called. Borrow engine and actor; made per request, used by one thread.
#pragma once

#include <map>
#include <set>
#include <string>

#include "modules/data_quality/figures.h"
#include "record/engine.h"

namespace kehai::modules {

// Throws Forbidden "access.denied".
void need_right(record::Engine& engine, const record::Actor& actor, const char* object,
                const char* right);

// Whose records of one object somebody reads: by owner and department alone. Members and pools are
// left out: nobody answers there for somebody else's data.
class Reach {
 public:
  Reach(record::Engine& engine, const record::Actor& actor, const record::ObjectDefinition& object);
  bool admits(const Place& place) const {
    return all_ || owners_.contains(place.first) || departments_.contains(place.second);
  }

 private:
  bool all_ = false;
  std::set<std::int64_t> owners_;
  std::set<std::int64_t> departments_;
};

using Names = std::map<record::RecordId, std::string>;
// Veiled for whom it is not to be seen.
std::string name_in(const Names& names, record::RecordId id);
Names names_of(record::Engine& engine, const record::Actor& actor, const char* object,
               const std::set<record::RecordId>& ids);

// What a rule and a field are called.
std::string rule_label(record::Engine& engine, const record::Actor& actor, const std::string& rule);
std::string field_label(const record::Actor& actor, const record::ObjectDefinition& object,
                        const std::string& field);

}  // namespace kehai::modules
