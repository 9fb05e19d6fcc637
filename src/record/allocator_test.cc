// Ids and numbers on both databases: what happens when a leased block runs out, when the program
// restarts, and between two nodes.
#include "record/allocator.h"

#include <doctest/doctest.h>

#include <set>

#include "db/test_databases.h"
#include "record/toy_company.h"

namespace kehai::record {

namespace {

constexpr std::int64_t kIdsInBlock = 1 << kIdBits;
constexpr std::int64_t kNumbersInLease = 256;
constexpr base::Date kDay = 20'500;

// The next id; how often a block had to be leased for it is added up.
std::int64_t id_from(Allocator& allocator, const std::string& object, int& leases) {
  try {
    return allocator.next_id(object);
  } catch (const BlockExhausted& exhausted) {
    CHECK(exhausted.kind == "id");
    CHECK(exhausted.object == object);
    ++leases;
    allocator.lease(exhausted);
    return allocator.next_id(object);
  }
}

std::int64_t number_from(Allocator& allocator, base::Date day, int& leases) {
  try {
    return allocator.next_number("thing", day);
  } catch (const BlockExhausted& exhausted) {
    CHECK(exhausted.kind == "code");
    CHECK(exhausted.day == day);
    ++leases;
    allocator.lease(exhausted);
    return allocator.next_number("thing", day);
  }
}

}  // namespace

TEST_CASE("allocator: ids of a block follow each other; a used-up block leads to another one") {
  db::on_each_database([](db::TestDatabase& database) {
    ToyCompany toys(database.get());
    auto& allocator = toys.engine().allocator();
    int leases = 0;
    const std::int64_t first = id_from(allocator, "thing", leases);
    CHECK(first % kIdsInBlock == 0);
    std::set<std::int64_t> ids{first};
    for (std::int64_t i = 1; i < kIdsInBlock; ++i) {
      const std::int64_t id = id_from(allocator, "thing", leases);
      CHECK(id == first + i);
      ids.insert(id);
    }
    CHECK(leases == 1);
    // Another object has a block of its own in between.
    const std::int64_t other = id_from(allocator, "other", leases);
    const std::int64_t second = id_from(allocator, "thing", leases);
    CHECK(leases == 3);
    CHECK(!ids.contains(second));
    CHECK(second % kIdsInBlock == 0);
    CHECK((second >> kIdBits) != (other >> kIdBits));
    CHECK(allocator.object_of(first + 17) == "thing");
    CHECK(allocator.object_of(second) == "thing");
    CHECK(allocator.object_of(other) == "other");
    CHECK(allocator.object_of(std::int64_t{1} << 50) == "");
  });
}

TEST_CASE("allocator: a restart and a second node begin behind everything that was leased") {
  db::on_each_database([](db::TestDatabase& database) {
    ToyCompany toys(database.get());
    int leases = 0;
    const std::int64_t before = id_from(toys.engine().allocator(), "thing", leases);
    const std::int64_t number = number_from(toys.engine().allocator(), kDay, leases);
    CHECK(number == 1);
    Allocator restarted(database.get());
    const std::int64_t after = id_from(restarted, "thing", leases);
    // What was left of the block is a gap, never given out again.
    CHECK((after >> kIdBits) > (before >> kIdBits));
    CHECK(number_from(restarted, kDay, leases) == kNumbersInLease + 1);
    // The first node goes on in its own block meanwhile.
    CHECK(id_from(toys.engine().allocator(), "thing", leases) == before + 1);
    CHECK(number_from(toys.engine().allocator(), kDay, leases) == 2);
    CHECK(restarted.object_of(before) == "thing");
  });
}

TEST_CASE("allocator: numbers count within their period, lease after lease") {
  db::on_each_database([](db::TestDatabase& database) {
    ToyCompany toys(database.get());
    auto& allocator = toys.engine().allocator();
    int leases = 0;
    for (std::int64_t i = 1; i <= kNumbersInLease + 3; ++i)
      CHECK(number_from(allocator, kDay, leases) == i);
    CHECK(leases == 2);
    CHECK(number_from(allocator, kDay + 1, leases) == 1);
    CHECK(number_from(allocator, kDay, leases) == kNumbersInLease + 4);
    CHECK(allocator.take_numbers("thing", kDay + 1, 10) == kNumbersInLease + 1);
  });
}

TEST_CASE("allocator: a write that meets the end of a block is done once, with ids of the next") {
  db::on_each_database([](db::TestDatabase& database) {
    ToyCompany toys(database.get());
    auto& allocator = toys.engine().allocator();
    const auto folder = [](Tx& tx) { return tx.create("folder", Draft().set("name", "F")).id(); };
    RecordId first = 0;
    toys.write([&](Tx& tx) { first = folder(tx); });
    // All but one of the block are gone.
    int leases = 0;
    for (std::int64_t id = first; (id + 2) % kIdsInBlock != 0;)
      id = id_from(allocator, "folder", leases);
    CHECK(leases == 0);
    std::vector<RecordId> made;
    int runs = 0;
    toys.write([&](Tx& tx) {
      ++runs;
      made.clear();
      for (int i = 0; i < 3; ++i) made.push_back(folder(tx));
    });
    CHECK(runs == 2);
    CHECK((made[0] >> kIdBits) != (first >> kIdBits));
    std::int64_t rows = 0;
    toys.database().read([&](db::Reader& reader) { rows = db::Table("folder").count(reader, {}); });
    CHECK(rows == 4);
  });
}

}  // namespace kehai::record
