#include "modules/workbench/workbench.h"

#include <algorithm>
#include <map>
#include <vector>

#include "base/arithmetic.h"
#include "base/error.h"
#include "modules/timeline/follow_ups.h"
#include "query/parser.h"
#include "record/field_reader.h"

namespace kehai::modules {

using record::Record;
using record::TypedRow;

namespace {

constexpr int kTrendMonths = 12;
constexpr int kRows = 10;

base::Date month_start(base::Date date, int months_back) {
  const auto civil = base::civil_from_date(date);
  return base::add_months(base::date_from_civil(civil.year, civil.month, 1), -months_back);
}

// A share in percent with one decimal, as an integer of tenths; half-up. `whole` is not 0.
std::int64_t tenths_of_percent(std::int64_t part, std::int64_t whole) {
  return base::divide_scaled(part, 1000, whole).value_or(0);
}

// The request named a field that is hidden or masked for the person.
bool is_about_hidden_field(const base::Error& error) {
  return error.code() == "query.unknown_field" || error.code() == "query.not_filterable" ||
         error.code() == "query.not_sortable";
}

std::string month_name(std::int64_t yearmonth) {
  const std::string digits = std::to_string(yearmonth);
  return digits.substr(0, 4) + "-" + digits.substr(4);
}

class Workbench {
 public:
  Workbench(record::Engine& engine, const record::Actor& actor, std::string scope,
            std::string currency)
      : engine_(engine), actor_(actor), scope_(std::move(scope)), currency_(std::move(currency)) {
    today_ = engine.zone().local_date(engine.clock().now());
    if (scope_ == "me") scope_filter_ = "owner_id eq @me";
    if (scope_ == "department") scope_filter_ = "scope_department_id in @my_departments";
  }

  std::string json(WorkbenchCache& cache) {
    const base::Instant now = engine_.clock().now();
    auto sums = cache.find(actor_, scope_, currency_, now);
    if (!sums) {
      sums = make_sums(now);
      cache.put(actor_, scope_, currency_, *sums);
    }
    std::string out;
    base::JsonWriter writer(out);
    writer.begin_object()
        .key("as_of")
        .text(base::format_instant(sums->as_of))
        .key("scope")
        .text(scope_);
    writer.key("scopes").begin_array();
    for (const auto& scope : scopes(engine_, actor_)) writer.text(scope);
    writer.end_array();
    writer.key("figures").raw(sums->figures);
    write_tasks(writer);
    write_calls(writer);
    writer.key("funnel")
        .raw(sums->funnel)
        .key("trend")
        .raw(sums->trend)
        .key("ranking")
        .raw(sums->ranking);
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
    const bool departments = std::any_of(
        scope.branches.begin(), scope.branches.end(),
        [](const record::Branch& branch) { return branch.column == "scope_department_id"; });
    if (departments || scope.all) out.emplace_back("department");
    if (scope.all) out.emplace_back("all");
    return out;
  }

 private:
  WorkbenchSums make_sums(base::Instant now) {
    WorkbenchSums sums;
    sums.as_of = now;
    const auto array = [this](std::string& out, auto write) {
      base::JsonWriter writer(out);
      writer.begin_array();
      (this->*write)(writer);
      writer.end_array();
    };
    const base::Date next = base::add_months(month_start(today_, 0), 1);
    won_days_ = won("actual_close_date", month_start(today_, kTrendMonths - 1), next);
    array(sums.figures, &Workbench::write_figures);
    array(sums.funnel, &Workbench::write_funnel);
    array(sums.trend, &Workbench::write_trend);
    array(sums.ranking, &Workbench::write_ranking);
    return sums;
  }

  bool may(std::string_view object) const {
    const auto schema = engine_.schema();
    const auto* found = schema->find(object);
    return found != nullptr && engine_.access().may(actor_, found->definition(), "read");
  }

