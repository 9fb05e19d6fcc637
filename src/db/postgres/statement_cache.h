// Which statements a PostgreSQL connection has prepared. Pure bookkeeping; used by one thread at a
// time.
//
// A statement is prepared with explicit parameter types, so one SQL text may have several variants.
// A null has no type of its own: the first call that has one lets the server choose the type, and
// afterwards a null fits every variant. So a text has one variant in nearly all cases.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/value.h"
#include "db/statement_text.h"

namespace kehai::db::postgres {

using TypeId = unsigned int;  // PostgreSQL's Oid

inline constexpr TypeId kUnknownType = 0;
inline constexpr TypeId kIntegerType = 20;  // int8
inline constexpr TypeId kTextType = 25;

// The type that a parameter is sent with; kUnknownType for null.
TypeId type_of(const base::Value& value);

class StatementCache {
 public:
  struct Variant {
    std::string name;
    std::vector<TypeId> types;  // as the server resolved them
  };
  struct Entry {
    std::string text;      // with ?
    std::string numbered;  // with $1 …
    int parameter_count = 0;
    std::shared_ptr<const StatementFacts> facts;
    std::vector<Variant> variants;
  };

  // Finds or makes the entry and marks it as used last. Entries beyond kCacheSize go; names that
  // the server shall forget are appended to `forgotten`. The reference lives until the next call.
  Entry& entry(std::string_view sql, std::vector<std::string>& forgotten);
  // The variant that these parameters can be sent to; null when none.
  static const Variant* fitting(const Entry& entry, std::span<const base::Value> parameters);
  static void add(Entry& entry, Variant variant, std::vector<std::string>& forgotten);
  // For a preparation that failed.
  void remove(std::string_view sql, std::string_view name);
  std::string new_name();
  void clear();
  std::size_t size() const { return by_text_.size(); }

  static constexpr std::size_t kCacheSize = 256;
  static constexpr std::size_t kVariants = 8;

 private:
  using Entries = std::list<Entry>;
  Entries entries_;                                                  // used last first
  std::unordered_map<std::string_view, Entries::iterator> by_text_;  // keys view into entries_
  std::uint64_t next_name_ = 1;
};

}  // namespace kehai::db::postgres
