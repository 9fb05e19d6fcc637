#include "app/check.h"

#include <fmt/format.h>

#include <fstream>

#include "app/application.h"
#include "app/progress.h"
#include "base/error.h"
#include "db/bulk.h"
#include "record/invariants.h"
#include "record/migrator.h"

namespace kehai::app {

namespace {

// By this process so far.
std::int64_t bytes_read() {
  std::ifstream file("/proc/self/io");
  std::string name;
  std::int64_t bytes = 0;
  file >> name >> bytes;  // "rchar: 4096"
  return bytes;
}

// Why the rows cannot be looked at, "" when they can.
std::vector<std::string> check_tables(db::Database& database, const Tables& tables) {
  bool has_company = false;
  std::vector<std::string> missing;
  database.read([&](db::Reader& reader) {
    has_company = db::has_table(reader, "schema_meta");
    if (has_company) missing = record::missing_parts(reader, tables.objects, tables.fixed);
  });
  if (!has_company) {
    throw base::Error(base::ErrorKind::Unavailable, "data.no_database",
                      {{"directory", database.is_postgres() ? "PostgreSQL" : "SQLite"}});
  }
  if (!record::is_current(database, tables.objects, tables.fixed)) {
    return {
        "The tables are those of another version of Kehai; start the server once, which "
        "upgrades older ones"};
  }
  for (auto& part : missing) part = "The " + part + " is missing; restore the latest backup";
  return missing;
}

// Every page is read at least once; how often in all is known at the end only.
std::string check_file(db::Database& database) {
  constexpr std::int64_t kMegabyte = 1'000'000;
  std::string problem;
  Progress progress("Checking the database itself (MB read)", 0, "MB");
  const std::int64_t before = bytes_read();
  watch(
      progress, [&] { return (bytes_read() - before) / kMegabyte; },
      [&] { problem = database.check(); });
  return problem;
}

std::string finding_of(const record::Invariant& invariant, const db::Breaches& breaches) {
  return fmt::format("{} ({} {}, the first has the id {})", invariant.rule, breaches.count,
                     breaches.count == 1 ? "record" : "records", breaches.example);
}

}  // namespace

std::vector<std::string> check_database(db::Database& database) {
  if (std::string problem = check_file(database); !problem.empty()) return {std::move(problem)};
  const Tables tables = program_tables();
  auto findings = check_tables(database, tables);
  if (!findings.empty()) return findings;
  Progress progress("Checking", static_cast<std::int64_t>(tables.invariants.size()), "rules");
  for (const auto& invariant : tables.invariants) {
    db::Breaches breaches;
    try {
      database.read([&](db::Reader& reader) { breaches = invariant.breaches(reader); });
      if (breaches.count > 0) findings.push_back(finding_of(invariant, breaches));
    } catch (const base::Error& error) {
      // A table without one of its columns, a page that cannot be read.
      findings.push_back(fmt::format("{}: cannot be checked: {}: {}", invariant.rule, error.code(),
                                     error.detail()));
    }
    progress.add(1);
  }
  return findings;
}

}  // namespace kehai::app
