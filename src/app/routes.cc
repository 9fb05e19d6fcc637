#include "app/routes.h"

#include <algorithm>
#include <charconv>

#include "api/file_routes.h"
#include "api/merge_routes.h"
#include "api/transfer_routes.h"
#include "api/webhook_routes.h"
#include "app/application.h"
#include "base/region.h"
#include "modules/arbitration/disputes.h"
#include "modules/data_quality/page.h"
#include "modules/opportunity/board.h"
#include "modules/opportunity/key_activities.h"
#include "modules/team/requests.h"
#include "modules/team/team.h"
#include "modules/timeline/timeline.h"
#include "modules/workbench/workbench.h"
#include "platform/notify/notify.h"
#include "platform/settings/picklists.h"

namespace kehai::app {

using api::ApiContext;
using api::Route;
using base::Error;
using base::ErrorKind;

namespace {

int limit_parameter(const ApiContext& context, std::string_view name, int fallback, int maximum) {
  const std::string text = context.parameter(name);
  if (text.empty()) return fallback;
  int value = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end.ec != std::errc() || end.ptr != text.data() + text.size() || value < 1) {
    throw Error(ErrorKind::Invalid, "query.bad_option", {{"name", std::string(name)}});
  }
  return std::min(value, maximum);
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> out;
  std::size_t start = 0;
  while (start < text.size()) {
    const std::size_t comma = std::min(text.find(',', start), text.size());
    if (comma > start) out.push_back(text.substr(start, comma - start));
    start = comma + 1;
  }
  return out;
}

http::Response search(Application& application, ApiContext& context) {
  context.allow_parameters({"q", "objects", "limit"});
  const auto found = application.search().find_everywhere(
      context.engine(), context.actor(), context.parameter("q"),
      split(context.parameter("objects")), limit_parameter(context, "limit", 20, 50));
  std::string out;
  base::JsonWriter writer(out);
  writer.begin_object().key("value").begin_array();
  for (const auto& record : found) {
    writer.begin_object().key("object").text(record.object).key("id").integer(record.id);
    writer.key("title")
        .text(record.title)
        .key("subtitle")
        .text(record.subtitle)
        .key("score")
        .integer(1)
        .end_object();
  }
  writer.end_array().end_object();
  return context.json(std::move(out));
}

http::Response duplicates(Application& application, ApiContext& context) {
  const auto body = context.body();
  const auto* values = body.if_contains("values");
  if (values == nullptr || !values->is_object()) throw Error(ErrorKind::Invalid, "json.not_object");
  const auto entry = context.has_cookie_session() ? platform::DuplicateEntry::Manual
                                                  : platform::DuplicateEntry::Api;
  return context.json(application.dedupe().check_json(
      context.engine(), context.actor(), base::json_text(body, "object"), values->get_object(),
      base::json_int(body, "id"), entry));
}

http::Response workbench(Application& application, ApiContext& context,
                         modules::WorkbenchCache& cache) {
  context.allow_parameters({"scope"});
  return context.json(
      modules::workbench_json(context.engine(), context.actor(), context.parameter("scope"),
                              application.settings().organisation().currency, cache));
}

http::Response board(Application& application, ApiContext& context) {
  context.allow_parameters(
      {"pipeline_id", "stage_id", "after", "owner", "$search", "$filter", "$select"});
  modules::BoardRequest request;
  const auto id_of = [&](std::string_view name) -> std::int64_t {
    const std::string text = context.parameter(name);
    if (text.empty()) return 0;
    const auto id = api::parse_id(text);
    if (!id) throw Error(ErrorKind::NotFound, "record.not_found");
    return *id;
  };
  request.pipeline_id = id_of("pipeline_id");
  request.stage_id = id_of("stage_id");
  request.after = context.parameter("after");
  if (!request.after.empty() && request.stage_id == 0)
    throw Error(ErrorKind::Invalid, "query.bad_option", {{"name", "after"}});
  request.mine_only = context.parameter("owner") == "me";
  request.search = context.parameter("$search");
  request.filter = context.parameter("$filter");
  request.select = context.parameter("$select");
  request.currency = application.settings().organisation().currency;
  return context.json(modules::board_json(context.engine(), context.actor(), request));
}

http::Response data_quality(ApiContext& context) {
  context.allow_parameters({"month"});
  return context.json(
      modules::data_quality_json(context.engine(), context.actor(), context.parameter("month")));
}

http::Response quality_findings(ApiContext& context) {
  context.allow_parameters({"object", "field", "rule", "owner", "after", "$top"});
  modules::FindingsRequest request;
  request.object = context.parameter("object");
  request.field = context.parameter("field");
  request.rule = context.parameter("rule");
  const auto number = [&](std::string_view name) -> std::int64_t {
    const std::string text = context.parameter(name);
    if (text.empty()) return 0;
    const auto id = api::parse_id(text);
    if (!id) throw Error(ErrorKind::Invalid, "query.bad_option", {{"name", std::string(name)}});
    return *id;
  };
  request.owner_id = number("owner");
  request.after = number("after");
  request.top = limit_parameter(context, "$top", 50, 200);
  return context.json(modules::findings_json(context.engine(), context.actor(), request));
}

http::Response run_quality(ApiContext& context) {
  context.allow_parameters({});
  modules::ask_for_run(context.engine(), context.actor());
  return context.no_content();
}

http::Response quality_export(ApiContext& context) {
  context.allow_parameters({"month"});
  const std::string month = context.parameter("month");
  http::Response response;
  response.body = modules::figures_csv(context.engine(), context.actor(), month);
  response.header("Content-Type", "text/csv; charset=utf-8");
  response.header("Content-Disposition", "attachment; filename=\"data-quality" +
                                             (month.empty() ? "" : "-" + month) + ".csv\"");
  response.header("Cache-Control", "no-store");
  return response;
}

http::Response key_activities(ApiContext& context) {
  context.allow_parameters({});
  return context.json(
      modules::key_activities_json(context.engine(), context.actor(), context.id()));
}

http::Response timeline(ApiContext& context) {
  context.allow_parameters({"before", "$top"});
  const auto& object = context.object(context.captures["collection"]);
  return context.json(modules::timeline_json(context.engine(), context.actor(), object.name(),
                                             context.id(), context.parameter("before"),
                                             limit_parameter(context, "$top", 30, 100)));
}

http::Response members(ApiContext& context) {
  context.allow_parameters({});
  const auto& object = context.object(context.captures["collection"]);
  return context.json(
      modules::members_json(context.engine(), context.actor(), object.name(), context.id()));
}

http::Response public_numbers(Application& application, ApiContext& context) {
  context.allow_parameters({});
  const auto& object = context.object(context.captures["collection"]);
  return context.json(application.dedupe().public_numbers_json(context.engine(), context.actor(),
                                                               object.name(), context.id()));
}

http::Response unseeing(ApiContext& context) {
  context.allow_parameters({"users"});
  const auto& object = context.object(context.captures["collection"]);
  std::vector<std::int64_t> users;
  for (const auto& part : split(context.parameter("users"))) {
    const auto id = api::parse_id(part);
    if (!id) throw Error::fields({{"users", "field.ids", {}}});
    users.push_back(*id);
  }
  return context.json(modules::unseeing_json(context.engine(), context.actor(), object.name(),
                                             context.id(), users));
}

http::Response raise_dispute(ApiContext& context) {
  context.allow_parameters({});
  const auto id = modules::raise_by_ticket(context.engine(), context.actor(), context.body());
  auto response = context.json(context.engine().read_json(context.actor(), "arbitration", id, {}));
  response.status = 201;
  return response;
}

http::Response join_team(ApiContext& context) {
  context.allow_parameters({});
  modules::ask_to_join(context.engine(), context.actor(), context.body());
  return context.no_content();
}

http::Response mark_read(ApiContext& context) {
  const auto body = context.body();
  std::vector<record::RecordId> ids;
  const bool all = base::json_bool(body, "all");
  if (const auto* list = body.if_contains("ids"); list != nullptr && list->is_array()) {
    for (const auto& id : list->get_array()) ids.push_back(id.as_int64());
  }
  if (!all && ids.empty()) throw Error::fields({{"ids", "field.required", {}}});
  base::JsonObject out;
  out["count"] = platform::mark_read(context.engine(), context.actor(),
                                     all ? std::vector<record::RecordId>{} : ids);
  return context.json(out);
}

http::Response unread_count(ApiContext& context) {
  base::JsonObject out;
  out["count"] = platform::unread_count(context.engine(), context.actor());
  return context.json(out);
}

http::Response regions(ApiContext& context) {
  static const std::string kBody = [] {
    std::string out;
    base::JsonWriter writer(out);
    writer.begin_array();
    for (const auto& region : base::regions()) {
      if (region.is_grouping()) continue;
      // Areas below a grouping row (市辖区) hang on what the grouping row hangs on.
      const auto* parent = region.parent == 0 ? nullptr : base::find_region(region.parent);
      const std::uint32_t above =
          parent != nullptr && parent->is_grouping() ? parent->parent : region.parent;
      writer.begin_object()
          .key("id")
          .integer(region.code)
          .key("name")
          .text(region.name)
          .key("parent_id");
      above == 0 ? writer.null() : writer.integer(above);
      writer.key("level").integer(region.level).end_object();
    }
    writer.end_array();
    return out;
  }();
  auto response = context.json(kBody);
  // Divisions change with a version of the program.
  response.header("Cache-Control", "private, max-age=86400");
  return response;
}

http::Response get_picklists(Application& application, ApiContext& context) {
  std::string out;
  base::JsonWriter writer(out);
  writer.begin_object();
  for (const auto& [name, options] : platform::read_picklists(application.database())) {
    writer.key(name).begin_object().key("options").begin_array();
    for (const auto& option : options) {
      writer.begin_object().key("value").text(option.value).key("label").begin_object();
      for (std::size_t i = 0; i < base::kLanguageNames.size(); ++i) {
        writer.key(base::kLanguageNames[i]).text(option.labels.texts[i]);
      }
      writer.end_object()
          .key("color")
          .text(option.color)
          .key("active")
          .boolean(option.active)
          .end_object();
    }
    writer.end_array().end_object();
  }
  writer.end_object();
  return context.json(std::move(out));
}

http::Response put_picklist(ApiContext& context) {
  const auto body = context.body();
  const auto* list = body.if_contains("options");
  if (list == nullptr || !list->is_array()) throw Error::fields({{"options", "field.list", {}}});
  std::vector<record::Option> options;
  for (const auto& element : list->get_array()) {
    if (!element.is_object()) throw Error::fields({{"options", "field.list", {}}});
    const auto& item = element.get_object();
    record::Option option;
    option.value = base::json_text(item, "value");
    if (item.contains("label")) option.labels = base::Labels::from_json(item.at("label"));
    option.color = base::json_text(item, "color");
    option.active = base::json_bool(item, "active", true);
    options.push_back(std::move(option));
  }
  platform::update_picklist(context.engine(), context.actor(),
                            std::string(context.captures["name"]), options);
  return context.no_content();
}

http::Response get_organisation(Application& application, ApiContext& context) {
  const auto organisation = application.settings().organisation();
  base::JsonObject out;
  out["name"] = organisation.name;
  out["time_zone"] = organisation.time_zone;
  out["currency"] = organisation.currency;
  return context.json(out);
}

http::Response put_organisation(Application& application, ApiContext& context) {
  const auto body = context.body();
  platform::Settings::OrganisationChange change;
  const auto take = [&](std::string_view key, std::optional<std::string>& out) {
    if (body.contains(key)) out = base::json_text(body, key);
  };
  take("name", change.name);
  take("time_zone", change.time_zone);
  take("currency", change.currency);
  application.settings().set_organisation(context.engine(), context.actor(), change);
  return get_organisation(application, context);
}

http::Response get_switches(Application& application, ApiContext& context) {
  context.allow_parameters({});
  return context.json(
      application.switches().json(context.engine(), context.actor(), context.language));
}

http::Response put_switches(Application& application, ApiContext& context) {
  application.switches().change(context.engine(), context.actor(), context.body());
  return get_switches(application, context);
}

}  // namespace

