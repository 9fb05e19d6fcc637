// Declared paths never scan a table, never sort what is not small by nature, and never fetch rows
// through an index that does not fit: every list, view, order, related list, board, timeline,
// workbench, search and look-up of the real program is run for a seller, a department's manager and
// an administrator, and the plan of each of its statements is read.
//
// SQLite plans without statistics here, as it does in the product, so an empty table gives the plan
// of a large one. PostgreSQL plans by statistics and gets data.
#include <doctest/doctest.h>
#include <libpq-fe.h>

#include <algorithm>
#include <set>

#include "app/application.h"
#include "app/demo/demo.h"
#include "app/seed/seed.h"
#include "base/error.h"
#include "db/test_databases.h"
#include "modules/data_quality/page.h"
#include "modules/opportunity/board.h"
#include "modules/timeline/timeline.h"
#include "modules/workbench/workbench.h"
#include "platform/access/access.h"
#include "platform/access/memberships.h"
#include "platform/webhooks/delivery.h"
#include "query/parser.h"
#include "record/migrator.h"
#include "recording_database.h"

namespace kehai::bench {

namespace {

using record::Actor;
using record::ListRequest;
using record::ObjectDefinition;

// The program with a second engine that notes its statements.
class Program {
 public:
  // The demo company, or one with that many accounts and opportunities.
  explicit Program(db::TestDatabase& database, std::int64_t rows = 0)
      : Program(database, rows, std::make_unique<app::DemoClock>()) {}

  app::Application& application() { return application_; }
  record::Engine& engine() { return *engine_; }
  RecordingDatabase& recording() { return recording_; }

 private:
  Program(db::TestDatabase& database, std::int64_t rows, std::unique_ptr<app::DemoClock> owned)
      : clock_(*owned),
        application_(options(database), std::move(owned)),
        recording_(application_.database()) {
    if (rows == 0) {
      for (const auto& person : app::fill_demo(application_, clock_))
        logins_.push_back(person.login);
    } else {
      const auto seeded = app::seed(application_, {rows, rows, 1});
      grow(database.address(), application_, rows);
      logins_ = {seeded.sales_login, seeded.manager_login, seeded.admin_login};
    }
    auto& engine = application_.engine();
    join();
    engine_ = std::make_unique<record::Engine>(
        record::Engine::Parts{recording_, engine.registry(), engine.access(), engine.directory(),
                              engine.clock(), engine.zone(), "0123456789abcdef0123456789abcdef"});
    engine_->set_search(&application_.search());
    while (application_.search().index_pending(engine) > 0) {
    }
  }

 public:
  // One person per kind of scope on customers.
  std::vector<Actor> people() {
    std::vector<Actor> out;
    std::set<std::string> kinds;
    const auto& account = engine_->schema()->at("account").definition();
    for (const auto& login : logins_) {
      const Actor actor = application_.identity().actor_for(user(login));
      std::string kind;
      const auto scope = engine_->access().scope(actor, account, "read");
      for (const auto& branch : scope.branches) kind += branch.column + " ";
      if (scope.all) kind = "all";
      if (kinds.insert(kind).second) out.push_back(actor);
    }
    return out;
  }

