// Before a newer program changes an older company's tables, the company as it was is put aside.
#include <doctest/doctest.h>

#include <filesystem>

#include "app/application.h"
#include "app/backup/backup.h"
#include "base/error.h"
#include "db/bulk.h"
#include "db/table.h"
#include "db/test_databases.h"
#include "record/tx.h"

namespace kehai::app {
namespace {

namespace fs = std::filesystem;

Options options_of(db::TestDatabase& database) {
  Options options;
  options.data_directory = database.folder();
  if (database.kind() == db::Kind::Postgres) options.database_url = database.address();
  options.quiet_log = true;
  return options;
}

std::vector<fs::path> put_aside(const std::string& folder) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().filename().string().starts_with("before-upgrade-"))
      found.push_back(entry.path());
  }
  return found;
}

// As a program would have left it that knew neither websites nor idempotent requests.
void make_older(db::Database& database) {
  database.migrate([](db::Writer& writer) {
    writer.execute("ALTER TABLE \"competitor\" DROP COLUMN \"website\"");
    writer.execute("DROP TABLE \"idempotency\"");
    db::Table("schema_column")
        .erase(writer, {{"object", db::Compare::Equal, "competitor"},
                        {"name", db::Compare::Equal, "website"}});
    db::Table("schema_meta")
        .upsert(writer, {"key"}, {{"key", "fingerprint"}, {"value", "an older program's"}});
  });
}

std::string only_competitor(db::Database& database) {
  std::string name;
  database.read([&](db::Reader& reader) {
    const auto rows = db::Table("competitor").select(reader, {{"name"}, {}, {}, 0, false});
    CHECK(rows.size() == 1);
    if (!rows.empty()) name = rows[0][0].text_or("");
  });
  return name;
}

}  // namespace

TEST_CASE("what an upgrade changes is put aside first, and can be put back") {
  db::on_each_database([](db::TestDatabase& database) {
    const Options options = options_of(database);
    {
      Application application(options);
      CHECK(put_aside(options.data_directory).empty());  // a new company has nothing to keep
      application.engine().write(record::system_actor("test"), [](record::Tx& tx) {
        tx.create("competitor", record::Draft().set("name", "对手").set("website", "https://a.cn"));
      });
      make_older(application.database());
    }
    {
      Application upgraded(options);
      CHECK(only_competitor(upgraded.database()) == "对手");
    }
    const auto kept = put_aside(options.data_directory);
    REQUIRE(kept.size() == 1);
    {
      Application again(options);  // nothing changes, nothing more is kept
    }
    CHECK(put_aside(options.data_directory).size() == 1);

    if (database.kind() == db::Kind::Sqlite) {
      const auto copy = db::read_sqlite(kept[0].string());
      CHECK(only_competitor(*copy) == "对手");
      copy->read([](db::Reader& reader) { CHECK_FALSE(db::has_table(reader, "idempotency")); });
      return;
    }
    db::TestDatabase other(db::Kind::Postgres);
    Options target = options_of(other);
    target.data_directory += "/restored";
    CHECK(restore(target, kept[0].string()).rows > 0);
    Application restored(target);
    CHECK(only_competitor(restored.database()) == "对手");
  });
}

}  // namespace kehai::app
