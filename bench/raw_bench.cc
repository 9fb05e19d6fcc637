// The floor under a list page: the statements of one page through the database's own C interface,
// the rows written as JSON, nothing else. Run by bin/bench beside the server on the same data.
//
//   raw_bench sqlite FILE     OWNER DEPARTMENTS SECONDS
//   raw_bench postgres URL    OWNER DEPARTMENTS SECONDS     departments with commas
// Prints {"own": {"cpu": µs per page, "pages": n}, "department": …, "all": …}. CPU is this
// process's: on PostgreSQL without the server's, as bin/bench measures Kehai. No threads.
#include <libpq-fe.h>
#include <sqlite3.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using Key = std::pair<long long, long long>;  // updated_at, id
constexpr std::string_view kOrder = " ORDER BY updated_at DESC, id DESC LIMIT 51";

void append_text(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(c));
      out += escaped;
    } else {
      out += c;
    }
  }
  out += '"';
}

// One prepared statement's rows, as JSON or as keys; parameters are integers.
class Source {
 public:
  virtual ~Source() = default;
  virtual void json(const std::string& sql, const std::vector<long long>& parameters,
                    std::string& out) = 0;
  virtual void keys(const std::string& sql, long long parameter, std::vector<Key>& out) = 0;
  virtual void begin() = 0;
  virtual void end() = 0;
};

class Sqlite : public Source {
 public:
  explicit Sqlite(const char* file) {
    if (sqlite3_open_v2(file, &database_, SQLITE_OPEN_READONLY, nullptr) != SQLITE_OK)
      throw std::runtime_error(sqlite3_errmsg(database_));
    sqlite3_exec(database_, "PRAGMA cache_size=-16384", nullptr, nullptr, nullptr);
  }
  ~Sqlite() override {
    for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
    sqlite3_close(database_);
  }
  void json(const std::string& sql, const std::vector<long long>& parameters,
            std::string& out) override {
    sqlite3_stmt* statement = prepare(sql);
    for (std::size_t i = 0; i < parameters.size(); ++i)
      sqlite3_bind_int64(statement, static_cast<int>(i) + 1, parameters[i]);
    const int columns = sqlite3_column_count(statement);
    while (sqlite3_step(statement) == SQLITE_ROW) {
      out += '{';
      for (int i = 0; i < columns; ++i) {
        append_text(out, sqlite3_column_name(statement, i));
        out += ':';
        const int type = sqlite3_column_type(statement, i);
        if (type == SQLITE_NULL) out += "null";
        if (type == SQLITE_INTEGER) out += std::to_string(sqlite3_column_int64(statement, i));
        if (type == SQLITE_TEXT)
          append_text(out, reinterpret_cast<const char*>(sqlite3_column_text(statement, i)));
        out += i + 1 < columns ? ',' : '}';
      }
    }
    sqlite3_reset(statement);
  }
  void keys(const std::string& sql, long long parameter, std::vector<Key>& out) override {
    sqlite3_stmt* statement = prepare(sql);
    sqlite3_bind_int64(statement, 1, parameter);
    while (sqlite3_step(statement) == SQLITE_ROW)
      out.emplace_back(sqlite3_column_int64(statement, 0), sqlite3_column_int64(statement, 1));
    sqlite3_reset(statement);
  }
  void begin() override { sqlite3_exec(database_, "BEGIN", nullptr, nullptr, nullptr); }
  void end() override { sqlite3_exec(database_, "COMMIT", nullptr, nullptr, nullptr); }

 private:
  sqlite3_stmt* prepare(const std::string& sql) {
    auto& statement = statements_[sql];
    if (statement == nullptr &&
        sqlite3_prepare_v2(database_, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK)
      throw std::runtime_error(sqlite3_errmsg(database_));
    return statement;
  }
  sqlite3* database_ = nullptr;
  std::map<std::string, sqlite3_stmt*> statements_;
};

class Postgres : public Source {
 public:
  explicit Postgres(const char* url) : connection_(PQconnectdb(url)) {
    if (PQstatus(connection_) != CONNECTION_OK)
      throw std::runtime_error(PQerrorMessage(connection_));
  }
  ~Postgres() override { PQfinish(connection_); }
  void json(const std::string& sql, const std::vector<long long>& parameters,
            std::string& out) override {
    const Result result = run(sql, parameters);
    const int columns = PQnfields(result.get());
    for (int row = 0; row < PQntuples(result.get()); ++row) {
      out += '{';
      for (int i = 0; i < columns; ++i) {
        append_text(out, PQfname(result.get(), i));
        out += ':';
        const char* value = PQgetvalue(result.get(), row, i);
        constexpr Oid kBigint = 20;
        if (PQgetisnull(result.get(), row, i) == 1) {
          out += "null";
        } else if (PQftype(result.get(), i) == kBigint) {
          out += value;
        } else {
          append_text(out, value);
        }
        out += i + 1 < columns ? ',' : '}';
      }
    }
  }
  void keys(const std::string& sql, long long parameter, std::vector<Key>& out) override {
    const Result result = run(sql, {parameter});
    for (int row = 0; row < PQntuples(result.get()); ++row)
      out.emplace_back(std::atoll(PQgetvalue(result.get(), row, 0)),
                       std::atoll(PQgetvalue(result.get(), row, 1)));
  }
  void begin() override { PQclear(PQexec(connection_, "BEGIN")); }
  void end() override { PQclear(PQexec(connection_, "COMMIT")); }