 private:
  // Two people are members of records besides.
  void join() {
    auto& engine = application_.engine();
    std::vector<Actor> limited;
    for (const auto& login : logins_) {
      const Actor actor = application_.identity().actor_for(user(login));
      const auto& account = engine.schema()->at("account").definition();
      if (!engine.access().scope(actor, account, "read").all) limited.push_back(actor);
    }
    CHECK(limited.size() >= 2);
    for (const auto* object : {"account", "lead", "opportunity"}) {
      ListRequest first;
      first.options.top = 40;
      first.default_order = "id asc";
      std::vector<record::RecordId> ids;
      engine.list_typed(record::system_actor("test"), object, first,
                        [&](const record::TypedRow& row) { ids.push_back(row.record.id()); });
      engine.write(record::system_actor("test"), [&](record::Tx& tx) {
        for (const auto* person : {&limited.front(), &limited.back()}) {
          for (const auto id : ids) {
            platform::member_rows().insert(tx.writer(), {{"record_id", id},
                                                         {"user_id", person->user_id},
                                                         {"object", object},
                                                         {"access", "edit"},
                                                         {"expires_at", db::Value()},
                                                         {"added_by", person->user_id},
                                                         {"added_at", tx.now()}});
          }
        }
        platform::access_of(engine).bump_members(tx.writer());
      });
    }
  }
  // As many rows of all other objects of the business, so that a plan that reads a whole table is a
  // choice. Then what autovacuum does within a minute: without it index-only scans look at the
  // table and are not chosen.
  static void grow(const std::string& address, app::Application& application, std::int64_t rows) {
    PGconn* connection = PQconnectdb(address.c_str());
    const auto run = [&](const std::string& sql) {
      PGresult* result = PQexec(connection, sql.c_str());
      CHECK_MESSAGE(PQresultStatus(result) == PGRES_COMMAND_OK,
                    std::string(PQerrorMessage(connection)));
      PQclear(result);
    };
    const auto schema = application.engine().schema();
    int number = 1;
    for (const auto& object : schema->objects()) {
      const auto& definition = object->definition();
      const bool is_seeded = definition.name == "account" || definition.name == "opportunity" ||
                             definition.name == "stage_change";
      if (!definition.configuration && !is_seeded)
        run(many_rows(*schema, definition, rows, number++));
    }
    run("INSERT INTO webhook_delivery (webhook_id, event_id, object, record_id, kind, version, at, "
        "status, attempts, next_at, done_at) SELECT 1 + g % 20, g, 'account', g % 5000, 'updated', "
        "1, g, (ARRAY['waiting', 'held', 'delivered', 'failed'])[1 + g / 20 % 4], 1, "
        "CASE WHEN g / 20 % 4 = 1 THEN g END, CASE WHEN g / 20 % 4 > 1 THEN g END "
        "FROM generate_series(1, " +
        std::to_string(10 * rows) + ") g");
    run("VACUUM ANALYZE");
    PQfinish(connection);
  }

  // One INSERT with made-up values: references lead somewhere, choices are among the options, the
  // rest differs from row to row.
  static std::string many_rows(const record::Schema& schema, const ObjectDefinition& object,
                               std::int64_t rows, int number) {
    std::string columns;
    std::string values;
    for (const auto& column : record::object_table(object).columns) {
      columns += (columns.empty() ? "\"" : ", \"") + column.name + "\"";
      values += (values.empty() ? "" : ", ") + made_up(schema, object, column, number);
    }
    return "INSERT INTO \"" + object.name + "\" (" + columns + ") SELECT " + values +
           " FROM generate_series(1, " + std::to_string(rows) + ") g";
  }
  static std::string made_up(const record::Schema& schema, const ObjectDefinition& object,
                             const db::Column& column, int number) {
    using record::FieldType;
    if (column.name == "id") return std::to_string(number) + " * 1000000000000 + g";
    if (column.name.starts_with("deleted_")) return "NULL";
    const auto* field = object.field(column.name);
    std::string target = field == nullptr ? "" : field->target;
    if (field != nullptr && field->type == FieldType::User) target = "user";
    if (field != nullptr && field->type == FieldType::Department) target = "department";
    // A row of the seed; what the seed does not have is made up in order, and has no rows before.
    if (target == "user" || target == "department" || target == "account" ||
        target == "opportunity" ||
        (!target.empty() && schema.at(target).definition().configuration)) {
      return "(ARRAY(SELECT id FROM \"" + target + "\" ORDER BY id LIMIT 5000))[1 + g % " +
             "GREATEST(1, (SELECT count(*) FROM (SELECT 1 FROM \"" + target +
             "\" LIMIT 5000) found)::int)]";
    }
    if (field != nullptr && !field->options.empty()) {
      std::string options;
      for (const auto& option : field->options)
        options += (options.empty() ? "'" : ", '") + option.value + "'";
      return "(ARRAY[" + options + "])[1 + g % " + std::to_string(field->options.size()) + "]";
    }
    if (field != nullptr && field->type == FieldType::Boolean) return "g % 2";
    return column.is_text ? "'x' || g" : "g";
  }
  static app::Options options(db::TestDatabase& database) {
    app::Options options;
    options.data_directory = database.folder();
    if (database.kind() == db::Kind::Postgres) options.database_url = database.address();
    options.quiet_log = true;
    return options;
  }
  std::int64_t user(const std::string& login) {
    ListRequest request;
    request.options.filter = query::parse_expression("login eq '" + login + "'");
    std::int64_t id = 0;
    Actor system;
    system.system = true;
    application_.engine().list_typed(system, "user", request,
                                     [&](const record::TypedRow& row) { id = row.record.id(); });
    return id;
  }

