// An embedded database that another process may be serving: it is read, never written or
// checkpointed.
#pragma once

#include <mutex>
#include <string>

#include "db/database.h"
#include "db/sqlite/reader_pool.h"

namespace kehai::db::sqlite {

// Everything but reading and checking throws Internal "internal".
class FileReader final : public Database {
 public:
  explicit FileReader(const std::string& file);
  const Dialect& dialect() const override;
  void read(const std::function<void(Reader&)>& fn) override;
  void write(const std::function<void(Writer&)>& fn, Lane lane) override;
  void migrate(const std::function<void(Writer&)>& fn) override;
  bool exclusively(std::string_view name, const std::function<void()>& fn) override;
  void copy_to(const std::string& file) override;
  Statistics statistics() const override { return {}; }
  std::string check() override;
  bool is_postgres() const override { return false; }
  void close() override { readers_.close(); }

 private:
  ReaderPool readers_;
};

// The sentence for what PRAGMA integrity_check found.
std::string sentence_of(const std::string& finding);

}  // namespace kehai::db::sqlite
