// A bounded number of PostgreSQL connections, opened when needed. Safe from any thread.
//
// When the server cannot be reached, one caller at a time tries it and all others hear so at once.
// A thread of the pool watches over answers that are overdue: when the server does not even answer
// a greeting, whoever waits for it hears so within three seconds. A statement may take as long as
// it wants while it does. It also ends the snapshots of idle connections, which otherwise end with
// what is asked next.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "db/postgres/connection.h"

namespace kehai::db::postgres {

class Pool {
 public:
  Pool(std::string url, int connections);
  ~Pool();

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

  // A warm connection, or an empty one when a new one is to be opened. Throws
  // "database.unreachable" when somebody has just found that out or is finding it out. With mutex_
  // held.
  Idle choose();
  // Opens what choose() left empty. With mutex_ free.
  void open(Idle& place);
  void give_back(Idle idle);
  void free_place();
  void watch();
  void release_snapshots();
  bool is_answer_overdue();
  void give_up_waiting();

  const std::string url_;
  const int limit_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::condition_variable watchman_wakes_;
  std::vector<Idle> idle_;  // the last one is the warmest
  int in_use_ = 0;
  bool closing_ = false;
  std::uint64_t generation_ = 0;  // of the schema
  std::uint64_t epoch_ = 0;       // of the trust in idle connections
  std::set<const Connection*> leased_;
  // The last attempt to open a connection failed; when, and whether somebody is trying again.
  bool unreachable_ = false;
  bool trying_ = false;
  std::chrono::steady_clock::time_point tried_at_;
  std::thread watchman_;
};

}  // namespace kehai::db::postgres