  std::string within(const std::string& condition) const {
    return scope_filter_.empty() ? condition : scope_filter_ + " and " + condition;
  }

  // Nothing when the person may not read the records, or a field that the sums need.
  std::optional<record::Aggregates> apply(std::string_view object, const std::string& filter,
                                          const std::string& apply) const {
    if (!may(object)) return std::nullopt;
    record::ListRequest request;
    request.options.filter = query::parse_expression(within(filter));
    request.options.apply = query::parse_apply(apply);
    try {
      return engine_.apply_typed(actor_, object, request);
    } catch (const base::Error& error) {
      if (!is_about_hidden_field(error)) throw;
      return std::nullopt;
    }
  }
  // The only row's value; 0 when there is none.
  static std::optional<std::int64_t> number(const std::optional<record::Aggregates>& sums,
                                            std::string_view name) {
    if (!sums) return std::nullopt;
    return sums->rows.empty() ? 0 : sums->at(0, name).int_or(0);
  }

  // Empty when a field of filter or order is hidden from the person.
  std::vector<TypedRow> list(std::string_view object, const std::string& filter, std::string order,
                             int limit) const {
    std::vector<TypedRow> out;
    if (!may(object)) return out;
    record::ListRequest request;
    request.options.top = limit;
    request.default_order = std::move(order);
    request.options.filter = query::parse_expression(filter);
    try {
      engine_.list_typed(actor_, object, request, [&](const TypedRow& row) { out.push_back(row); });
    } catch (const base::Error& error) {
      if (!is_about_hidden_field(error)) throw;
      out.clear();
    }
    return out;
  }

  std::string between(const std::string& field, base::Date from, base::Date to,
                      bool instant) const {
    const auto literal = [&](base::Date date) {
      return instant ? base::format_instant(engine_.zone().start_of_day(date))
                     : base::format_date(date);
    };
    return field + " ge " + literal(from) + " and " + field + " lt " + literal(to);
  }

  // What the person may not know is left out.
  void figure(base::JsonWriter& writer, std::string_view name, bool money,
              std::optional<std::int64_t> value, std::optional<std::int64_t> previous) const {
    if (!value) return;
    writer.begin_object()
        .key("name")
        .text(name)
        .key("unit")
        .text(money ? "money" : "count")
        .key("value");
    money ? writer.decimal(*value, 2) : writer.integer(*value);
    writer.key("previous");
    !previous ? writer.null() : money ? writer.decimal(*previous, 2) : writer.integer(*previous);
    writer.key("change_percent");
    // Nothing before: a percentage would say nothing.
    previous&&* previous > 0 ? writer.decimal(tenths_of_percent(*value - *previous, *previous), 1)
                             : writer.null();
    writer.end_object();
  }

  // Won deals in the workbench's currency, grouped by a field.
  std::optional<record::Aggregates> won(const std::string& field, base::Date from,
                                        base::Date to) const {
    return apply("opportunity",
                 "status eq 'won' and currency eq '" + currency_ + "' and " +
                     between("actual_close_date", from, to, false),
                 "groupby((" + field + "),aggregate(amount with sum as amount,$count as n))");
  }

  std::optional<std::int64_t> won_amount(base::Date from, base::Date to) const {
    if (!won_days_) return std::nullopt;
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < won_days_->rows.size(); ++i) {
      const base::Date day = won_days_->at(i, "actual_close_date").as_int();
      if (day >= from && day < to) sum += won_days_->at(i, "amount").int_or(0);
    }
    return sum;
  }

  void write_figures(base::JsonWriter& writer) {
    const base::Date month = month_start(today_, 0);
    const base::Date next = base::add_months(month, 1);
    const base::Date before = month_start(today_, 1);
    const auto created = [&](std::string_view object, base::Date from, base::Date to) {
      return number(apply(object, between("created_at", from, to, true), "aggregate($count as n)"),
                    "n");
    };
    figure(writer, "new_leads", false, created("lead", month, next),
           created("lead", before, month));
    figure(writer, "new_accounts", false, created("account", month, next),
           created("account", before, month));
    figure(writer, "open_amount", true,
           number(apply("opportunity", "status eq 'open' and currency eq '" + currency_ + "'",
                        "aggregate(amount with sum as amount)"),
                  "amount"),
           std::nullopt);
    figure(writer, "won_amount", true, won_amount(month, next), won_amount(before, month));
  }

