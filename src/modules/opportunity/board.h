// The pipeline board: one column per stage with count, sum and its first cards.
#pragma once

#include <string>
#include <string_view>

#include "record/engine.h"

namespace kehai::modules {

struct BoardRequest {
  std::int64_t pipeline_id = 0;  // 0 = the default one
  bool mine_only = false;
  std::string search;
  std::string filter;         // expression over opportunities, AND-ed
  std::string select;         // fields of the cards; empty = all
  std::string currency;       // of the columns' sums
  std::int64_t stage_id = 0;  // only this column; 0 = all
  std::string after;          // of that column the cards after these: the `next` of an answer
};

// The answer of GET /opportunities/board (docs/dev/api.md). Whom a role hides amounts from gets
// columns without sums.
std::string board_json(record::Engine& engine, const record::Actor& actor,
                       const BoardRequest& request);

}  // namespace kehai::modules
