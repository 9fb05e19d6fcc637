#include "modules/opportunity/board.h"

#include <algorithm>
#include <map>

#include "base/error.h"
#include "query/parser.h"

namespace kehai::modules {

using record::Record;

namespace {

constexpr int kCards = 50;
constexpr int kClosedDays = 90;  // won and lost columns show what was decided lately

std::vector<Record> records(record::Engine& engine, const record::Actor& actor, std::string_view object,
                            const std::string& filter, std::string order) {
  std::vector<Record> out;
  record::ListRequest request;
  request.default_top = 500;
  request.default_order = std::move(order);
  if (!filter.empty()) request.options.filter = query::parse_expression(filter);
  engine.list_typed(actor, object, request, [&](const record::TypedRow& row) { out.push_back(row.record); });
  return out;
}

Record choose_pipeline(record::Engine& engine, const record::Actor& actor, std::int64_t wanted) {
  const auto pipelines = records(engine, actor, "pipeline", "", "position asc");
  const Record* chosen = nullptr;
  for (const auto& pipeline : pipelines) {
    const bool fits = wanted == 0 ? pipeline.integer("is_default") != 0 : pipeline.id() == wanted;
    if (fits) chosen = &pipeline;
  }
  if (chosen == nullptr && wanted == 0 && !pipelines.empty()) chosen = &pipelines.front();
  if (chosen == nullptr) throw base::Error(base::ErrorKind::NotFound, "record.not_found");
  return *chosen;
}

}  // namespace

std::string board_json(record::Engine& engine, const record::Actor& actor, const BoardRequest& request) {
  const Record pipeline = choose_pipeline(engine, actor, request.pipeline_id);
  const auto stages = records(engine, actor, "stage", "pipeline_id eq " + std::to_string(pipeline.id()), "position asc");
  std::string filter = request.filter.empty() ? "" : "(" + request.filter + ")";
  const auto also = [&](const std::string& condition) { filter += (filter.empty() ? "" : " and ") + condition; };
  if (request.mine_only) also("owner_id eq @me");
  const base::Date since = engine.zone().local_date(engine.clock().now()) - kClosedDays;
  std::string out;
  base::JsonWriter writer(out);
  writer.begin_object().key("pipeline").begin_object().key("id").integer(pipeline.id());
  writer.key("name").text(pipeline.text("name")).end_object().key("columns").begin_array();
  for (const auto& stage : stages) {
    record::ListRequest list;
    list.default_top = kCards;
    list.budget_milliseconds = record::kQueryBudget;
    std::string column_filter = filter;
    if (stage.text("kind") != "open") {
      column_filter += (column_filter.empty() ? "" : " and ") + std::string("actual_close_date ge ") + base::format_date(since);
    }
    if (!request.search.empty()) list.options.search = request.search;
    list.options.expand = query::parse_expand("account($select=id,name),owner($select=id,name)");
    // The stage narrows every access branch: (owner, stage, updated) and (department, stage, updated) are indexes.
    const std::string in_stage = "stage_id eq " + std::to_string(stage.id());
    list.options.filter = query::parse_expression(in_stage + (column_filter.empty() ? "" : " and " + column_filter));
    const auto page = engine.list(actor, "opportunity", list);
    record::ListRequest totals = list;
    totals.options.expand.clear();
    totals.options.apply = query::parse_apply("aggregate(amount with sum as amount,$count as n)");
    const auto sums = engine.apply_typed(actor, "opportunity", totals);
    writer.begin_object().key("stage").begin_object().key("id").integer(stage.id()).key("name").text(stage.text("name"));
    writer.key("kind").text(stage.text("kind")).key("probability").integer(stage.integer("probability"));
    writer.key("color").text(stage.text("color")).key("rotting_days").integer(stage.integer("rotting_days")).end_object();
    writer.key("count").integer(sums.rows.empty() ? 0 : sums.at(0, "n").int_or(0));
    writer.key("amount").decimal(sums.rows.empty() ? 0 : sums.at(0, "amount").int_or(0), 2);
    writer.key("cards").begin_array();
    if (!page.elements.empty()) writer.raw(page.elements);
    writer.end_array().key("next");
    page.next_token.empty() ? writer.null() : writer.text(page.next_token);
    writer.end_object();
  }
  writer.end_array().end_object();
  return out;
}

}  // namespace kehai::modules
