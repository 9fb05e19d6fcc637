// The format audit's rules: what is wrong with a stored value by today's rules of its field
// (domain 5.9). Values are checked when they are written; these are the ones that were written
// before a rule was there, past the form, or that time has overtaken.
//
// Pure functions; records and schema are borrowed.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "record/record.h"
#include "record/schema.h"

namespace kehai::modules {

// What the audit walks through, in this order.
inline constexpr const char* kAuditedObjects[] = {"account", "contact", "lead", "opportunity"};

struct Finding {
  std::string field;
  std::string rule;  // text "quality.rule.<rule>"
  friend auto operator<=>(const Finding&, const Finding&) = default;
};

// `today` in the organisation's zone. Multi-valued fields are not looked at.
std::set<Finding> findings_of(const record::Record& record, base::Date today);

// Changes whenever the rules of this object's fields do: then every record is looked at again.
std::string rules_fingerprint(const record::ObjectDefinition& object);

}  // namespace kehai::modules
