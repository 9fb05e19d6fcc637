// The demo company is complete whenever it is made: at the edges of months and years, on a leap
// day, just after midnight, on a day without work.
#include "app/demo/demo.h"

#include <doctest/doctest.h>

#include <map>

#include "app/application.h"
#include "app/check.h"
#include "base/error.h"
#include "db/test_databases.h"
#include "query/parser.h"
#include "record/tx.h"

REGISTER_EXCEPTION_TRANSLATOR(const kehai::base::Error& error) {
  std::string text = error.code() + " " + error.detail();
  for (const auto& field : error.field_errors()) text += " " + field.field + ":" + field.code;
  return doctest::String(text.c_str());
}

namespace kehai::app {
namespace {

class FixedClock : public base::Clock {
 public:
  explicit FixedClock(base::Instant now) : now_(now) {}
  base::Instant now() override { return now_; }

 private:
  base::Instant now_;
};

// In Shanghai, which has no summer time.
base::Instant at(int year, int month, int day, int hour, int minute, int second = 0) {
  const std::int64_t seconds = hour * 3600 + minute * 60 + second - 8 * 3600;
  return base::date_from_civil(year, month, day) * 86'400'000LL + seconds * 1000;
}

std::int64_t count(Application& application, std::string_view object, const std::string& filter) {
  record::ListRequest request;
  request.options.filter = query::parse_expression(filter);
  return application.engine().count(record::system_actor("test"), object, request);
}

void check_states(Application& application) {
  CHECK(count(application, "lead", "pool_id ne null and status eq 'unassigned'") > 0);
  for (const auto* status : {"pending", "following", "invalid", "converted", "voided"}) {
    CAPTURE(std::string(status));
    CHECK(count(application, "lead", "status eq '" + std::string(status) + "'") > 0);
  }
  record::ListRequest stages;
  application.engine().list_typed(
      record::system_actor("test"), "stage", stages, [&](const record::TypedRow& row) {
        CAPTURE(row.record.text("name"));
        CHECK(count(application, "opportunity", "stage_id eq " + std::to_string(row.record.id())) >
              0);
      });
  CHECK(count(application, "account", "pool_id ne null") > 0);
  CHECK(count(application, "account", "owner_id ne null") > 0);
  CHECK(count(application, "task", "status eq 'todo'") > 0);
}

void check_times(Application& application, base::Instant now) {
  const std::string later = " gt " + base::format_instant(now);
  for (const auto* object : {"lead", "account", "contact", "opportunity", "activity", "task"}) {
    CAPTURE(std::string(object));
    CHECK(count(application, object, "id gt 0") > 0);
    CHECK(count(application, object, "created_at" + later) == 0);
  }
  CHECK(count(application, "activity", "happened_at" + later) == 0);
}

// Enough of everything that a visitor sees the whole program at work (the numbers that are
// promised).
void check_company(Application& application, base::Instant now) {
  CHECK(count(application, "department", "parent_id ne null") >= 5);
  CHECK(count(application, "territory", "parent_id ne null") == 2);
  CHECK(count(application, "user", "status eq 'active'") == 8);
  const std::map<std::string, std::int64_t> roles = {
      {"admin", 1}, {"manager", 2}, {"sales", 3}, {"finance", 1}, {"service", 1}};
  std::size_t found = 0;
  application.engine().list_typed(
      record::system_actor("test"), "role", record::ListRequest{},
      [&](const record::TypedRow& row) {
        const auto wanted = roles.find(row.record.text("name"));
        if (wanted == roles.end()) return;
        CAPTURE(wanted->first);
        CHECK(count(application, "user",
                    "role_ids/any(r: r eq " + std::to_string(row.record.id()) + ")") ==
              wanted->second);
        ++found;
      });
  CHECK(found == roles.size());
  // Something began in each of the last twelve months.
  constexpr base::Instant kMonth = 30LL * 86'400'000;
  for (int month = 0; month < 12; ++month) {
    CAPTURE(month);
    const std::string span = "created_at gt " + base::format_instant(now - (month + 1) * kMonth) +
                             " and created_at le " + base::format_instant(now - month * kMonth);
    CHECK(count(application, "account", span) > 0);
    CHECK(count(application, "opportunity", span) > 0);
  }
}

struct Moment {
  const char* name;
  base::Instant now;
};

void check_demo(db::Kind kind, const Moment& moment) {
  CAPTURE(std::string(moment.name));
  db::TestDatabase database(kind);
  Options options;
  options.data_directory = database.folder();
  if (kind == db::Kind::Postgres) options.database_url = database.address();
  options.quiet_log = true;
  auto owned_clock = std::make_unique<DemoClock>(std::make_unique<FixedClock>(moment.now));
  DemoClock& clock = *owned_clock;
  Application application(options, std::move(owned_clock));
  const auto accounts = fill_demo(application, clock);
  check_states(application);
  check_times(application, moment.now);
  check_company(application, moment.now);
  CHECK(check_database(application.database()) == std::vector<std::string>{});
  CHECK(application.identity()
            .sign_in(accounts[2].login, accounts[2].password, "127.0.0.1")
            .actor.user_id > 0);
  // Once more changes nothing.
  const auto leads = count(application, "lead", "id gt 0");
  CHECK(fill_demo(application, clock).size() == accounts.size());
  CHECK(count(application, "lead", "id gt 0") == leads);
}

}  // namespace

TEST_CASE("the demo company is complete at every moment") {
  const Moment moments[] = {{"first minute of a month", at(2026, 4, 1, 0, 0, 30)},
                            {"end of the year", at(2026, 12, 31, 23, 50)},
                            {"first hour of a year", at(2027, 1, 1, 0, 30)},
                            {"leap day", at(2028, 2, 29, 10, 0)},
                            {"day after a leap day", at(2028, 3, 1, 8, 59)},
                            {"just after midnight", at(2026, 6, 10, 0, 0, 1)},
                            {"Sunday", at(2026, 7, 5, 15, 0)}};
  for (const auto& moment : moments) check_demo(db::Kind::Sqlite, moment);
}

TEST_CASE("the demo company on PostgreSQL") {
  for (const auto kind : db::test_kinds()) {
    if (kind == db::Kind::Postgres) check_demo(kind, {"workday", at(2026, 3, 31, 18, 0)});
  }
}

}  // namespace kehai::app
