// The workbench 工作台: what to do today, whom to call, the funnel with step-to-step conversion,
// the trend of won deals, the team's ranking and what happened lately; for oneself, the own
// departments, or everything the person may see.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "record/engine.h"

namespace kehai::modules {

// The sums of a workbench: figures, funnel, trend and ranking, as JSON. What a person works on
// (tasks, calls, the latest activities) is never kept.
struct WorkbenchSums {
  base::Instant as_of = 0;
  std::string figures, funnel, trend, ranking;
};

// Sums of the last ten seconds, each for one person with the rights that they had. Safe from any
// thread.
class WorkbenchCache {
 public:
  std::optional<WorkbenchSums> find(const record::Actor& actor, const std::string& scope,
                                    const std::string& currency, base::Instant now);
  void put(const record::Actor& actor, const std::string& scope, const std::string& currency,
           WorkbenchSums sums);

 private:
  struct Entry {
    std::shared_ptr<const void> rights;  // the snapshot that the sums were made under
    WorkbenchSums sums;
  };
  std::mutex mutex_;
  std::map<std::tuple<std::int64_t, std::string, std::string>, Entry> entries_;
};

// The answer of GET /workbench (docs/dev/api.md). Amounts are in `currency` only; `as_of` is the
// time of the sums. Throws Invalid "workbench.scope" for a scope that the actor does not have.
std::string workbench_json(record::Engine& engine, const record::Actor& actor,
                           std::string_view scope, const std::string& currency,
                           WorkbenchCache& cache);

}  // namespace kehai::modules
