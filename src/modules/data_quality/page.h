// The page 数据质量 and its downloads: the figures of now and of the frozen months, and the format
// audit's findings, as far as the reader may see customers, records and fields.
//
// All need the right "review" on data_steward, else Forbidden "access.denied"; asking for a run
// needs "audit", a download "export" on account. Stateless; safe from any thread.
#pragma once

#include <string>

#include "record/engine.h"

namespace kehai::modules {

// GET /data_quality; `month` "2026-02" or "" = now. Throws Invalid "query.bad_option" {name}.
std::string data_quality_json(record::Engine& engine, const record::Actor& actor,
                              const std::string& month);

struct FindingsRequest {
  std::string object;  // "" = all
  std::string field;
  std::string rule;
  std::int64_t owner_id = 0;  // 0 = everybody's
  std::int64_t after = 0;     // of the page before
  int top = 50;
};
// GET /data_quality/findings: a page may be shorter than asked for although another one follows.
std::string findings_json(record::Engine& engine, const record::Actor& actor,
                          const FindingsRequest& request);

// POST /data_quality/run.
void ask_for_run(record::Engine& engine, const record::Actor& actor);

// GET /data_quality/export: the figures by owner, as CSV.
std::string figures_csv(record::Engine& engine, const record::Actor& actor,
                        const std::string& month);

}  // namespace kehai::modules
