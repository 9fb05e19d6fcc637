// Names of users, stages, accounts … that appear in one page of a timeline, as far as the reader
// may know them: looked up once per object. Used by one thread.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "record/engine.h"
#include "record/files.h"

namespace kehai::modules {

class Names {
 public:
  // Both are borrowed.
  Names(record::Engine& engine, const record::Actor& actor) : engine_(engine), actor_(actor) {}

  void want(const std::string& object, std::int64_t id) {
    if (id != 0) wanted_[object].insert(id);
  }
  // A file, also one that is gone: its name stays.
  void want_file(std::int64_t id) { wanted_files_.insert(id); }
  void load();

  // Whether the reader may know what it is; asked for before.
  bool knows(const std::string& object, std::int64_t id) const;
  // Veiled for whom it is hidden; "" for none.
  std::string name(const std::string& object, std::int64_t id) const;
  const record::FileInfos& files() const { return files_; }

 private:
  record::Engine& engine_;
  const record::Actor& actor_;
  std::map<std::string, std::set<std::int64_t>> wanted_;
  std::map<std::string, std::map<std::int64_t, std::string>> known_;
  std::set<std::int64_t> wanted_files_;
  record::FileInfos files_;
};

// "by": {"id", "name"}, or null for the program itself.
void write_person(base::JsonWriter& writer, const Names& names, std::int64_t user);

}  // namespace kehai::modules
