#include "modules/opportunity/board.h"

#include <algorithm>
#include <map>

#include "base/error.h"
#include "query/parser.h"
#include "record/field_reader.h"

namespace kehai::modules {

using record::Record;

namespace {

constexpr int kCards = 30;
constexpr int kClosedDays = 90;  // won and lost columns show what was decided lately

std::vector<Record> records(record::Engine& engine, const record::Actor& actor,
                            std::string_view object, const std::string& filter, std::string order) {
  std::vector<Record> out;
  record::ListRequest request;
  request.default_top = 500;
  request.default_order = std::move(order);
  if (!filter.empty()) request.options.filter = query::parse_expression(filter);
  engine.list_typed(actor, object, request,
                    [&](const record::TypedRow& row) { out.push_back(row.record); });
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

class Board {
 public:
  Board(record::Engine& engine, const record::Actor& actor, const record::ObjectDefinition& deals,
        const BoardRequest& request)
      : engine_(engine), actor_(actor), request_(request), fields_(engine.access(), actor, deals) {
    const auto may_sum = fields_.shows_all({"amount", "currency"});
    apply_ = may_sum ? "groupby((currency),aggregate(amount with sum as amount,$count as n))"
                     : "aggregate($count as n)";
    with_amounts_ = may_sum;
    // Alone first, so that nothing in it can end the condition that stands before it.
    if (!request.filter.empty()) query::parse_expression(request.filter);
    expand_ = expansion("account", "account_id");
    const auto owner = expansion("owner", "owner_id");
    if (!owner.empty()) expand_ += (expand_.empty() ? "" : ",") + owner;
  }

  std::string json() {
    const Record pipeline = choose_pipeline(engine_, actor_, request_.pipeline_id);
    const auto stages = records(engine_, actor_, "stage",
                                "pipeline_id eq " + std::to_string(pipeline.id()), "position asc");
    std::string out;
    base::JsonWriter writer(out);
    writer.begin_object().key("pipeline").begin_object().key("id").integer(pipeline.id());
    writer.key("name").text(pipeline.text("name")).end_object().key("columns").begin_array();
    for (const auto& stage : stages) {
      if (request_.stage_id == 0 || request_.stage_id == stage.id()) write_column(writer, stage);
    }
    writer.end_array().end_object();
    return out;
  }

 private:
  // The name of what a card points at, as far as the person may know it.
  std::string expansion(const std::string& navigation, const std::string& reference) const {
    const auto schema = engine_.schema();
    const auto& target = schema->at(fields_.definition().field(reference)->target).definition();
    if (!fields_.shows(reference) || !engine_.access().may(actor_, target, "read")) return "";
    const bool named = record::FieldReader(engine_.access(), actor_, target).shows("name");
    return navigation + (named ? "($select=id,name)" : "($select=id)");
  }

  record::ListRequest cards_of(const Record& stage) const {
    record::ListRequest list;
    list.default_top = kCards;
    list.budget_milliseconds = record::kQueryBudget;
    // The stage narrows every access branch: (owner, stage, updated) and (department, stage,
    // updated) are indexes.
    std::string filter = "stage_id eq " + std::to_string(stage.id());
    if (!request_.filter.empty()) filter += " and (" + request_.filter + ")";
    if (request_.mine_only) filter += " and owner_id eq @me";
    if (stage.text("kind") != "open" && fields_.shows_all({"actual_close_date"})) {
      const base::Date today = engine_.zone().local_date(engine_.clock().now());
      filter += " and actual_close_date ge " + base::format_date(today - kClosedDays);
    }
    list.options.filter = query::parse_expression(filter);
    if (!request_.search.empty()) list.options.search = request_.search;
    return list;
  }

  void write_column(base::JsonWriter& writer, const Record& stage) const {
    auto cards = cards_of(stage);
    auto totals = cards;
    cards.options.skiptoken = request_.after;
    if (!expand_.empty()) cards.options.expand = query::parse_expand(expand_);
    if (!request_.select.empty()) cards.options.select = query::parse_select(request_.select);
    const auto page = engine_.list(actor_, "opportunity", cards);
    totals.options.apply = query::parse_apply(apply_);
    const auto sums = engine_.apply_typed(actor_, "opportunity", totals);
    writer.begin_object()
        .key("stage")
        .begin_object()
        .key("id")
        .integer(stage.id())
        .key("name")
        .text(stage.text("name"));
    writer.key("kind")
        .text(stage.text("kind"))
        .key("probability")
        .integer(stage.integer("probability"));
    writer.key("color")
        .text(stage.text("color"))
        .key("rotting_days")
        .integer(stage.integer("rotting_days"))
        .end_object();
    write_sums(writer, sums);
    writer.key("cards").begin_array();
    if (!page.elements.empty()) writer.raw(page.elements);
    writer.end_array().key("next");
    page.next_token.empty() ? writer.null() : writer.text(page.next_token);
    writer.end_object();
  }

  // Amounts of different currencies are never added up.
  void write_sums(base::JsonWriter& writer, const record::Aggregates& sums) const {
    std::int64_t count = 0;
    std::int64_t amount = 0;
    std::map<std::string, std::int64_t> others;
    for (std::size_t i = 0; i < sums.rows.size(); ++i) {
      count += sums.at(i, "n").int_or(0);
      if (!with_amounts_) continue;
      const std::string currency = sums.at(i, "currency").text_or("");
      const std::int64_t sum = sums.at(i, "amount").int_or(0);
      if (currency == request_.currency) {
        amount = sum;
      } else if (!currency.empty() && sum != 0) {
        others[currency] = sum;
      }
    }
    writer.key("count").integer(count).key("amount");
    with_amounts_ ? writer.decimal(amount, 2) : writer.null();
    writer.key("other_amounts").begin_array();
    for (const auto& [currency, sum] : others) {
      writer.begin_object()
          .key("currency")
          .text(currency)
          .key("amount")
          .decimal(sum, 2)
          .end_object();
    }
    writer.end_array();
  }

  record::Engine& engine_;
  const record::Actor& actor_;
  const BoardRequest& request_;
  record::FieldReader fields_;
  std::string apply_;
  std::string expand_;
  bool with_amounts_ = false;
};

}  // namespace

std::string board_json(record::Engine& engine, const record::Actor& actor,
                       const BoardRequest& request) {
  const auto schema = engine.schema();
  const auto& deals = schema->at("opportunity").definition();
  if (!engine.access().may(actor, deals, "read"))
    throw base::Error(base::ErrorKind::NotFound, "record.not_found");
  return Board(engine, actor, deals, request).json();
}

}  // namespace kehai::modules
