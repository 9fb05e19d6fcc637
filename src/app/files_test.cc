// Files beside the database: what is there first, what a backup carries, what a check finds, what
// is removed and when.
#include "platform/files/files.h"

#include <doctest/doctest.h>

#include <atomic>
#include <filesystem>
#include <fstream>

#include "app/application.h"
#include "app/backup/backup.h"
#include "base/error.h"
#include "db/table.h"
#include "db/test_databases.h"
#include "record/tx.h"

namespace kehai::app {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kHour = 3'600'000;

struct MovableTime {
  std::atomic<base::Instant> now{1'772'328'600'000};
};

class MovableClock : public base::Clock {
 public:
  explicit MovableClock(std::shared_ptr<MovableTime> time) : time_(std::move(time)) {}
  base::Instant now() override { return time_->now; }

 private:
  std::shared_ptr<MovableTime> time_;
};

Options options_of(const db::TestDatabase& database) {
  Options options;
  options.data_directory = database.folder();
  if (database.kind() == db::Kind::Postgres) options.database_url = database.address();
  options.quiet_log = true;
  return options;
}

// An installation with leads that carry files.
class Company {
 public:
  explicit Company(const Options& options)
      : application_(options, std::make_unique<MovableClock>(time_)) {}

  platform::Files& files() { return application_.files(); }
  record::FileInfo upload(const std::string& name, const std::string& content) {
    return files().upload(actor_, name, platform::bytes_of(content));
  }
  record::RecordId lead_with(record::RecordId file) {
    record::RecordId id = 0;
    application_.engine().write(actor_, [&](record::Tx& tx) {
      record::Draft draft;
      draft.set("company", "附件公司").set("wechat", "wx" + std::to_string(file));
      draft.many["attachments"] = {record::Value(file)};
      id = tx.create("lead", draft).id();
    });
    return id;
  }
  void take_off(record::RecordId lead) {
    application_.engine().write(actor_, [&](record::Tx& tx) {
      auto record = tx.get("lead", lead);
      record::Draft draft;
      draft.many["attachments"] = {};
      tx.update(record, draft);
    });
  }
  std::string read(record::RecordId lead, record::RecordId file) {
    std::ifstream stream(files().open(actor_, "lead", lead, file).path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  void later(std::int64_t hours) { time_->now += hours * kHour; }
  void tidy_up() {
    files().remove_loose();
    files().remove_contents();
  }
  std::int64_t rows() {
    std::int64_t count = 0;
    application_.database().read(
        [&](db::Reader& reader) { count = db::Table("file").count(reader, {}); });
    return count;
  }
  int contents() const {
    int count = 0;
    std::error_code none;
    for (const auto& entry : fs::recursive_directory_iterator(
             fs::path(application_.files_directory()) / "records", none))
      count += entry.is_regular_file() ? 1 : 0;
    return count;
  }
  std::vector<std::string> findings() {
    return platform::check_files(application_.database(), application_.files_directory());
  }
  Application& application() { return application_; }
  record::Actor actor() const { return actor_; }

 private:
  std::shared_ptr<MovableTime> time_ = std::make_shared<MovableTime>();
  Application application_;
  record::Actor actor_ = record::system_actor("test");
};

std::string code_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const base::Error& error) {
    return error.field_errors().empty() ? error.code() : error.field_errors()[0].code;
  }
  return "";
}

}  // namespace

