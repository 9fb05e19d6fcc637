#include "modules/workbench/workbench.h"

#include <algorithm>
#include <map>
#include <vector>

#include "base/error.h"
#include "modules/timeline/timeline.h"
#include "query/parser.h"

namespace kehai::modules {

using record::Record;

namespace {

constexpr int kTrendMonths = 12;
constexpr int kRows = 10;

base::Date month_start(base::Date date, int months_back) {
  const auto civil = base::civil_from_date(date);
  return base::add_months(base::date_from_civil(civil.year, civil.month, 1), -months_back);
}

std::string month_name(std::int64_t yearmonth) {
  const std::string digits = std::to_string(yearmonth);
  return digits.substr(0, 4) + "-" + digits.substr(4);
}

class Workbench {
 public:
  Workbench(record::Engine& engine, const record::Actor& actor, std::string scope, std::string currency)
      : engine_(engine), actor_(actor), scope_(std::move(scope)), currency_(std::move(currency)) {
    today_ = engine.zone().local_date(engine.clock().now());
    if (scope_ == "me") scope_filter_ = "owner_id eq @me";
    if (scope_ == "department") scope_filter_ = "scope_department_id in @my_departments";
  }

  std::string json() {
    std::string out;
    base::JsonWriter writer(out);
    writer.begin_object().key("as_of").text(base::format_instant(engine_.clock().now())).key("scope").text(scope_);
    writer.key("scopes").begin_array();
    for (const auto& scope : scopes(engine_, actor_)) writer.text(scope);
    writer.end_array();
    write_figures(writer);
    write_tasks(writer);
    write_calls(writer);
    write_funnel(writer);
    write_trend(writer);
    write_ranking(writer);
    writer.key("recent");
    if (may("activity")) {
      append_recent(writer, engine_, actor_, scope_filter_, kRows);
    } else {
      writer.begin_array().end_array();
    }
    writer.end_object();
    return out;
  }

  // Whoever sees only own records has only the own view.
  static std::vector<std::string> scopes(record::Engine& engine, const record::Actor& actor) {
    std::vector<std::string> out{"me"};
    const auto schema = engine.schema();
    const auto* object = schema->find("opportunity");
    if (object == nullptr || !engine.access().may(actor, object->definition(), "read")) return out;
    const auto scope = engine.access().scope(actor, object->definition(), "read");
    const bool departments = std::any_of(scope.branches.begin(), scope.branches.end(), [](const record::Branch& branch) {
      return branch.column == "scope_department_id";
    });
    if (departments || scope.all) out.emplace_back("department");
    if (scope.all) out.emplace_back("all");
    return out;
  }

 private:
  bool may(std::string_view object) const {
    const auto schema = engine_.schema();
    const auto* found = schema->find(object);
    return found != nullptr && engine_.access().may(actor_, found->definition(), "read");
  }

  std::string within(const std::string& condition) const {
    return scope_filter_.empty() ? condition : scope_filter_ + " and " + condition;
  }

  base::JsonArray apply(std::string_view object, const std::string& filter, const std::string& apply) const {
    if (!may(object)) return {};
    record::ListRequest request;
    request.options.filter = query::parse_expression(within(filter));
    request.options.apply = query::parse_apply(apply);
    return base::parse_json("[" + engine_.apply(actor_, object, request) + "]").as_array();
  }

  std::vector<Record> list(std::string_view object, const std::string& filter, std::string order, int limit) const {
    std::vector<Record> out;
    if (!may(object)) return out;
    record::ListRequest request;
    request.options.top = limit;
    request.default_order = std::move(order);
    request.options.filter = query::parse_expression(filter);
    engine_.list_typed(actor_, object, request, [&](const record::TypedRow& row) { out.push_back(row.record); });
    return out;
  }

  std::string between(const std::string& field, base::Date from, base::Date to, bool instant) const {
    const auto literal = [&](base::Date date) {
      return instant ? base::format_instant(engine_.zone().start_of_day(date)) : base::format_date(date);
    };
    return field + " ge " + literal(from) + " and " + field + " lt " + literal(to);
  }

  // A number of the first row, as hundredths for money.
  static std::int64_t number(const base::JsonArray& rows, std::string_view name) {
    if (rows.empty()) return 0;
    return scaled(rows[0].as_object().at(name));
  }
  static std::int64_t scaled(const base::Json& json) {
    if (json.is_int64()) return json.get_int64();
    if (json.is_double()) {
      const double value = json.get_double() * 100;
      return static_cast<std::int64_t>(value < 0 ? value - 0.5 : value + 0.5);
    }
    return 0;
  }

  void figure(base::JsonWriter& writer, std::string_view name, bool money, std::int64_t value,
              std::optional<std::int64_t> previous) const {
    writer.begin_object().key("name").text(name).key("unit").text(money ? "money" : "count").key("value");
    money ? writer.decimal(value, 2) : writer.integer(value);
    writer.key("previous");
    !previous ? writer.null() : money ? writer.decimal(*previous, 2) : writer.integer(*previous);
    writer.key("change_percent");
    // Nothing before: a percentage would say nothing.
    previous && *previous > 0 ? writer.decimal((value - *previous) * 1000 / *previous, 1) : writer.null();
    writer.end_object();
  }

