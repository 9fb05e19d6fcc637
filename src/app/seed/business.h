// Rows of accounts and opportunities as the engine's hooks would have written them, in batches.
// Used by one thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/seed/company.h"
#include "app/seed/seed.h"
#include "base/random.h"
#include "record/engine.h"

namespace kehai::app {

class Application;
struct DemoCity;
struct DemoTrade;

// What one write transaction inserts.
struct SeedBatch {
  std::vector<base::Values> accounts;
  std::vector<base::Values> opportunities;
  std::vector<base::Values> stage_changes;
  std::vector<base::Values> ownership;
  std::vector<base::Values> duplicate_keys;
  std::vector<base::Values> audit;
  std::vector<base::Values> search;  // record, tokens
};

class BusinessMaker {
 public:
  BusinessMaker(Application& application, const SeedOptions& options, SeedCompany company);
  ~BusinessMaker();
  // The next accounts with their opportunities; empty at the end.
  SeedBatch next(std::int64_t accounts);

 private:
  struct Numbers {
    std::int64_t next = 0;
    std::int64_t end = 0;
  };
  void load_stages();
  void load_pool();
  record::Record blank(const record::ObjectSchema& schema) const;
  // With its computed columns.
  base::Values row_of(const record::ObjectSchema& schema, record::Record& record) const;
  void stamp(record::Record& record, std::int64_t created, const SeedPerson* owner);
  std::int64_t next_id(const std::string& object);
  void take_codes(const record::ObjectDefinition& object);
  std::string next_code(const record::ObjectDefinition& object, std::int64_t created);
  record::Value option(const record::ObjectDefinition& object, const char* field);
  std::string company_name(std::int64_t index, const DemoCity& city, const DemoTrade& trade) const;
  std::string mobile(std::int64_t index) const;
  std::int64_t deals_of(std::int64_t account);
  void add_account(SeedBatch& batch, std::int64_t index);
  void fill_account(record::Record& account, std::int64_t index);
  record::Record make_deal(const record::Record& account, const SeedPerson& owner);
  void add_deal(SeedBatch& batch, record::Record& deal);
  void add_audit(SeedBatch& batch, record::Record& record);
  void add_ownership(SeedBatch& batch, const record::Record& account);

  Application& application_;
  SeedOptions options_;
  SeedCompany company_;
  std::unique_ptr<base::Random> random_;
  std::shared_ptr<const record::Schema> schema_;
  const record::ObjectSchema& account_;
  const record::ObjectSchema& opportunity_;
  const record::ObjectSchema& stage_change_;
  std::int64_t now_;
  std::int64_t pipeline_ = 0;
  std::int64_t pool_ = 0;
  std::vector<record::Record> open_stages_;
  std::vector<record::Record> end_stages_;  // won, lost, invalid
  std::map<std::pair<std::string, base::Date>, Numbers> numbers_;
  std::int64_t next_account_ = 0;
  std::int64_t deals_owed_ = 0;  // from accounts that sit in the pool
};

}  // namespace kehai::app
