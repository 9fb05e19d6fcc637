// Finds read() inside read() and write() inside either, on the same database and the same thread.
//
// Without it such a call would wait for a connection or for the writer thread that it occupies
// itself. Calls that nest on two different databases (copying from one to the other) are allowed.
#pragma once

namespace kehai::db {

// Lives on the stack while a closure runs; must be destroyed on the thread that made it.
class Reentry {
 public:
  // Throws Internal "database.nested" when this thread already runs a closure of the same database.
  explicit Reentry(const void* database);
  ~Reentry();
  Reentry(const Reentry&) = delete;
  Reentry& operator=(const Reentry&) = delete;

  // Only the check.
  static void refuse(const void* database);

 private:
  const void* database_;
  Reentry* outer_;
};

}  // namespace kehai::db
