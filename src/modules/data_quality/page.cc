#include "modules/data_quality/page.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "base/error.h"
#include "modules/data_quality/figures.h"
#include "modules/data_quality/reach.h"
#include "modules/data_quality/rules.h"
#include "modules/data_quality/walk.h"
#include "platform/transfer/formats/table_writer.h"
#include "record/field_reader.h"

namespace kehai::modules {

using base::Error;
using base::ErrorKind;
using record::Actor;
using record::Engine;
using record::FieldReader;
using record::RecordId;

namespace {

constexpr std::int64_t kMonths = 12;
constexpr std::size_t kOwners = 200;

// Which figures somebody may see: those of fields that are not hidden.
struct Columns {
  Columns(Engine& engine, const Actor& actor, const record::ObjectDefinition& account) {
    const FieldReader fields(engine.access(), actor, account);
    completeness = fields.shows_all({"completeness"});
    shells = fields.shows_all({"is_shell"});
    stale = fields.shows_all({"quiet_since"});
    owners = fields.shows_all({"owner_id"});
  }
  bool completeness, shells, stale, owners;
};

// Of a sum of percents, rounded half up.
std::int64_t average(const Figure& figure) {
  return figure.records == 0 ? 0
                             : (2 * figure.completeness + figure.records) / (2 * figure.records);
}

void write_figure(base::JsonWriter& writer, const Figure& figure, const Columns& columns) {
  const auto put = [&](const char* name, bool shown, std::int64_t value) {
    writer.key(name);
    shown ? writer.integer(value) : writer.null();
  };
  put("records", true, figure.records);
  put("completeness", columns.completeness && figure.records > 0, average(figure));
  put("incomplete", columns.completeness, figure.incomplete);
  put("shells", columns.shells, figure.shells);
  put("stale", columns.stale, figure.stale);
  put("findings", true, figure.findings);
  put("duplicates", true, figure.duplicates);
  put("forced", true, figure.forced);
}

std::int64_t parse_month(const std::string& text) {
  if (text.empty()) return 0;
  const auto day = base::parse_date(text + "-01");
  if (!day) throw Error(ErrorKind::Invalid, "query.bad_option", {{"name", "month"}});
  return month_of(*day);
}

struct Read {
  std::optional<QualityRun> run;
  std::map<std::int64_t, base::Instant> frozen;
  std::map<std::int64_t, Figure> totals;  // by period
  Figures chosen;
  KindCounts kinds;
  bool is_cut = false;
};

Read read_all(Engine& engine, const Actor& actor, std::int64_t period) {
  const auto schema = engine.schema();
  const Reach reach(engine, actor, schema->at("account").definition());
  const std::int64_t from = month_of(engine.zone(), engine.clock().now()) - kMonths;
  Read out;
  engine.database().read([&](db::Reader& reader) {
    out = {};
    out.run = read_run(reader);
    out.frozen = frozen_months(reader);
    out.kinds = read_kinds(reader);
    out.is_cut = is_cut(reader);
    each_figure(reader, from, [&](std::int64_t at, const Place& place, const Figure& figure) {
      if (!reach.admits(place)) return;
      out.totals[at].add(figure);
      if (at == period) out.chosen[place].add(figure);
    });
  });
  std::erase_if(out.frozen, [&](const auto& month) { return month.first < from; });
  return out;
}

void write_departments(base::JsonWriter& writer, Engine& engine, const Actor& actor,
                       const Read& read, const Columns& columns) {
  std::map<std::int64_t, Figure> by_department;
  std::set<RecordId> ids;
  for (const auto& [place, figure] : read.chosen) {
    by_department[place.second].add(figure);
    ids.insert(place.second);
  }
  const auto names = names_of(engine, actor, "department", ids);
  writer.key("departments").begin_array();
  for (const auto& [id, figure] : by_department) {
    writer.begin_object().key("id");
    id == 0 ? writer.null() : writer.integer(id);
    writer.key("name").text(id == 0 ? "" : name_in(names, id));
    write_figure(writer, figure, columns);
    writer.end_object();
  }
  writer.end_array();
}

// Those with the most to do first.
std::vector<std::pair<Place, Figure>> worst_owners(const Figures& figures) {
  std::vector<std::pair<Place, Figure>> out(figures.begin(), figures.end());
  const auto faults = [](const Figure& figure) {
    return figure.incomplete + figure.shells + figure.stale + figure.findings + figure.duplicates;
  };
  std::stable_sort(out.begin(), out.end(), [&](const auto& a, const auto& b) {
    return faults(a.second) > faults(b.second);
  });
  return out;
}

void write_owners(base::JsonWriter& writer, Engine& engine, const Actor& actor, const Read& read,
                  const Columns& columns) {
  writer.key("owners").begin_array();
  if (columns.owners) {
    auto owners = worst_owners(read.chosen);
    if (owners.size() > kOwners) owners.resize(kOwners);
    std::set<RecordId> people, departments;
    for (const auto& [place, figure] : owners) {
      people.insert(place.first);
      departments.insert(place.second);
    }
    const auto names = names_of(engine, actor, "user", people);
    const auto department_names = names_of(engine, actor, "department", departments);
    for (const auto& [place, figure] : owners) {
      writer.begin_object().key("id");
      place.first == 0 ? writer.null() : writer.integer(place.first);
      writer.key("name").text(place.first == 0 ? "" : name_in(names, place.first));
      writer.key("department")
          .text(place.second == 0 ? "" : name_in(department_names, place.second));
      write_figure(writer, figure, columns);
      writer.end_object();
    }
  }
  writer.end_array();
}

// Counts of findings as far as the reader sees the fields; returns their sum.
std::int64_t write_kinds(base::JsonWriter& writer, Engine& engine, const Actor& actor,
                         const Read& read) {
  const auto schema = engine.schema();
  std::map<Kind, std::int64_t> sums;
  for (const auto* name : kAuditedObjects) {
    const auto& definition = schema->at(name).definition();
    const Reach reach(engine, actor, definition);
    const FieldReader fields(engine.access(), actor, definition);
    for (const auto& [key, number] : read.kinds) {
      const auto& [kind, place] = key;
      const auto& field = std::get<1>(kind);
      if (std::get<0>(kind) != name || definition.field(field) == nullptr || !fields.shows(field))
        continue;
      if (reach.admits(place)) sums[kind] += number;
    }
  }
  std::int64_t all = 0;
  writer.key("rules").begin_array();
  for (const auto& [kind, number] : sums) {
    const auto& [object, field, rule] = kind;
    const auto& definition = schema->at(object).definition();
    all += number;
    writer.begin_object().key("object").text(object).key("object_label");
    writer.text(definition.labels.in(actor.language)).key("field").text(field);
    writer.key("field_label").text(field_label(actor, definition, field)).key("rule").text(rule);
    writer.key("text")
        .text(rule_label(engine, actor, rule))
        .key("count")
        .integer(number)
        .end_object();
  }
  writer.end_array();
  return all;
}

void write_run(base::JsonWriter& writer, const std::optional<QualityRun>& run) {
  writer.key("as_of");
  run && run->finished_at != 0 ? writer.text(base::format_instant(run->finished_at))
                               : writer.null();
  const bool is_running = run && (run->stage != 0 || run->wanted);
  writer.key("run");
  if (!is_running) {
    writer.null();
    return;
  }
  const auto stages = static_cast<std::int64_t>(std::size(kAuditedObjects)) + 1;
  writer.begin_object().key("object");
  const bool walks = run->stage > 0 && run->stage < stages;
  walks ? writer.text(kAuditedObjects[run->stage - 1]) : writer.null();
  writer.key("stage").integer(run->stage).key("stages").integer(stages);
  writer.key("checked").integer(run->stage == 0 ? 0 : run->checked).end_object();
}

void write_months(base::JsonWriter& writer, const Read& read, const Columns& columns) {
  writer.key("months").begin_array();
  for (const auto& [month, taken_at] : read.frozen) {
    writer.begin_object().key("month").text(month_text(month));
    writer.key("taken_at").text(base::format_instant(taken_at));
    const auto total = read.totals.find(month);
    write_figure(writer, total == read.totals.end() ? Figure{} : total->second, columns);
    writer.end_object();
  }
  writer.end_array();
}

void write_stewards(base::JsonWriter& writer, Engine& engine, const Actor& actor) {
  struct Steward {
    RecordId user = 0;
    RecordId department = 0;
  };
  std::vector<Steward> stewards;
  std::set<RecordId> people, departments;
  engine.list_typed(actor, "data_steward", {}, [&](const record::TypedRow& row) {
    stewards.push_back({row.record.integer("user_id"), row.record.integer("department_id")});
    people.insert(stewards.back().user);
    departments.insert(stewards.back().department);
  });
  const auto names = names_of(engine, actor, "user", people);
  const auto department_names = names_of(engine, actor, "department", departments);
  writer.key("stewards").begin_array();
  for (const auto& steward : stewards) {
    writer.begin_object().key("name").text(name_in(names, steward.user)).key("department");
    steward.department == 0 ? writer.null()
                            : writer.text(name_in(department_names, steward.department));
    writer.end_object();
  }
  writer.end_array();
}

}  // namespace

std::string data_quality_json(Engine& engine, const Actor& actor, const std::string& month) {
  need_right(engine, actor, "data_steward", "review");
  const std::int64_t period = parse_month(month);
  const auto schema = engine.schema();
  const auto& account = schema->at("account").definition();
  const Columns columns(engine, actor, account);
  auto read = read_all(engine, actor, period);
  const bool may_run = engine.access().may(actor, schema->at("data_steward").definition(), "audit");
  std::string out;
  base::JsonWriter writer(out);
  writer.begin_object();
  write_run(writer, read.run);
  writer.key("may_run").boolean(may_run && !actor.read_only);
  writer.key("may_export").boolean(engine.access().may(actor, account, "export"));
  writer.key("incomplete_below").integer(kIncompleteBelow);
  writer.key("stale_days").integer(kStaleDays);
  writer.key("month");
  period == 0 ? writer.null() : writer.text(month_text(period));
  const std::int64_t findings = write_kinds(writer, engine, actor, read);
  writer.key("more_findings").boolean(read.is_cut);
  // What is listed and what is counted agree for everybody, whatever fields he does not see.
  Figure total = read.totals[period];
  if (period == 0) total.findings = findings;
  writer.key("figures").begin_object();
  write_figure(writer, total, columns);
  writer.end_object();
  write_months(writer, read, columns);
  write_departments(writer, engine, actor, read, columns);
  write_owners(writer, engine, actor, read, columns);
  write_stewards(writer, engine, actor);
  writer.end_object();
  return out;
}

void ask_for_run(Engine& engine, const Actor& actor) {
  need_right(engine, actor, "data_steward", "review");
  need_right(engine, actor, "data_steward", "audit");
  engine.write(actor, [](record::Tx& tx) { want_run(tx); });
}

std::string figures_csv(Engine& engine, const Actor& actor, const std::string& month) {
  need_right(engine, actor, "data_steward", "review");
  need_right(engine, actor, "account", "export");
  const std::int64_t period = parse_month(month);
  const auto schema = engine.schema();
  const Columns columns(engine, actor, schema->at("account").definition());
  if (!columns.owners) throw Error(ErrorKind::Forbidden, "access.denied");
  const auto read = read_all(engine, actor, period);
  std::set<RecordId> people, departments;
  for (const auto& [place, figure] : read.chosen) {
    people.insert(place.first);
    departments.insert(place.second);
  }
  const auto names = names_of(engine, actor, "user", people);
  const auto department_names = names_of(engine, actor, "department", departments);
  std::vector<platform::TableColumn> titles;
  const auto title = [&](const char* name) {
    platform::TableColumn column;
    column.title = engine.texts().text(actor.language, std::string("quality.column.") + name);
    titles.push_back(std::move(column));
  };
  for (const auto* name : {"department", "owner", "records", "completeness", "incomplete", "shells",
                           "stale", "findings", "duplicates", "forced"})
    title(name);
  std::string out;
  const auto csv = platform::make_csv_writer([&](std::string_view bytes) { out += bytes; }, titles);
  for (const auto& [place, figure] : worst_owners(read.chosen)) {
    const std::string department = place.second == 0 ? "" : name_in(department_names, place.second);
    const std::string owner = place.first == 0 ? "" : name_in(names, place.first);
    using platform::OutCell;
    const auto shown = [](bool may, std::int64_t value) {
      return may ? OutCell::integer(value) : OutCell();
    };
    const std::vector<OutCell> cells = {OutCell::text(department),
                                        OutCell::text(owner),
                                        OutCell::integer(figure.records),
                                        shown(columns.completeness, average(figure)),
                                        shown(columns.completeness, figure.incomplete),
                                        shown(columns.shells, figure.shells),
                                        shown(columns.stale, figure.stale),
                                        OutCell::integer(figure.findings),
                                        OutCell::integer(figure.duplicates),
                                        OutCell::integer(figure.forced)};
    csv->add_row(cells);
  }
  csv->finish();
  return out;
}

}  // namespace kehai::modules