  app::DemoClock& clock_;  // owned by the application
  app::Application application_;
  RecordingDatabase recording_;
  std::vector<std::string> logins_;
  std::unique_ptr<record::Engine> engine_;
};

// Runs what a person does all day and notes the statements.
class Day {
 public:
  Day(Program& program, const Actor& actor)
      : program_(program), engine_(program.engine()), actor_(actor) {}

  void walk() {
    const auto schema = engine_.schema();
    for (const auto& object : schema->objects()) {
      const auto& definition = object->definition();
      if (definition.internal || !engine_.access().may(actor_, definition, "read")) continue;
      lists(definition);
      related(definition);
    }
    special();
  }

 private:
  void list(const ObjectDefinition& object, const std::string& what, const std::string& filter,
            const std::string& order, bool counted = true) {
    auto& recording = program_.recording();
    recording.what = actor_.name + ": " + object.name + " " + what;
    ListRequest request;
    if (!filter.empty()) request.options.filter = query::parse_expression(filter);
    if (!order.empty()) request.options.order = query::parse_order(order);
    request.options.top = 2;
    request.options.count_bounded = counted;
    const auto page = engine_.list(actor_, object.name, request);
    if (page.next_token.empty()) return;
    recording.what += ", deeper";
    request.options.skiptoken = page.next_token;
    request.options.count_bounded = false;
    engine_.list(actor_, object.name, request);
  }

  void lists(const ObjectDefinition& object) {
    std::string usual;
    if (const auto* list_json = object.list.if_object())
      usual = base::json_text(*list_json, "orderby");
    list(object, "list", "", usual);
    for (const auto& order : object.list_orders) {
      list(object, "by " + order, "", order + " asc", false);
      list(object, "by " + order + " desc", "", order + " desc", false);
    }
    if (const auto* views = object.views.if_array()) {
      for (const auto& json : *views) {
        const auto& view = json.as_object();
        const std::string order = base::json_text(view, "orderby");
        list(object, "view " + base::json_text(view, "name"), base::json_text(view, "filter"),
             order.empty() ? usual : order);
      }
    }
  }

  void related(const ObjectDefinition& object) {
    for (const auto& related : object.related) {
      program_.recording().what = actor_.name + ": " + related.object + " of " + object.name;
      ListRequest request;
      request.fixed = {{related.field, record::Value(4711)}};
      engine_.list(actor_, related.object, request);
    }
  }

  void special() {
    auto& recording = program_.recording();
    const auto named = [&](const std::string& what) { recording.what = actor_.name + ": " + what; };
    named("board");
    modules::board_json(engine_, actor_, {});
    modules::BoardRequest mine;
    mine.mine_only = true;
    named("board of own");
    modules::board_json(engine_, actor_, mine);
    for (const auto* scope : {"me", "department", "all"}) {
      named("workbench " + std::string(scope));
      modules::WorkbenchCache cache;
      try {
        modules::workbench_json(engine_, actor_, scope, "CNY", cache);
      } catch (const base::Error& error) {
        CHECK(error.code() == "workbench.scope");
      }
    }
    for (const auto* object : {"account", "opportunity", "lead"}) {
      ListRequest one;
      one.options.top = 1;
      named("timeline of " + std::string(object));
      engine_.list_typed(actor_, object, one, [&](const record::TypedRow& row) {
        modules::timeline_json(engine_, actor_, object, row.record.id(), "", 30);
      });
    }
    named("search");
    program_.application().search().find_everywhere(engine_, actor_, "科技", {}, 20);
    named("data quality");
    try {
      modules::data_quality_json(engine_, actor_, "");
      modules::findings_json(engine_, actor_, {});
    } catch (const base::Error& error) {
      CHECK(error.code() == "access.denied");
    }
    named("duplicates");
    program_.application().dedupe().check_json(
        engine_, actor_, "lead",
        base::parse_json(R"({"company":"杭州尚祈科技有限公司","mobile":"13800138000"})")
            .as_object(),
        0, platform::DuplicateEntry::Manual);
    ListRequest one;
    one.options.top = 1;
    webhooks();
    named("duplicates: open opportunities of a customer");
    engine_.list_typed(actor_, "account", one, [&](const record::TypedRow& row) {
      base::JsonObject values;
      values["account_id"] = row.record.id();
      program_.application().dedupe().check_json(engine_, actor_, "opportunity", values, 0,
                                                 platform::DuplicateEntry::Manual);
    });
  }

