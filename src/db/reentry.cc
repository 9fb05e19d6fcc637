#include "db/reentry.h"

#include "base/error.h"

namespace kehai::db {
namespace {

// The closures that this thread is inside of, innermost first. Per thread by its nature.
thread_local Reentry* innermost = nullptr;

}  // namespace

Reentry::Reentry(const void* database) : database_(database), outer_(innermost) {
  refuse(database);
  innermost = this;
}

Reentry::~Reentry() {
  innermost = outer_;
}

void Reentry::refuse(const void* database) {
  for (const Reentry* entry = innermost; entry != nullptr; entry = entry->outer_) {
    if (entry->database_ == database) {
      throw base::Error(base::ErrorKind::Internal, "database.nested", {},
                        "read() or write() was called inside a closure of the same database");
    }
  }
}

}  // namespace kehai::db