  void write_tasks(base::JsonWriter& writer) {
    writer.key("tasks").begin_array();
    const std::string tomorrow = base::format_instant(engine_.zone().start_of_day(today_ + 1));
    for (const auto& row :
         list("task", "owner_id eq @me and status in ('todo','doing') and due_at lt " + tomorrow,
              "due_at asc", kRows)) {
      const auto& task = row.record;
      const record::FieldReader fields(engine_.access(), actor_, task.definition());
      writer.begin_object().key("id").integer(task.id()).key("title").text(
          fields.title(task, row.hidden));
      writer.key("due_at").text(base::format_instant(task.integer("due_at")));
      writer.key("priority").text(fields.text(task, "priority", row.hidden));
      writer.key("version").integer(task.version());
      writer.key("overdue").boolean(task.integer("due_at") < engine_.clock().now());
      for (const auto* target : {"opportunity", "account", "lead", "contact"}) {
        const std::int64_t id =
            fields.value(task, std::string(target) + "_id", row.hidden).int_or(0);
        if (id == 0) continue;
        const auto titles = engine_.titles(actor_, target, {id});
        if (titles.empty()) continue;
        writer.key("object")
            .text(target)
            .key("record_id")
            .integer(id)
            .key("record_title")
            .text(titles.begin()->second);
        break;
      }
      writer.end_object();
    }
    writer.end_array();
  }

  void write_calls(base::JsonWriter& writer) {
    std::vector<TypedRow> calls;
    const std::string due = "owner_id eq @me and next_contact_at lt " +
                            base::format_instant(engine_.zone().start_of_day(today_ + 1));
    for (auto& lead : list("lead", due + " and status in ('pending','following','invalid')",
                           "next_contact_at asc", kRows)) {
      calls.push_back(std::move(lead));
    }
    for (auto& account :
         list("account", due + " and status ne 'inactive'", "next_contact_at asc", kRows)) {
      calls.push_back(std::move(account));
    }
    std::sort(calls.begin(), calls.end(), [](const TypedRow& a, const TypedRow& b) {
      return a.record.integer("next_contact_at") < b.record.integer("next_contact_at");
    });
    if (calls.size() > kRows) calls.erase(calls.begin() + kRows, calls.end());
    writer.key("calls").begin_array();
    for (const auto& call : calls) {
      const auto& record = call.record;
      const auto& object = record.definition();
      const record::FieldReader fields(engine_.access(), actor_, object);
      const bool is_lead = object.name == "lead";
      writer.begin_object().key("object").text(object.name).key("id").integer(record.id());
      writer.key("title").text(fields.title(record, call.hidden));
      writer.key("contact").text(is_lead ? fields.text(record, "name", call.hidden) : "");
      std::string phone = is_lead ? fields.text(record, "mobile", call.hidden) : "";
      if (phone.empty()) phone = fields.text(record, "phone", call.hidden);
      writer.key("phone").text(phone);
      const bool late = record.integer("next_contact_at") < engine_.clock().now();
      writer.key("reason").text(engine_.texts().text(
          actor_.language, late ? "workbench.contact_overdue" : "workbench.contact_today"));
      writer.key("next_contact_at")
          .text(base::format_instant(record.integer("next_contact_at")))
          .end_object();
    }
    writer.end_array();
  }

