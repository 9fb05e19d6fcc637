// Tags that a rule puts on records and takes off again.
//
// The rule of a tag is a condition over the writable fields of one kind of record (docs/
// expression-language.md): no time, no person, no other records, so that it changes its mind with
// the record only. Whoever saves a record leaves it with the tags that the rules say, whatever was
// chosen by hand; a new or changed rule is carried to the records that are there by a job. Without
// its rule a tag stays where it is and is an ordinary one.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "platform/registrar.h"
#include "query/checker.h"
#include "record/engine.h"

namespace kehai::modules {

// The rules in memory, loaded anew every second on every node. Safe from any thread.
class TagRules {
 public:
  struct Rule {
    std::int64_t tag = 0;
    std::string object;
    query::Filter condition;
    std::shared_ptr<const record::Schema> schema;  // what the condition points into
  };
  using List = std::vector<Rule>;

  void load(record::Engine& engine);
  std::shared_ptr<const List> current() const;

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const List> rules_ = std::make_shared<List>();
};

void register_tag_rules(platform::Registrar& registrar);

}  // namespace kehai::modules
