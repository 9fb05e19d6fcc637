// The protocol bits of OData 4.01 that record answers share: versions, context addresses, links,
// entity tags, number formats. No knowledge of objects.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/route.h"
#include "http/message.h"
#include "query/options.h"

namespace kehai::api {

// "4.01", or "4.0" for clients that know no more.
std::string_view odata_version(const http::Request& request);
// JSON with OData-Version and the number format that the client asked for.
http::Response odata_json(const ApiContext& context, std::string body, int status = 200);

// "/api/v1/$metadata#leads(company,name)" (+ "/$entity" for one record).
std::string context_address(const ApiContext& context, std::string_view collection,
                            const query::QueryOptions& options, bool single);

// The request's own query string with another $skiptoken.
std::string next_link(const ApiContext& context, std::string_view token);

// The collection behind a to-many expansion of one record, with the options inside the expansion.
std::string expansion_link(const Settings& settings, const record::ObjectSchema& object,
                           record::RecordId id, const std::string& navigation,
                           const query::QueryOptions& options, std::string_view token);

// ---- Entity tags
std::string entity_tag(std::int64_t version);
struct IfMatch {
  bool any = false;  // "*"
  std::optional<std::int64_t> version;
};
// Throws Invalid "request.if_match".
IfMatch parse_if_match(std::string_view header);
// Whether If-None-Match names this tag (weak comparison).
bool matches_none(std::string_view if_none_match, std::string_view tag);

// ---- Preferences
enum class Return { Default, Minimal, Representation };
Return preferred_return(const http::Request& request);

// Every JSON number outside of strings as a string, as IEEE754Compatible=true wants it: all our
// numbers are Edm.Int64 or Edm.Decimal.
std::string with_numbers_as_text(std::string_view json);
bool wants_numbers_as_text(const http::Request& request);

// ---- Query options
// What a request for one record may say: $select, $expand, $format=json. Throws Invalid
// "query.unknown_option".
query::QueryOptions record_options(const ApiContext& context);
struct CollectionOptions {
  query::QueryOptions query;
  bool deleted = false;
};
// Everything a collection understands. `count=bounded` may stand beside $count=true and then takes
// its place.
CollectionOptions collection_options(const ApiContext& context);

}  // namespace kehai::api
