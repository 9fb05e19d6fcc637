// A fixed number of read-only connections. Safe from any thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "db/database.h"
#include "db/sqlite/connection.h"

namespace kehai::db::sqlite {

class ReaderPool {
 public:
  // Opens the connections. Throws base::Error.
  ReaderPool(const ConnectionOptions& options, int connections);

  // Runs fn in one snapshot; waits for a free connection (Unavailable "database.busy" after 30 s).
  void run(const std::function<void(Reader&)>& fn);
  // Every connection drops its cached statements before its next use.
  void drop_statements() { ++generation_; }
  // Refuses new reads, waits for the running ones, closes the connections.
  void close();

 private:
  struct Slot {
    std::unique_ptr<Connection> connection;
    std::uint64_t generation = 0;
  };

  std::unique_ptr<Slot> take();
  void give_back(std::unique_ptr<Slot> slot);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::unique_ptr<Slot>> free_;  // the last one is the warmest
  std::size_t in_use_ = 0;
  bool closing_ = false;
  std::atomic<std::uint64_t> generation_{0};
};

}  // namespace kehai::db::sqlite
