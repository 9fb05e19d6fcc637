// The stages of one pipeline inside a transaction, and the guards of moving between them
// (domain 2.2).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "record/tx.h"

namespace kehai::modules {

class Stages {
 public:
  // Throws Conflict "opportunity.pipeline_incomplete".
  Stages(record::Tx& tx, std::int64_t pipeline_id);
  const record::Record& pipeline() const { return pipeline_; }
  const std::vector<record::Record>& all() const { return stages_; }
  const record::Record* find(std::int64_t stage_id) const;
  const record::Record* first_of(std::string_view kind) const;
  // The open stage nearest before this place, else the first one.
  const record::Record& open_before(std::int64_t position) const;

  // Throws when the deal may not go from its stage to `target`: order, skipping, rolling back,
  // required fields, reason.
  void check_move(const record::Record& deal, const record::Record& target,
                  const std::string& reason) const;

  // Throws Conflict "opportunity.no_skipping" when the pipeline wants every open stage passed
  // through and one lies between `from` and `target`: an open stage, or the won one, which is
  // behind all of them. `from` is null for a deal whose stage this pipeline does not have.
  void check_skips(const record::Record* from, const record::Record& target) const;

  // Throws field errors "opportunity.required_for_stage" for what `target` and the open stages on
  // the way to it require and the deal lacks. `from` is the stage that it comes from, null for a
  // new deal.
  void check_required_fields(const record::Record& deal, const record::Record* from,
                             const record::Record& target) const;

  // A deal must be able to begin, to be won and to be lost here. Throws Conflict
  // "opportunity.pipeline_incomplete".
  void check_complete() const;

  static std::int64_t default_pipeline(record::Tx& tx);

 private:
  record::Record pipeline_;
  std::vector<record::Record> stages_;  // by position
};

// Before a deal moves on: the move is later than the one before it, so that the history of a deal
// never runs backwards, whichever node is asked.
void begin_after_stage_entry(record::Tx& tx, const record::Record& deal);

}  // namespace kehai::modules
