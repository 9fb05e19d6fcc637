// Which record a cell of a reference column means: by the key that an earlier file gave it, by
// code, login or title, by id.
//
// Only records that the actor may see are found; hidden and unknown ones give the same answer.
// Answers are cached for the life of the object. Used by one thread; opens its own read snapshots,
// so not inside a transaction.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "platform/dedupe/dedupe.h"
#include "record/engine.h"

namespace kehai::platform {

class ReferenceResolver {
 public:
  // All borrowed. `source` names the other system whose keys may be used.
  ReferenceResolver(record::Engine& engine, const Dedupe& dedupe, const record::Actor& actor,
                    std::string source)
      : engine_(engine), dedupe_(dedupe), actor_(actor), source_(std::move(source)) {}

  // Records of `target` that the text may mean, none twice: none = not found, several = ambiguous.
  const std::vector<record::RecordId>& candidates(const std::string& target,
                                                  const std::string& text);
  // Those of `ids` whose references agree with what the row says elsewhere: the stages of its
  // pipeline, the contacts of its customer.
  std::vector<record::RecordId> agreeing(const std::string& target,
                                         const std::vector<record::RecordId>& ids,
                                         const record::Draft& draft);
  // Live records with this value in a field.
  std::vector<record::RecordId> by_field(const std::string& target, const std::string& field,
                                         const std::string& text);

 private:
  using Names = std::unordered_map<std::string, std::vector<record::RecordId>>;
  std::vector<record::RecordId> look_up(const std::string& target, const std::string& text);
  std::vector<record::RecordId> visible(const std::string& target,
                                        const std::vector<record::RecordId>& ids);
  const Names* small_directory(const std::string& target);

  record::Engine& engine_;
  const Dedupe& dedupe_;
  const record::Actor& actor_;
  std::string source_;
  std::map<std::string, Names> directories_;  // of small configuration objects: everything by name
  std::unordered_map<std::string, std::vector<record::RecordId>> cache_;
};

// A text as a literal of the expression language.
std::string text_literal(std::string_view text);

}  // namespace kehai::platform