  // Cohort of deals created in the last twelve months: how many came at least as far as each stage.
  void write_funnel(base::JsonWriter& writer) {
    auto pipelines = list("pipeline", "is_default eq true", "position asc", 1);
    if (pipelines.empty()) pipelines = list("pipeline", "is_active eq true", "position asc", 1);
    if (!pipelines.empty() && may("opportunity"))
      write_funnel_steps(writer, pipelines[0].record.id());
  }

  struct Reached {
    std::int64_t count = 0;
    std::int64_t amount = 0;  // in the workbench's currency
  };

  // Deals of the cohort by the furthest stage that they came to; nothing when stages are hidden.
  // Without amounts `with_amounts` becomes false.
  std::optional<std::map<std::int64_t, Reached>> furthest_stages(std::int64_t pipeline,
                                                                 bool& with_amounts) const {
    const std::string cohort = "pipeline_id eq " + std::to_string(pipeline) +
                               " and status ne 'invalid' and " +
                               between("created_at", month_start(today_, kTrendMonths - 1),
                                       base::add_months(month_start(today_, 0), 1), true);
    auto rows = apply(
        "opportunity", cohort,
        "groupby((furthest_stage_id,currency),aggregate(amount with sum as amount,$count as n))");
    with_amounts = rows.has_value();
    if (!rows)
      rows = apply("opportunity", cohort, "groupby((furthest_stage_id),aggregate($count as n))");
    if (!rows) return std::nullopt;
    std::map<std::int64_t, Reached> out;
    for (std::size_t i = 0; i < rows->rows.size(); ++i) {
      auto& stage = out[rows->at(i, "furthest_stage_id").int_or(0)];
      stage.count += rows->at(i, "n").int_or(0);
      if (with_amounts && rows->at(i, "currency").text_or("") == currency_)
        stage.amount += rows->at(i, "amount").int_or(0);
    }
    return out;
  }

  void write_funnel_steps(base::JsonWriter& writer, std::int64_t pipeline) {
    const auto stages =
        list("stage", "pipeline_id eq " + std::to_string(pipeline) + " and kind in ('open','won')",
             "position asc", 50);
    bool with_amounts = true;
    auto by_stage = furthest_stages(pipeline, with_amounts);
    if (!by_stage) return;
    std::vector<Reached> reached(stages.size());
    Reached sum;
    for (std::size_t i = stages.size(); i-- > 0;) {
      const auto& here = (*by_stage)[stages[i].record.id()];
      sum = {sum.count + here.count, sum.amount + here.amount};
      reached[i] = sum;
    }
    for (std::size_t i = 0; i < stages.size(); ++i) {
      const auto& stage = stages[i].record;
      writer.begin_object()
          .key("stage_id")
          .integer(stage.id())
          .key("name")
          .text(stage.text("name"));
      writer.key("kind")
          .text(stage.text("kind"))
          .key("count")
          .integer(reached[i].count)
          .key("amount");
      with_amounts ? writer.decimal(reached[i].amount, 2) : writer.null();
      // Of those that reached the stage before, the share that came on to this one.
      writer.key("conversion_percent");
      const bool has_share = i > 0 && reached[i - 1].count > 0;
      has_share ? writer.decimal(tenths_of_percent(reached[i].count, reached[i - 1].count), 1)
                : writer.null();
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
    if (!won_days_) return;
    for (std::size_t i = 0; i < won_days_->rows.size(); ++i) {
      const base::Date day = won_days_->at(i, "actual_close_date").as_int();
      if (day > today_) continue;
      const auto civil = base::civil_from_date(day);
      auto& month = months[civil.year * 100 + civil.month];
      month.first += won_days_->at(i, "amount").int_or(0);
      month.second += won_days_->at(i, "n").int_or(0);
    }
    for (const auto& [month, totals] : months) {
      writer.begin_object()
          .key("month")
          .text(month_name(month))
          .key("won_amount")
          .decimal(totals.first, 2);
      writer.key("won_count").integer(totals.second).end_object();
    }
  }

  void write_ranking(base::JsonWriter& writer) {
    struct Line {
      std::int64_t user;
      std::int64_t amount;
      std::int64_t count;
    };
    // Kept totals know whole months; what is dated later than today does not count yet.
    const base::Date next = base::add_months(month_start(today_, 0), 1);
    const auto owners = won("owner_id", month_start(today_, 2), next);
    const auto later = won("owner_id", today_ + 1, next);
    if (!owners || !later) return;
    std::map<std::int64_t, Line> by_owner;
    const auto add = [&](const record::Aggregates& sums, int sign) {
      for (std::size_t i = 0; i < sums.rows.size(); ++i) {
        const auto& owner = sums.at(i, "owner_id");
        if (!owner.is_int()) continue;
        auto& line = by_owner.try_emplace(owner.as_int(), Line{owner.as_int(), 0, 0}).first->second;
        line.amount += sign * sums.at(i, "amount").int_or(0);
        line.count += sign * sums.at(i, "n").int_or(0);
      }
    };
    add(*owners, 1);
    add(*later, -1);
    std::vector<Line> lines;
    for (const auto& [owner, line] : by_owner) {
      if (line.count > 0) lines.push_back(line);
    }
    std::sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) {
      return a.amount != b.amount ? a.amount > b.amount : a.user < b.user;
    });
    if (lines.size() > kRows) lines.resize(kRows);
    std::vector<std::int64_t> users;
    for (const auto& line : lines) users.push_back(line.user);
    const auto names = engine_.titles(actor_, "user", users);
    for (const auto& line : lines) {
      const auto name = names.find(line.user);
      writer.begin_object().key("user_id").integer(line.user).key("name").text(
          name == names.end() ? "" : name->second);
      writer.key("won_amount")
          .decimal(line.amount, 2)
          .key("won_count")
          .integer(line.count)
          .end_object();
    }
  }