  void write_figures(base::JsonWriter& writer) {
    const base::Date month = month_start(today_, 0);
    const base::Date next = base::add_months(month, 1);
    const base::Date before = month_start(today_, 1);
    const auto created = [&](std::string_view object, base::Date from, base::Date to) {
      return number(apply(object, between("created_at", from, to, true), "aggregate($count as n)"), "n");
    };
    const auto won = [&](base::Date from, base::Date to) {
      return money(apply("opportunity",
                         "status eq 'won' and currency eq '" + currency_ + "' and " +
                             between("actual_close_date", from, to, false),
                         "aggregate(amount with sum as amount)"),
                   "amount");
    };
    writer.key("figures").begin_array();
    figure(writer, "new_leads", false, created("lead", month, next), created("lead", before, month));
    figure(writer, "new_accounts", false, created("account", month, next), created("account", before, month));
    figure(writer, "open_amount", true,
           money(apply("opportunity", "status eq 'open' and currency eq '" + currency_ + "'",
                       "aggregate(amount with sum as amount)"),
                 "amount"),
           std::nullopt);
    figure(writer, "won_amount", true, won(month, next), won(before, month));
    writer.end_array();
  }

  // Money comes as a JSON number with two decimals; whole amounts arrive as integers.
  static std::int64_t money(const base::Json& json) { return json.is_int64() ? json.get_int64() * 100 : scaled(json); }
  static std::int64_t money(const base::JsonArray& rows, std::string_view name) {
    return rows.empty() ? 0 : money(rows[0].as_object().at(name));
  }

  void write_tasks(base::JsonWriter& writer) {
    writer.key("tasks").begin_array();
    const std::string tomorrow = base::format_instant(engine_.zone().start_of_day(today_ + 1));
    for (const auto& task : list("task", "owner_id eq @me and status in ('todo','doing') and due_at lt " + tomorrow,
                                 "due_at asc", kRows)) {
      writer.begin_object().key("id").integer(task.id()).key("title").text(task.text("title"));
      writer.key("due_at").text(base::format_instant(task.integer("due_at"))).key("priority").text(task.text("priority"));
      writer.key("version").integer(task.version());
      writer.key("overdue").boolean(task.integer("due_at") < engine_.clock().now());
      for (const auto* target : {"opportunity", "account", "lead", "contact"}) {
        const std::int64_t id = task.integer(std::string(target) + "_id");
        if (id == 0) continue;
        const auto titles = engine_.titles(actor_, target, {id});
        if (titles.empty()) continue;
        writer.key("object").text(target).key("record_id").integer(id).key("record_title").text(titles.begin()->second);
        break;
      }
      writer.end_object();
    }
    writer.end_array();
  }

  void write_calls(base::JsonWriter& writer) {
    struct Call {
      std::string object;
      Record record;
    };
    std::vector<Call> calls;
    const std::string due = "owner_id eq @me and next_contact_at lt " +
                            base::format_instant(engine_.zone().start_of_day(today_ + 1));
    for (auto& lead : list("lead", due + " and status in ('pending','following','invalid')", "next_contact_at asc", kRows)) {
      calls.push_back({"lead", std::move(lead)});
    }
    for (auto& account : list("account", due + " and status ne 'inactive'", "next_contact_at asc", kRows)) {
      calls.push_back({"account", std::move(account)});
    }
    std::sort(calls.begin(), calls.end(), [](const Call& a, const Call& b) {
      return a.record.integer("next_contact_at") < b.record.integer("next_contact_at");
    });
    if (calls.size() > kRows) calls.erase(calls.begin() + kRows, calls.end());
    writer.key("calls").begin_array();
    for (const auto& call : calls) {
      const bool is_lead = call.object == "lead";
      const auto& record = call.record;
      writer.begin_object().key("object").text(call.object).key("id").integer(record.id());
      writer.key("title").text(record.text(is_lead ? "company" : "name"));
      writer.key("contact").text(is_lead ? record.text("name") : "");
      writer.key("phone").text(is_lead && !record.is_null("mobile") ? record.text("mobile") : record.text("phone"));
      const bool late = record.integer("next_contact_at") < engine_.clock().now();
      writer.key("reason").text(texts_.text(actor_.language, late ? "workbench.contact_overdue" : "workbench.contact_today"));
      writer.key("next_contact_at").text(base::format_instant(record.integer("next_contact_at"))).end_object();
    }
    writer.end_array();
  }

  // Cohort of deals created in the last twelve months: how many came at least as far as each stage.
  void write_funnel(base::JsonWriter& writer) {
    writer.key("funnel").begin_array();
    auto pipelines = list("pipeline", "is_default eq true", "position asc", 1);
    if (pipelines.empty()) pipelines = list("pipeline", "is_active eq true", "position asc", 1);
    if (!pipelines.empty() && may("opportunity")) write_funnel_steps(writer, pipelines[0].id());
    writer.end_array();
  }

