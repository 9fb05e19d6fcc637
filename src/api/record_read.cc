// GET on collections and records.
#include <algorithm>

#include "api/odata.h"
#include "api/records.h"
#include "api/route_table.h"
#include "base/error.h"
#include "record/entity_view.h"

namespace kehai::api {

namespace {

using base::Error;
using base::ErrorKind;
using record::ObjectSchema;

[[noreturn]] void not_found() {
  throw Error(ErrorKind::NotFound, "record.not_found");
}

record::ListRequest list_request(const ApiContext& context) {
  auto options = collection_options(context);
  record::ListRequest request;
  request.options = std::move(options.query);
  request.deleted = options.deleted;
  request.budget_milliseconds = record::kQueryBudget;
  return request;
}

void write_counts(base::JsonWriter& writer, const record::ListRequest& request,
                  const record::ListPage& page) {
  if (!page.count) return;
  if (page.count_exact) writer.key("@odata.count").integer(*page.count);
  if (request.options.count_bounded) {
    writer.key("@kehai.count").begin_object();
    writer.key("value").integer(*page.count);
    writer.key("exact").boolean(page.count_exact);
    writer.end_object();
  }
}

http::Response aggregate(const ApiContext& context, const ObjectSchema& object,
                         const record::ListRequest& request) {
  if (!request.options.expand.empty()) {
    throw Error(ErrorKind::NotImplemented, "query.not_supported",
                {{"name", "$expand with $apply"}});
  }
  const auto elements = context.engine().apply(context.actor(), object.name(), request);
  std::string body;
  base::JsonWriter writer(body);
  writer.begin_object();
  writer.key("@odata.context").text(context.link("/$metadata#") + object.definition().collection);
  writer.key("value").raw("[" + elements + "]");
  writer.end_object();
  return odata_json(context, std::move(body));
}

http::Response download(ApiContext& context, const ObjectSchema& object,
                        const record::ListRequest& request) {
  const auto& format = request.options.format;
  if (format != "csv" && format != "xlsx")
    throw Error(ErrorKind::Invalid, "query.bad_option", {{"name", "$format"}});
  if (!context.parts.exporter) throw Error(ErrorKind::NotImplemented, "request.not_supported");
  auto whole = request;
  whole.budget_milliseconds = 0;
  return context.parts.exporter(context, object, whole, format);
}

http::Response list(ApiContext& context, const ObjectSchema& object,
                    const record::ListRequest& request) {
  const auto& format = request.options.format;
  if (!format.empty() && format != "json" && !format.starts_with("application/json")) {
    return download(context, object, request);
  }
  if (request.options.apply) return aggregate(context, object, request);
  const auto page = context.engine().list(context.actor(), object.name(), request);
  std::string body;
  body.reserve(page.elements.size() + 512);
  base::JsonWriter writer(body);
  writer.begin_object();
  writer.key("@odata.context")
      .text(context_address(context, object.definition().collection, request.options, false));
  write_counts(writer, request, page);
  writer.key("value").begin_array().raw(page.elements).end_array();
  if (!page.next_token.empty())
    writer.key("@odata.nextLink").text(next_link(context, page.next_token));
  writer.end_object();
  return odata_json(context, std::move(body));
}

http::Response get_collection(ApiContext& context) {
  return list(context, context.object(context.captures["collection"]), list_request(context));
}

http::Response get_count(ApiContext& context) {
  const auto& object = context.object(context.captures["collection"]);
  const auto request = list_request(context);
  const auto& options = request.options;
  if (options.apply || !options.select.empty() || !options.expand.empty() || options.top ||
      options.skip != 0) {
    throw Error(ErrorKind::Invalid, "query.unknown_option", {{"name", "$count"}});
  }
  http::Response response;
  response.body = std::to_string(context.engine().count(context.actor(), object.name(), request));
  response.header("Content-Type", "text/plain; charset=utf-8");
  return response;
}

http::Response get_record(ApiContext& context) {
  const auto& object = context.object(context.captures["collection"]);
  auto response = record_answer(context, object, context.id("key"), 200);
  for (const auto& [name, value] : response.headers) {
    if (name != "ETag" || !matches_none(context.request.header("if-none-match"), value)) continue;
    http::Response unchanged;
    unchanged.status = 304;
    unchanged.header("ETag", value);
    return unchanged;
  }
  return response;
}

// "/leads/7/account" is one record or nothing, "/accounts/77/contacts" is a collection. The way
// there is open to those who may read the record, the field behind the navigation and the target.
http::Response navigate(ApiContext& context) {
  const auto& object = context.object(context.captures["collection"]);
  const auto id = context.id("key");
  std::vector<std::string> hidden;
  const auto start = context.engine().read(context.actor(), object.name(), id, &hidden);
  record::EntityView view(context.schema(), context.engine().access(), context.actor());
  const auto* navigation = view.entity(object).navigation(context.captures["part"]);
  if (navigation == nullptr) throw Error(ErrorKind::NotFound, "route.not_found");
  const auto& target = context.schema().at(navigation->target->name());
  if (target.definition().internal) throw Error(ErrorKind::NotFound, "route.not_found");
  if (navigation->to_many) {
    auto request = list_request(context);
    request.fixed = {{navigation->foreign_key, base::Value(id)}};
    return list(context, target, request);
  }
  if (std::find(hidden.begin(), hidden.end(), navigation->foreign_key) != hidden.end()) not_found();
  const auto& reference = start.get(navigation->foreign_key);
  if (!reference.is_int()) return context.no_content();
  return record_answer(context, target, reference.as_int(), 200);
}

}  // namespace

http::Response record_answer(const ApiContext& context, const ObjectSchema& object,
                             record::RecordId id, int status) {
  const auto options = record_options(context);
  std::int64_t version = 0;
  const auto json =
      context.engine().read_json(context.actor(), object.name(), id, options, &version);
  // The record's own object with the context in front.
  std::string body = "{\"@odata.context\":";
  base::append_json_string(body,
                           context_address(context, object.definition().collection, options, true));
  if (json.size() > 2) body += ',';
  body.append(json, 1, std::string::npos);
  auto response = odata_json(context, std::move(body), status);
  response.header("ETag", entity_tag(version));
  return response;
}

void add_read_routes(RouteTable& routes) {
  routes.add({"GET", "/{collection}", get_collection, "One page of records"});
  routes.add({"GET", "/{collection}/$count", get_count, "The number of records, as text"});
  routes.add({"GET", "/{collection}/{key}", get_record, "One record"});
  routes.add({"GET", "/{collection}/{key}/{part}", navigate,
              "The records at the other end of a reference"});
}

}  // namespace kehai::api
