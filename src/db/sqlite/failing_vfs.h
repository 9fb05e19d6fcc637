// A file system layer for tests that fails on demand and counts. Only what goes through a
// connection opened with its name is affected.
#pragma once

#include <memory>
#include <string>

namespace kehai::db::sqlite {

class FailingVfs {
 public:
  // Registers itself under a name of its own; leaves in the end (close the databases before).
  FailingVfs();
  ~FailingVfs();
  FailingVfs(const FailingVfs&) = delete;
  FailingVfs& operator=(const FailingVfs&) = delete;

  const std::string& name() const;
  void fail_syncs(bool on);
  void fail_writes(bool on);
  void fill_disk(bool on);  // writes answer "no space left"
  int syncs() const;
  int writes() const;

  struct State;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace kehai::db::sqlite
