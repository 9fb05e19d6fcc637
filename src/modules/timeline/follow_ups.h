// Follow-ups as lines of a timeline, with what the reader may know of them: people, files, how many
// comments they have.
#pragma once

#include <string>
#include <vector>

#include "modules/timeline/log_entries.h"

namespace kehai::modules {

class FollowUpWriter {
 public:
  // Both are borrowed.
  FollowUpWriter(record::Engine& engine, const record::Actor& actor)
      : engine_(engine), actor_(actor) {}

  void want_names(const std::vector<record::TypedRow>& activities, Names& names);
  // One line each; after names were loaded.
  void write(const std::vector<record::TypedRow>& activities, const Names& names,
             std::vector<Entry>& out) const;

 private:
  record::Engine& engine_;
  const record::Actor& actor_;
};

// Latest follow-ups anywhere within the actor's rights, for the workbench.
void append_recent(base::JsonWriter& writer, record::Engine& engine, const record::Actor& actor,
                   const std::string& filter, int limit);

}  // namespace kehai::modules
