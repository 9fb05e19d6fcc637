// The same numbers and the same random seed make the same company, another seed another one.
#include "app/seed/seed.h"

#include <doctest/doctest.h>

#include "app/application.h"
#include "app/check.h"
#include "db/test_databases.h"
#include "record/tx.h"

namespace kehai::app {
namespace {

constexpr base::Instant kNow = 1'772'000'000'000;  // early in 2026

class FixedClock : public base::Clock {
 public:
  base::Instant now() override { return kNow; }
};

// Every field of every record, of what a company consists of.
std::string contents(Application& application) {
  std::string out;
  for (const auto* object : {"department", "user", "account", "opportunity", "stage_change"}) {
    record::ListRequest request;
    constexpr std::int64_t kEnough = 2000;
    request.options.top = kEnough;
    application.engine().list_typed(
        record::system_actor("test"), object, request, [&](const record::TypedRow& row) {
          out += object;
          for (const auto& field : row.record.definition().fields) {
            const base::Value& value = row.record.get(field.name);
            out += " " + field.name + "=";
            out += value.is_text() ? value.text_or("") : std::to_string(value.int_or(-1));
          }
          out += "\n";
        });
  }
  return out;
}

std::string seeded(std::uint64_t random_seed) {
  db::TestDatabase database(db::Kind::Sqlite);
  Options options;
  options.data_directory = database.folder();
  options.quiet_log = true;
  Application application(options, std::make_unique<FixedClock>());
  SeedOptions numbers;
  numbers.accounts = 150;
  numbers.opportunities = 220;
  numbers.random_seed = random_seed;
  const SeedResult result = seed(application, numbers);
  CHECK(result.departments > 20);
  CHECK(result.users > 200);
  CHECK(check_database(application.database()) == std::vector<std::string>{});
  return contents(application);
}

}  // namespace

TEST_CASE("seed: the same random seed makes the same company, another one another") {
  const std::string first = seeded(7);
  CHECK(first.size() > 100'000);
  CHECK(first == seeded(7));
  CHECK(first != seeded(8));
}

}  // namespace kehai::app