 private:
  struct Clear {
    void operator()(PGresult* result) const { PQclear(result); }
  };
  using Result = std::unique_ptr<PGresult, Clear>;

  Result run(const std::string& sql, const std::vector<long long>& parameters) {
    auto& name = names_[sql];
    if (name.empty()) {
      name = "s" + std::to_string(names_.size());
      std::string numbered;
      int next = 1;
      for (const char c : sql)
        c == '?' ? numbered += "$" + std::to_string(next++) + "::bigint" : numbered += c;
      PQclear(PQprepare(connection_, name.c_str(), numbered.c_str(), 0, nullptr));
    }
    std::vector<std::string> texts;
    for (const long long parameter : parameters) texts.push_back(std::to_string(parameter));
    std::vector<const char*> values;
    for (const auto& text : texts) values.push_back(text.c_str());
    Result result(PQexecPrepared(connection_, name.c_str(), static_cast<int>(values.size()),
                                 values.data(), nullptr, nullptr, 0));
    if (PQresultStatus(result.get()) != PGRES_TUPLES_OK)
      throw std::runtime_error(PQerrorMessage(connection_));
    return result;
  }
  PGconn* connection_;
  std::map<std::string, std::string> names_;
};

// Nulls do not occur in updated_at; PostgreSQL's indexes are written with them lowest.
std::string ordered(bool postgres) {
  return postgres ? " ORDER BY updated_at DESC NULLS LAST, id DESC NULLS LAST LIMIT 51"
                  : std::string(kOrder);
}

// The newest rows of several departments: keys of each, merged, then the rows.
void department_page(Source& source, const std::string& order,
                     const std::vector<long long>& departments, std::string& out) {
  std::vector<Key> keys;
  for (const long long department : departments) {
    source.keys(
        "SELECT updated_at, id FROM account WHERE deleted_at IS NULL AND "
        "scope_department_id = ?" +
            order,
        department, keys);
  }
  std::sort(keys.begin(), keys.end(), std::greater<>());
  if (keys.size() > 50) keys.resize(50);
  std::string sql = "SELECT * FROM account WHERE id IN (";
  std::vector<long long> ids;
  for (const auto& [updated, id] : keys) {
    sql += ids.empty() ? "?" : ", ?";
    ids.push_back(id);
  }
  source.json(sql + ")", ids, out);
}

double cpu_microseconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

void measure(const char* name, Source& source, double seconds,
             const std::function<void(std::string&)>& page, bool last) {
  std::string out;
  for (int i = 0; i < 20; ++i) page(out);  // caches and plans
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  const double before = cpu_microseconds();
  long pages = 0;
  while (std::chrono::steady_clock::now() < end) {
    out.clear();
    source.begin();
    page(out);
    source.end();
    ++pages;
  }
  std::printf("\"%s\": {\"cpu\": %.1f, \"pages\": %ld}%s", name,
              (cpu_microseconds() - before) / static_cast<double>(pages), pages, last ? "" : ", ");
}

}  // namespace

int main(int count, char** arguments) try {
  if (count != 6) {
    std::fprintf(stderr, "usage: raw_bench sqlite|postgres FILE|URL OWNER DEPARTMENTS SECONDS\n");
    return 2;
  }
  const bool postgres = std::string_view(arguments[1]) == "postgres";
  std::unique_ptr<Source> source;
  if (postgres) {
    source = std::make_unique<Postgres>(arguments[2]);
  } else {
    source = std::make_unique<Sqlite>(arguments[2]);
  }
  const long long owner = std::atoll(arguments[3]);
  std::vector<long long> departments;
  for (const char* at = arguments[4]; *at != '\0';) {
    char* end = nullptr;
    departments.push_back(std::strtoll(at, &end, 10));
    at = *end == ',' ? end + 1 : end;
  }
  const double seconds = std::atof(arguments[5]);
  const std::string order = ordered(postgres);
  const std::string rows = "SELECT * FROM account WHERE deleted_at IS NULL";
  std::printf("{");
  measure(
      "own", *source, seconds,
      [&](std::string& out) { source->json(rows + " AND owner_id = ?" + order, {owner}, out); },
      false);
  measure(
      "department", *source, seconds,
      [&](std::string& out) { department_page(*source, order, departments, out); }, false);
  measure(
      "all", *source, seconds, [&](std::string& out) { source->json(rows + order, {}, out); },
      true);
  std::printf("}\n");
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "raw_bench: %s\n", error.what());
  return 1;
}