  record::Engine& engine_;
  const record::Actor& actor_;
  std::string scope_;
  std::string currency_;
  std::string scope_filter_;
  base::Date today_ = 0;
  // Won deals by day, which is the order of their index, of the trend's months; nothing when the
  // person may not know.
  std::optional<record::Aggregates> won_days_;
};

}  // namespace

namespace {

constexpr base::Instant kFresh = 10'000;  // milliseconds
constexpr std::size_t kEntries = 2'000;

}  // namespace

std::optional<WorkbenchSums> WorkbenchCache::find(const record::Actor& actor,
                                                  const std::string& scope,
                                                  const std::string& currency, base::Instant now) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find({actor.user_id, scope, currency});
  if (found == entries_.end() || found->second.rights != actor.rights) return std::nullopt;
  const base::Instant age = now - found->second.sums.as_of;
  if (age < 0 || age > kFresh) return std::nullopt;
  return found->second.sums;
}

void WorkbenchCache::put(const record::Actor& actor, const std::string& scope,
                         const std::string& currency, WorkbenchSums sums) {
  const std::lock_guard lock(mutex_);
  if (entries_.size() >= kEntries) {
    std::erase_if(entries_,
                  [&](const auto& entry) { return sums.as_of - entry.second.sums.as_of > kFresh; });
    if (entries_.size() >= kEntries) entries_.clear();
  }
  entries_[{actor.user_id, scope, currency}] = {actor.rights, std::move(sums)};
}

std::string workbench_json(record::Engine& engine, const record::Actor& actor,
                           std::string_view scope, const std::string& currency,
                           WorkbenchCache& cache) {
  const auto scopes = Workbench::scopes(engine, actor);
  std::string chosen = scope.empty() ? "me" : std::string(scope);
  if (std::find(scopes.begin(), scopes.end(), chosen) == scopes.end()) {
    throw base::Error(base::ErrorKind::Invalid, "workbench.scope", {{"scope", chosen}});
  }
  return Workbench(engine, actor, std::move(chosen), currency).json(cache);
}

}  // namespace kehai::modules
