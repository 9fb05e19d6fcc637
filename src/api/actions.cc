// The verbs of the business: POST /{collection}/{id}/{action}, in bulk and on the collection.
#include <set>

#include "api/odata.h"
#include "api/problem.h"
#include "api/records.h"
#include "api/route_table.h"
#include "base/error.h"

namespace kehai::api {

namespace {

using base::Error;
using base::ErrorKind;
using record::ObjectSchema;
using record::RecordId;

constexpr std::size_t kMaximumIds = 1000;

const record::Action& action_of(const ApiContext& context, const ObjectSchema& object,
                                std::string_view name) {
  const auto* action = context.engine().registry().action(object.name(), name);
  if (action == nullptr) throw Error(ErrorKind::NotFound, "route.not_found");
  return *action;
}

// Each id once, in the order given.
std::vector<RecordId> take_ids(base::JsonObject& body) {
  const auto wrong = [] { return Error::fields({{"ids", "field.ids", {}}}); };
  const auto* ids = body.if_contains("ids");
  if (ids == nullptr || !ids->is_array()) throw wrong();
  if (ids->get_array().size() > kMaximumIds) {
    throw Error::fields({{"ids", "field.too_many", {{"limit", std::to_string(kMaximumIds)}}}});
  }
  std::vector<RecordId> out;
  std::set<RecordId> seen;
  for (const auto& element : ids->get_array()) {
    std::optional<RecordId> id;
    if (element.is_string()) id = parse_id(element.get_string());
    if (element.is_int64()) id = parse_id(std::to_string(element.get_int64()));
    if (!id) throw wrong();
    if (seen.insert(*id).second) out.push_back(*id);
  }
  body.erase("ids");
  return out;
}

std::optional<std::int64_t> seen_version(const ApiContext& context) {
  return parse_if_match(context.request.header("if-match")).version;
}

// The record with the action's own result beside its fields.
http::Response with_result(http::Response response, const std::string& result) {
  if (result.empty()) return response;
  if (response.status == 204) {
    response.status = 200;
    response.header("Content-Type", "application/json; charset=utf-8");
    response.body = "{\"result\":" + result + "}";
  } else {
    response.body.pop_back();
    response.body += ",\"result\":" + result + "}";
  }
  return response;
}

http::Response act_on_record(ApiContext& context) {
  const auto& object = context.object(context.captures["collection"]);
  const auto& action = action_of(context, object, context.captures["action"]);
  if (action.on_collection) throw Error(ErrorKind::NotFound, "route.not_found");
  const auto id = context.id("key");
  record_options(context);
  // Actions check the state that they need; a version is checked for whoever names one.
  const auto outcome =
      context.engine().act(context.actor(), object.name(), action.name, {id}, context.body(),
                           write_options(context), seen_version(context));
  // Somebody who left a team, or stays in one, sees what he sees from now on.
  if (context.session) context.parts.access.attach_rights(context.session->actor);
  http::Response response;
  try {
    response = preferred_return(context.request) == Return::Minimal
                   ? context.no_content()
                   : record_answer(context, object, id, 200);
  } catch (const Error& error) {
    // A transfer may take the record out of the caller's sight.
    if (error.kind() != ErrorKind::NotFound) throw;
    response = context.no_content();
  }
  return with_result(std::move(response), outcome.result);
}

record::ActionOutcome act_on_many(const ApiContext& context, const ObjectSchema& object,
                                  const record::Action& action, base::JsonObject body) {
  const auto ids = take_ids(body);
  if (!action.bulk) throw Error(ErrorKind::Invalid, "action.not_bulk");
  if (ids.size() != 1) {
    return context.engine().act(context.actor(), object.name(), action.name, ids, body,
                                write_options(context));
  }
  // One record among "many" fails like the others do: as an entry, unless the whole request is
  // wrong.
  const auto& right = action.right.empty() ? action.name : action.right;
  if (!context.engine().access().may(context.actor(), object.definition(), right)) {
    throw Error(ErrorKind::Forbidden, "access.denied");
  }
  record::ActionOutcome outcome;
  try {
    outcome = context.engine().act(context.actor(), object.name(), action.name, ids, body,
                                   write_options(context));
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::Unprocessable) throw;
    outcome.failed.push_back({ids.front(), error});
  }
  return outcome;
}

http::Response act_on_collection(ApiContext& context) {
  const auto& object = context.object(context.captures["collection"]);
  const auto& action = action_of(context, object, context.captures["key"]);
  context.allow_parameters({});
  if (action.on_collection) {
    const auto outcome = context.engine().act(context.actor(), object.name(), action.name, {},
                                              context.body(), write_options(context));
    if (outcome.result.empty()) return context.no_content();
    return odata_json(context, outcome.result);
  }
  const auto outcome = act_on_many(context, object, action, context.body());
  std::string body;
  base::JsonWriter writer(body);
  writer.begin_object();
  writer.key("ok").begin_array();
  for (const RecordId id : outcome.ok) writer.integer(id);
  writer.end_array();
  writer.key("failed").begin_array();
  for (const auto& failure : outcome.failed) {
    writer.raw(failure_json(failure.id, failure.error, context.texts, context.language));
  }
  writer.end_array();
  writer.end_object();
  return odata_json(context, std::move(body));
}

}  // namespace

void add_action_routes(RouteTable& routes) {
  routes.add({"POST", "/{collection}/{key}", act_on_collection, "Runs an action on many records"});
  routes.add(
      {"POST", "/{collection}/{key}/{action}", act_on_record, "Runs an action on one record"});
}

}  // namespace kehai::api