  // What the courier asks, and whoever looks at its work.
  void webhooks() {
    program_.recording().what = "deliveries of a webhook";
    auto& database = engine_.database();
    platform::take_due(database, 2, 10'000);
    database.read([](db::Reader& reader) {
      platform::has_due(reader, 2, 10'000);
      platform::oldest_waiting(reader, 2);
      platform::count_waiting(reader, 2, 1000);
      for (const char* status : {"", "waiting", "delivered"}) {
        platform::list_deliveries(reader, 2, {status, {}, 50});
        platform::list_deliveries(reader, 2, {status, std::pair(5'000, 77), 50});
      }
    });
  }

  Program& program_;
  record::Engine& engine_;
  const Actor& actor_;
};

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// The first table of a statement.
std::string table_of(const std::string& sql) {
  const auto from = sql.find(" FROM \"");
  if (from == std::string::npos) return "";
  return sql.substr(from + 7, sql.find('"', from + 7) - from - 7);
}

class Judge {
 public:
  Judge(db::Database& database, const record::Schema& schema)
      : database_(database), schema_(schema) {}

  // Faults of all statements, each once.
  std::set<std::string> faults(const std::vector<Statement>& statements) {
    std::set<std::string> out;
    std::set<std::string> seen;
    for (const auto& statement : statements) {
      // One text of a search stands for rare words and for common ones.
      const bool searches = database_.is_postgres() && has(statement.sql, "FROM search_index");
      if (!searches && (!is_large(table_of(statement.sql)) || !seen.insert(statement.sql).second))
        continue;
      ++judged_;
      std::string plan;
      const std::string fault =
          database_.is_postgres() ? postgres(statement, plan) : sqlite(statement, plan);
      if (!fault.empty())
        out.insert(fault + " in " + statement.what + "\n" + statement.sql + "\n" + plan);
    }
    return out;
  }
  int judged() const { return judged_; }

 private:
  // Configuration is small by nature; everything else grows with the business.
  bool is_large(const std::string& table) const {
    const auto* object = schema_.find(table);
    return object == nullptr ? table == "audit_entry" || table == "dedupe_key" ||
                                   table == "ownership" || table == "search_index" ||
                                   table == "webhook_delivery" || has(table, "_totals_")
                             : !object->definition().configuration;
  }

  std::string sqlite(const Statement& statement, std::string& plan) {
    std::vector<std::string> lines;
    database_.read([&](db::Reader& reader) {
      lines.clear();
      reader.query("EXPLAIN QUERY PLAN " + statement.sql, statement.values,
                   [&](const db::Row& row) { lines.emplace_back(row.get_text(3)); });
    });
    const bool sums = has(statement.sql, "kehai_sum(") || has(statement.sql, "count(*)") ||
                      has(statement.sql, "COUNT(*)");
    bool narrow = false;
    for (const auto& line : lines) {
      plan += "  " + line + "\n";
      narrow = narrow || is_narrow(statement.sql, line);
    }
    for (const auto& line : lines) {
      if (line.starts_with("SCAN t0") && !has(line, "INDEX")) return "table scan";
      if (line.starts_with("SCAN t0") && !sums && !has(statement.sql, "ORDER BY"))
        return "index scan without order";
      if (line.starts_with("MULTI-INDEX OR")) return "OR over indexes";
      if (has(line, "USE TEMP B-TREE FOR") && has(line, "ORDER BY") && !narrow) return "sort";
      if (reads_all_of_other(statement.sql, line)) return "scan of a joined table";
      const bool first = line.starts_with("SEARCH t0") || line.starts_with("SCAN t0");
      // A count beside a page ends at a thousand rows or after its time.
      const bool bounded = has(statement.sql, "LIMIT ?) found");
      if (first && sums && !narrow && !bounded && !has(line, "COVERING"))
        return "sum that fetches rows";
    }
    return "";
  }

  // "SCAN t1", "SEARCH t1 USING AUTOMATIC …": a table behind the first one, read whole for each row
  // or once to make an index of it.
  bool reads_all_of_other(const std::string& sql, const std::string& line) const {
    const bool scans = line.starts_with("SCAN ");
    if (!scans && !(line.starts_with("SEARCH ") && has(line, " AUTOMATIC "))) return false;
    const auto begin = line.find(' ') + 1;
    const std::string alias = line.substr(begin, line.find(' ', begin) - begin);
    if (alias == "t0") return false;
    const auto named = sql.find("\" " + alias + " ");
    const auto table = named == std::string::npos ? std::string::npos : sql.rfind('"', named - 1);
    // Without a name of its own it stands as it is called; subqueries and functions are no tables.
    return is_large(table == std::string::npos ? alias : sql.substr(table + 1, named - table - 1));
  }

  // Whether the rows that the plan looks at belong to one record or one person's desk.
  bool is_narrow(const std::string& sql, const std::string& line) const {
    if (!line.starts_with("SEARCH t0")) return false;
    if (has(line, "PRIMARY KEY") || has(line, "(parent_owner_id=?") || has(line, "(owner_id=?"))
      return true;
    const auto* object = schema_.find(table_of(sql));
    if (object == nullptr) return has(line, "(record_id=?") || has(line, "(kind=? AND key=?");
    for (const auto& field : object->definition().fields) {
      if (field.type != record::FieldType::Reference || !has(line, "(" + field.name + "=?"))
        continue;
      if (!schema_.at(field.target).definition().configuration) return true;
    }
    return false;
  }

  std::string postgres(const Statement& statement, std::string& plan) {
    std::string fault;
    database_.read([&](db::Reader& reader) {
      plan.clear();
      fault.clear();
      // With it a table may be scanned, so that what has no index shows.
      reader.set_budget(record::kQueryBudget);
      reader.query("EXPLAIN " + statement.sql, statement.values, [&](const db::Row& row) {
        const std::string line(row.get_text(0));
        plan += "  " + line + "\n";
        if (const auto scan = line.find("Seq Scan on "); scan != std::string::npos) {
          const auto begin = scan + std::string_view("Seq Scan on ").size();
          auto table = line.substr(begin, line.find(' ', begin) - begin);
          std::erase(table, '"');
          // A count of everybody's rows beside a page ends at a thousand of them or after its time.
          const bool bounded = has(statement.sql, "LIMIT ?) found") && !has(statement.sql, "_id\"");
          if (is_large(table) && !has(table, "_totals_") && !bounded) fault = "table scan";
        }
        if (has(line, "Sort  (") && rows(line) > 4000) fault = "sort";
      });
    });
    return fault;
  }
  static long rows(const std::string& line) {
    const auto at = line.find("rows=");
    return at == std::string::npos ? 0 : std::stol(line.substr(at + 5));
  }

  db::Database& database_;
  const record::Schema& schema_;
  int judged_ = 0;
};

void report(const std::set<std::string>& faults) {
  for (const auto& fault : faults) MESSAGE(fault);
  CHECK(faults.empty());
}

// Who sees everything has board, open amount and funnel from kept totals, which grow with days and
// departments, not with deals.
void check_totals(const std::vector<Statement>& statements, const Actor& administrator) {
  int from_totals = 0;
  for (const auto& statement : statements) {
    if (!statement.what.starts_with(administrator.name + ": ")) continue;
    if (has(table_of(statement.sql), "opportunity_totals_")) ++from_totals;
    if (statement.what != administrator.name + ": board") continue;
    const bool sums_rows =
        table_of(statement.sql) == "opportunity" && has(statement.sql, "count(*)");
    CHECK_MESSAGE(!sums_rows, statement.sql);
  }
  CHECK(from_totals > 10);
}

// Everybody's day, and the plan of every statement that it made.
void check_plans(Program& program) {
  const auto people = program.people();
  CHECK(people.size() >= 3);
  for (const auto& person : people) Day(program, person).walk();
  Judge judge(program.application().database(), *program.engine().schema());
  report(judge.faults(program.recording().statements));
  CHECK(judge.judged() > 300);
  const auto& deals = program.engine().schema()->at("opportunity").definition();
  for (const auto& person : people) {
    if (program.engine().access().scope(person, deals, "read").all)
      check_totals(program.recording().statements, person);
  }
}

}  // namespace

TEST_CASE("plans: SQLite serves every declared path by a fitting index") {
  db::TestDatabase database(db::Kind::Sqlite);
  Program program(database);
  check_plans(program);
}

TEST_CASE("plans: PostgreSQL, with statistics of many rows, neither scans nor sorts what grows") {
  const auto kinds = db::test_kinds();
  if (std::find(kinds.begin(), kinds.end(), db::Kind::Postgres) == kinds.end()) return;
  db::TestDatabase database(db::Kind::Postgres);
  Program program(database, 20'000);
  check_plans(program);
}

}  // namespace kehai::bench
