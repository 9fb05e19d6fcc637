// POST, PATCH and DELETE on records.
#include "api/odata.h"
#include "api/records.h"
#include "api/route_table.h"
#include "base/error.h"

namespace kehai::api {

namespace {

using base::Error;
using base::ErrorKind;
using record::ObjectSchema;

constexpr int kOk = 200;
constexpr int kCreated = 201;

std::string address_of(const ApiContext& context, const ObjectSchema& object, record::RecordId id) {
  return context.link("/" + object.definition().collection + "/" + std::to_string(id));
}

// The answer to a write that made or changed the record.
http::Response written(ApiContext& context, const ObjectSchema& object, record::RecordId id,
                       std::int64_t version, int status) {
  const auto preference = preferred_return(context.request);
  http::Response response;
  if (preference == Return::Minimal) {
    record_options(context);  // a wrong option is wrong whether or not the record is wanted
    response = context.no_content();
    response.header("ETag", entity_tag(version));
    response.header("OData-EntityId", address_of(context, object, id));
    response.header("Preference-Applied", "return=minimal");
  } else {
    try {
      response = record_answer(context, object, id, status);
    } catch (const Error& error) {
      // Written, but not for the writer's eyes.
      if (error.kind() != ErrorKind::NotFound) throw;
      response = status == kCreated ? context.json("{\"id\":" + std::to_string(id) + "}", status)
                                    : context.no_content();
    }
    if (preference == Return::Representation)
      response.header("Preference-Applied", "return=representation");
  }
  if (status == kCreated) response.header("Location", address_of(context, object, id));
  return response;
}

// The version that the caller saw: from If-Match. "*" means whatever it is now.
std::optional<std::int64_t> expected_version(const ApiContext& context, const ObjectSchema& object,
                                             record::RecordId id) {
  const auto match = parse_if_match(context.request.header("if-match"));
  if (!match.any) return match.version;
  return context.engine().read(context.actor(), object.name(), id).version();
}

http::Response create(ApiContext& context) {
  const auto& object = context.object(context.captures["collection"]);
  record_options(context);
  const auto record = context.engine().create(context.actor(), object.name(), context.body(),
                                              write_options(context));
  return written(context, object, record.id(), record.version(), kCreated);
}

http::Response update(ApiContext& context) {
  const auto& object = context.object(context.captures["collection"]);
  const auto id = context.id("key");
  record_options(context);
  const auto record =
      context.engine().update(context.actor(), object.name(), id, context.body(),
                              expected_version(context, object, id), write_options(context));
  return written(context, object, id, record.version(), kOk);
}

http::Response erase(ApiContext& context) {
  context.allow_parameters({});
  const auto& object = context.object(context.captures["collection"]);
  const auto id = context.id("key");
  context.engine().erase(context.actor(), object.name(), id, expected_version(context, object, id));
  return context.no_content();
}

http::Response restore(ApiContext& context) {
  const auto& object = context.object(context.captures["collection"]);
  record_options(context);
  const auto record = context.engine().restore(context.actor(), object.name(), context.id("key"),
                                               context.body(), write_options(context));
  return written(context, object, record.id(), record.version(), kOk);
}

}  // namespace

record::WriteOptions write_options(const ApiContext& context) {
  record::WriteOptions options;
  options.entry = context.has_cookie_session() ? "manual" : "api";
  return options;
}

void add_write_routes(RouteTable& routes) {
  routes.add({"POST", "/{collection}", create, "Creates a record"});
  routes.add({"PATCH", "/{collection}/{key}", update, "Changes a record; needs If-Match"});
  routes.add({"DELETE", "/{collection}/{key}", erase,
              "Moves a record to the recycle bin; needs If-Match"});
  routes.add(
      {"POST", "/{collection}/{key}/restore", restore, "Takes a record out of the recycle bin"});
}

}  // namespace kehai::api