TEST_CASE("files: no row comes before its content, and none stays without") {
  db::on_each_database([](db::TestDatabase& database) {
    CAPTURE(database.name());
    Company company(options_of(database));
    // The disk refuses: no row.
    const fs::path folder = fs::path(company.application().files_directory()) / "records";
    std::ofstream(folder) << "in the way";
    CHECK(code_of([&] { company.upload("a.txt", "a"); }) == "file.not_stored");
    CHECK(company.rows() == 0);
    fs::remove(folder);
    // The program dies, or the database refuses, behind the content: no row, and the content goes.
    auto writer = company.actor();
    writer.via = "job";
    company.application().engine().end_background_work();
    CHECK(code_of([&] { company.files().upload(writer, "a.txt", platform::bytes_of("a")); }) ==
          "engine.stopping");
    CHECK(company.rows() == 0);
    CHECK(company.contents() == 1);
  });
  db::on_each_database([](db::TestDatabase& database) {
    CAPTURE(database.name());
    Company company(options_of(database));
    CHECK(code_of([&] { company.upload("a.txt", ""); }) == "file.empty");
    CHECK(company.contents() == 0);
    platform::Files small(
        {company.application().engine(), company.application().files_directory(), 3});
    CHECK(code_of([&] { small.upload(company.actor(), "a.txt", platform::bytes_of("1234")); }) ==
          "file.too_large");
    CHECK(small.upload(company.actor(), "a.txt", platform::bytes_of("123")).size == 3);
    CHECK(company.rows() == 1);
    CHECK(company.contents() == 1);
  });
}

TEST_CASE("files: what nothing names goes after a day, row first, content when no row names it") {
  db::on_each_database([](db::TestDatabase& database) {
    CAPTURE(database.name());
    Company company(options_of(database));
    const auto kept = company.upload("kept.txt", "the same");
    company.upload("copy.txt", "the same");
    const auto loose = company.upload("loose.txt", "loose");
    const auto lead = company.lead_with(kept.id);
    CHECK(company.rows() == 3);
    CHECK(company.contents() == 2);
    company.later(23);
    company.tidy_up();
    CHECK(company.rows() == 3);
    CHECK(company.contents() == 2);
    company.later(2);
    company.tidy_up();
    CHECK(company.rows() == 1);
    CHECK(company.contents() == 1);
    CHECK(company.read(lead, kept.id) == "the same");
    CHECK(code_of([&] { company.lead_with(loose.id); }) == "field.file");
    // Taken off: a day to put it back, then only its name is left.
    company.take_off(lead);
    company.later(23);
    company.tidy_up();
    CHECK(company.contents() == 1);
    company.later(2);
    company.tidy_up();
    CHECK(company.contents() == 0);
    CHECK(company.rows() == 1);
    CHECK(company.findings().empty());
  });
}

TEST_CASE("files: a backup carries them into either database, and a check finds what is damaged") {
  db::on_each_database([](db::TestDatabase& database) {
    CAPTURE(database.name());
    const std::string archive = database.folder() + "-backup.tar";
    record::RecordId lead = 0;
    record::FileInfo contract;
    {
      Company company(options_of(database));
      contract = company.upload("合同.pdf", "%PDF-1.7 合同");
      lead = company.lead_with(contract.id);
      company.lead_with(company.upload("other.txt", "other").id);
    }
    CHECK(back_up(options_of(database), archive).files == 2);
    for (const auto kind : db::test_kinds()) {
      db::TestDatabase other(kind);
      CAPTURE(other.name());
      Options target = options_of(other);
      target.data_directory += "/restored";
      CHECK(restore(target, archive).files == 2);
      Company restored(target);
      CHECK(restored.read(lead, contract.id) == "%PDF-1.7 合同");
      CHECK(restored.findings().empty());
      const auto content = restored.files().open(restored.actor(), "lead", lead, contract.id).path;
      std::ofstream(content, std::ios::binary) << "%PDF-1.7 另外";  // of the same length
      REQUIRE(restored.findings().size() == 1);
      CHECK(restored.findings()[0].find("合同.pdf") != std::string::npos);
      fs::remove(content);
      CHECK(restored.findings().size() == 1);
      CHECK(code_of([&] { restored.read(lead, contract.id); }) == "file.missing");
      // The same upload again heals it.
      restored.upload("合同.pdf", "%PDF-1.7 合同");
      CHECK(restored.findings().empty());
      CHECK(restored.read(lead, contract.id) == "%PDF-1.7 合同");
    }
    fs::remove(archive);
  });
}

}  // namespace kehai::app