  void write_funnel_steps(base::JsonWriter& writer, std::int64_t pipeline) {
    const std::string of_pipeline = "pipeline_id eq " + std::to_string(pipeline);
    const auto stages = list("stage", of_pipeline + " and kind in ('open','won')", "position asc", 50);
    const auto rows = apply("opportunity",
                            of_pipeline + " and status ne 'invalid' and " +
                                between("created_at", month_start(today_, kTrendMonths - 1), today_ + 1, true),
                            "groupby((furthest_stage_id),aggregate(amount with sum as amount,$count as n))");
    std::map<std::int64_t, std::pair<std::int64_t, std::int64_t>> by_stage;
    for (const auto& row : rows) {
      const auto& object = row.as_object();
      if (object.at("furthest_stage_id").is_int64()) {
        by_stage[object.at("furthest_stage_id").get_int64()] = {object.at("n").as_int64(), money(object.at("amount"))};
      }
    }
    std::vector<std::pair<std::int64_t, std::int64_t>> reached(stages.size());
    std::pair<std::int64_t, std::int64_t> sum;
    for (std::size_t i = stages.size(); i-- > 0;) {
      const auto& here = by_stage[stages[i].id()];
      sum = {sum.first + here.first, sum.second + here.second};
      reached[i] = sum;
    }
    for (std::size_t i = 0; i < stages.size(); ++i) {
      writer.begin_object().key("stage_id").integer(stages[i].id()).key("name").text(stages[i].text("name"));
      writer.key("kind").text(stages[i].text("kind")).key("count").integer(reached[i].first);
      writer.key("amount").decimal(reached[i].second, 2).key("conversion_percent");
      // Of those that reached the stage before, the share that came on to this one.
      const bool has_share = i > 0 && reached[i - 1].first > 0;
      has_share ? writer.decimal(reached[i].first * 1000 / reached[i - 1].first, 1) : writer.null();
      writer.end_object();
    }
  }

  void write_trend(base::JsonWriter& writer) {
    std::map<std::int64_t, std::pair<std::int64_t, std::int64_t>> months;
    const base::Date from = month_start(today_, kTrendMonths - 1);
    for (int i = 0; i < kTrendMonths; ++i) {
      const auto civil = base::civil_from_date(base::add_months(from, i));
      months[civil.year * 100 + civil.month] = {0, 0};
    }
    for (const auto& row : apply("opportunity",
                                 "status eq 'won' and currency eq '" + currency_ + "' and " +
                                     between("actual_close_date", from, today_ + 1, false),
                                 "groupby((yearmonth(actual_close_date) as month),aggregate(amount with sum as amount,$count as n))")) {
      const auto& object = row.as_object();
      months[object.at("month").as_int64()] = {money(object.at("amount")), object.at("n").as_int64()};
    }
    writer.key("trend").begin_array();
    for (const auto& [month, totals] : months) {
      writer.begin_object().key("month").text(month_name(month)).key("won_amount").decimal(totals.first, 2);
      writer.key("won_count").integer(totals.second).end_object();
    }
    writer.end_array();
  }

  void write_ranking(base::JsonWriter& writer) {
    struct Line {
      std::int64_t user;
      std::int64_t amount;
      std::int64_t count;
    };
    std::vector<Line> lines;
    std::vector<std::int64_t> users;
    for (const auto& row : apply("opportunity",
                                 "status eq 'won' and currency eq '" + currency_ + "' and " +
                                     between("actual_close_date", month_start(today_, 2), today_ + 1, false),
                                 "groupby((owner_id),aggregate(amount with sum as amount,$count as n))")) {
      const auto& object = row.as_object();
      if (!object.at("owner_id").is_int64()) continue;
      lines.push_back({object.at("owner_id").get_int64(), money(object.at("amount")), object.at("n").as_int64()});
      users.push_back(lines.back().user);
    }
    std::sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) { return a.amount > b.amount; });
    if (lines.size() > kRows) lines.resize(kRows);
    const auto names = engine_.titles(actor_, "user", users);
    writer.key("ranking").begin_array();
    for (const auto& line : lines) {
      const auto name = names.find(line.user);
      writer.begin_object().key("user_id").integer(line.user).key("name").text(name == names.end() ? "" : name->second);
      writer.key("won_amount").decimal(line.amount, 2).key("won_count").integer(line.count).end_object();
    }
    writer.end_array();
  }

  record::Engine& engine_;
  const record::Actor& actor_;
  std::string scope_;
  std::string currency_;
  std::string scope_filter_;
  base::Date today_ = 0;
  base::Texts texts_;
};

}  // namespace

std::string workbench_json(record::Engine& engine, const record::Actor& actor, std::string_view scope,
                           const std::string& currency) {
  const auto scopes = Workbench::scopes(engine, actor);
  std::string chosen = scope.empty() ? "me" : std::string(scope);
  if (std::find(scopes.begin(), scopes.end(), chosen) == scopes.end()) {
    throw base::Error(base::ErrorKind::Invalid, "workbench.scope", {{"scope", chosen}});
  }
  return Workbench(engine, actor, std::move(chosen), currency).json();
}

}  // namespace kehai::modules
