// A bounded number of PostgreSQL connections, opened when needed. Safe from any thread.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "db/postgres/connection.h"

namespace kehai::db::postgres {

class Pool {
 public:
  Pool(std::string url, int connections);

  // A connection in use. Gives it back when it goes; a lost one is closed instead.
  class Lease {
   public:
    Lease(Lease&& other) noexcept = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease();
    Connection& operator*() const { return *connection_; }
    Connection* operator->() const { return connection_.get(); }

   private:
    friend class Pool;
    Lease(Pool& pool, std::unique_ptr<Connection> connection, std::uint64_t generation,
          std::uint64_t epoch)
        : pool_(&pool),
          connection_(std::move(connection)),
          generation_(generation),
          epoch_(epoch) {}

    Pool* pool_;
    std::unique_ptr<Connection> connection_;  // null after a move
    std::uint64_t generation_;
    std::uint64_t epoch_;
  };

  // Waits for a free connection: Unavailable "database.busy" after 30 s, "database.unreachable"
  // when a new one cannot be opened, "database.closing" after close().
  Lease take();
  // Every connection drops its cached statements before its next use.
  void drop_statements();
  // A connection was lost: the idle ones are suspect as well and are replaced before their next
  // use.
  void suspect_all();
  // Refuses new leases, waits for the running ones, closes the connections.
  void close();

 private:
  struct Idle {
    std::unique_ptr<Connection> connection;
    std::uint64_t generation = 0;
    std::uint64_t epoch = 0;
  };

  void give_back(Idle idle);
  void free_place();

  const std::string url_;
  const int limit_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Idle> idle_;  // the last one is the warmest
  int in_use_ = 0;
  bool closing_ = false;
  std::uint64_t generation_ = 0;  // of the schema
  std::uint64_t epoch_ = 0;       // of the trust in idle connections
};

}  // namespace kehai::db::postgres
