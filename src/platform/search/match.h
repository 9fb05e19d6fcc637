// What a search asks the index for: the words of the query in the field classes that the caller may
// read, together with the scope tokens of the rows that he may see. Functions without state.
#pragma once

#include <string>
#include <vector>

#include "base/text/tokens.h"
#include "record/access.h"
#include "record/schema.h"

namespace kehai::platform {

// Whether any field of it is in the index.
bool is_searchable(const record::ObjectDefinition& object);

// ---- Tokens that say what a row is, not what stands in it
std::string object_token(const record::ObjectDefinition& object);
// Column of an access branch → its scope token; "" when the index knows nothing of it. It names the
// object as well: a question for the rows of one object reads two lists of the index, not three.
std::string scope_token(const record::ObjectDefinition& object, std::string_view column,
                        std::int64_t value);
std::string member_token(const record::ObjectDefinition& object, std::int64_t user);

// The match text for one object; "" when nothing can be found.
std::string match_text(const record::AccessPolicy& policy, const record::Actor& actor,
                       const record::ObjectDefinition& object, const record::RowScope& scope,
                       const text::QueryTokens& query, bool postgres);

struct SearchedObject {
  const record::ObjectSchema* object;
  record::RowScope scope;
};
// The same for several objects at once, for FTS5: all rows that match_text() finds for each of
// them. A row is found by words of fields alone that the caller may read there: what its branches
// hide, or another object's rights, never counts.
enum class OtherRows { LeftOut, Allowed };  // Allowed: rows of other objects may be found, too
std::string match_everywhere(const record::AccessPolicy& policy, const record::Actor& actor,
                             const std::vector<SearchedObject>& objects,
                             const text::QueryTokens& query, OtherRows others);

// The words alone: in every field that an object may have, and in those that the caller
// may read of a row that hides `hidden` from him. The same text for both: he may read all of them.
std::string words_anywhere(const std::vector<SearchedObject>& objects,
                           const text::QueryTokens& query, bool postgres);
std::string words_anywhere(const record::ObjectDefinition& object, const text::QueryTokens& query,
                           bool postgres);
std::string readable_words(const record::AccessPolicy& policy, const record::Actor& actor,
                           const record::ObjectDefinition& object,
                           const std::vector<std::string>& hidden, const text::QueryTokens& query,
                           bool postgres);

}  // namespace kehai::platform
