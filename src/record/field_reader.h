// What one person may read of the records of one object, for answers that are put together by hand
// (search, workbench, timeline, duplicate hits) instead of by RecordWriter. Borrows all three; made
// per request, used by one thread.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "record/access.h"
#include "record/record.h"

namespace kehai::record {

// What stands in the place of a name that a person may not read.
constexpr const char* kVeil = "＊＊＊";

class FieldReader {
 public:
  // Fields that a row does not show beside those that the role hides (TypedRow::hidden).
  using HiddenFields = std::vector<std::string>;

  FieldReader(const AccessPolicy& policy, const Actor& actor, const ObjectDefinition& object)
      : policy_(policy), actor_(actor), object_(object) {}

  bool shows(std::string_view field, const HiddenFields& hidden = {}) const;
  const ObjectDefinition& definition() const { return object_; }
  // Shown, and not masked: the person may also ask about the value.
  bool shows_all(std::initializer_list<std::string_view> fields,
                 const HiddenFields& hidden = {}) const;
  // Null when the person does not see it, text when it is masked. For fields with one value.
  Value value(const Record& record, std::string_view field, const HiddenFields& hidden = {}) const;
  std::string text(const Record& record, std::string_view field,
                   const HiddenFields& hidden = {}) const;
  // The title, or the code of a record whose title is not for this person; "" when neither is.
  std::string title(const Record& record, const HiddenFields& hidden = {}) const;

 private:
  const AccessPolicy& policy_;
  const Actor& actor_;
  const ObjectDefinition& object_;
};

}  // namespace kehai::record