std::vector<Route> service_routes(Application& application) {
  const auto with = [&application](http::Response (*handler)(Application&, ApiContext&)) {
    return [&application, handler](ApiContext& context) { return handler(application, context); };
  };
  const auto sums = std::make_shared<modules::WorkbenchCache>();
  using api::make_route;
  std::vector<Route> routes = {
      make_route("GET", "/search", "Finds records of every kind by words", with(search),
                 {"q", "objects", "limit"}),
      make_route("POST", "/duplicates", "Looks for duplicates of values that are not saved yet",
                 with(duplicates)),
      make_route("POST", "/duplicates/join",
                 "Asks the owner of a hidden hit to be let into its team", join_team),
      make_route("POST", "/duplicates/arbitrate", "Disputes the ownership of a hidden hit",
                 raise_dispute),
      make_route("GET", "/workbench", "What to do today and how the team stands",
                 [&application, sums](ApiContext& context) {
                   return workbench(application, context, *sums);
                 },
                 {"scope"}),
      make_route("GET", "/data_quality", "Figures of data quality, now or of a frozen month",
                 data_quality, {"month"}),
      make_route("GET", "/data_quality/findings", "What the format audit found", quality_findings,
                 {"object", "field", "rule", "owner", "after", "$top"}),
      make_route("POST", "/data_quality/run", "Has the audit and the figures made anew",
                 run_quality),
      make_route("GET", "/data_quality/export", "The figures by owner as CSV", quality_export,
                 {"month"}),
      make_route("GET", "/opportunities/board", "The pipeline board", with(board),
                 {"pipeline_id", "owner", "$search", "$filter", "$select"}),
      make_route("GET", "/opportunities/{id}/key_activities",
                 "What is done of the key activities of the pipeline", key_activities),
      make_route("GET", "/{collection}/{id}/timeline", "Everything that happened to a record",
                 timeline, {"before", "$top"}),
      make_route("GET", "/{collection}/{id}/members", "The team members of a record", members),
      make_route("GET", "/{collection}/{id}/public_numbers",
                 "Which telephone numbers of a record many records have", with(public_numbers)),
      make_route("GET", "/{collection}/{id}/unseeing",
                 "Who of the named people cannot see the record", unseeing, {"users"}),
      make_route("POST", "/notifications/read", "Marks notifications as read", mark_read),
      make_route("GET", "/notifications/unread_count", "Number of unread notifications",
                 unread_count),
      make_route("GET", "/regions", "Administrative divisions", regions),
      make_route("GET", "/picklists", "All lists of choices", with(get_picklists)),
      make_route("PUT", "/picklists/{name}", "Replaces a list of choices", put_picklist),
      make_route("GET", "/organisation", "Name, time zone and currency of the organisation",
                 with(get_organisation)),
      make_route("PUT", "/organisation", "Changes the organisation", with(put_organisation)),
      make_route("GET", "/switches", "Rules of the organisation that are on or off",
                 with(get_switches)),
      make_route("PUT", "/switches", "Turns rules on or off", with(put_switches))};
  for (auto& route : api::transfer_routes(application.imports(), application.exports()))
    routes.push_back(std::move(route));
  for (auto& route : api::webhook_routes(application.webhooks()))
    routes.push_back(std::move(route));
  for (auto& route : api::merge_routes(application.merges())) routes.push_back(std::move(route));
  for (auto& route : api::file_routes(application.files())) routes.push_back(std::move(route));
  return routes;
}

}  // namespace kehai::app
