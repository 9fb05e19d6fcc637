#include "db/late_rows.h"

#include <algorithm>
#include <compare>
#include <utility>

#include "base/error.h"

namespace kehai::db {

namespace {

// What a transaction remembers is little and asked for often; more than this is a walk.
constexpr std::size_t kMostRemembered = 4000;

// Nulls, then numbers, then text by bytes.
bool comes_before(const Values& a, const Values& b) {
  const auto rank = [](const Value& value) { return value.is_null() ? 0 : value.is_int() ? 1 : 2; };
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    if (rank(a[i]) != rank(b[i])) return rank(a[i]) < rank(b[i]);
    if (a[i] == b[i]) continue;
    return a[i].is_int() ? a[i].as_int() < b[i].as_int() : a[i].as_text() < b[i].as_text();
  }
  return a.size() < b.size();
}

void put_in_order(RowsToInsert& rows) {
  if (rows.insert->in_order()) std::sort(rows.rows.begin(), rows.rows.end(), comes_before);
}

void append_bytes(std::string& out, std::uint64_t number) {
  out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

std::string key_of(const StatementFacts* statement, std::span<const Value> parameters) {
  std::string key;
  append_bytes(key, reinterpret_cast<std::uintptr_t>(statement));
  for (const Value& value : parameters) {
    key += value.is_null() ? 'n' : value.is_int() ? 'i' : 't';
    if (value.is_int()) append_bytes(key, static_cast<std::uint64_t>(value.as_int()));
    if (!value.is_text()) continue;
    append_bytes(key, value.as_text().size());
    key += value.as_text();
  }
  return key;
}

class RememberedRow final : public Row {
 public:
  explicit RememberedRow(const Values& values) : values_(values) {}
  int column_count() const override { return static_cast<int>(values_.size()); }
  bool is_null(int column) const override { return at(column).is_null(); }
  std::int64_t get_int(int column) const override {
    const Value& value = at(column);
    if (value.is_null()) return 0;
    if (!value.is_int()) wrong_type();
    return value.as_int();
  }
  std::string_view get_text(int column) const override {
    const Value& value = at(column);
    if (value.is_null()) return {};
    if (!value.is_text()) wrong_type();
    return value.as_text();
  }
  ValueView view(int column) const override { return at(column); }

 private:
  const Value& at(int column) const {
    if (column < 0 || column >= column_count()) wrong_type();
    return values_[static_cast<std::size_t>(column)];
  }
  [[noreturn]] static void wrong_type() {
    throw base::Error(base::ErrorKind::Internal, "database.wrong_type", {}, "a remembered row");
  }

  const Values& values_;
};

}  // namespace

void LateRows::add(const std::shared_ptr<const RowInsert>& insert, Values row) {
  if (row.size() != insert->columns()) {
    throw base::Error(base::ErrorKind::Internal, "database.parameter_count", {}, insert->table());
  }
  const auto found = std::find_if(waiting_.begin(), waiting_.end(),
                                  [&](const RowsToInsert& rows) { return rows.insert == insert; });
  auto& rows = found == waiting_.end() ? waiting_.emplace_back(RowsToInsert{insert, {}}) : *found;
  rows.rows.push_back(std::move(row));
}

std::vector<RowsToInsert> LateRows::take_for(const StatementFacts& statement) {
  std::vector<RowsToInsert> out;
  for (auto& rows : waiting_) {
    if (statement.names(rows.insert->table_word())) out.push_back(std::move(rows));
  }
  if (out.empty()) return out;
  std::erase_if(waiting_, [](const RowsToInsert& rows) { return rows.insert == nullptr; });
  for (auto& rows : out) put_in_order(rows);
  return out;
}

std::vector<RowsToInsert> LateRows::take_all() {
  for (auto& rows : waiting_) put_in_order(rows);
  return std::exchange(waiting_, {});
}

RememberedRows::Found RememberedRows::find(const std::shared_ptr<const StatementFacts>& statement,
                                           std::span<const Value> parameters) const {
  if (rows_.empty()) return nullptr;
  const auto found = rows_.find(key_of(statement.get(), parameters));
  return found == rows_.end() ? nullptr : found->second.rows;
}

RememberedRows::Found RememberedRows::keep(const std::shared_ptr<const StatementFacts>& statement,
                                           std::span<const Value> parameters,
                                           std::vector<Values> rows) {
  if (rows_.size() >= kMostRemembered) rows_.clear();
  auto found = std::make_shared<const std::vector<Values>>(std::move(rows));
  rows_.insert_or_assign(key_of(statement.get(), parameters), Entry{statement, found});
  return found;
}

void RememberedRows::forget(StatementFacts::Word changed_table) {
  if (changed_table == 0) {
    rows_.clear();
    return;
  }
  std::erase_if(rows_,
                [&](const auto& entry) { return entry.second.statement->names(changed_table); });
}

void each_row(const std::vector<Values>& rows, const RowFunction& each) {
  for (const auto& row : rows) each(RememberedRow(row));
}

}  // namespace kehai::db
