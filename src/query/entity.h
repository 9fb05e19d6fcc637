// What the expression language must know about the objects it speaks of. The record engine
// implements these ports from its definitions; query/ knows no business object.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/value.h"

namespace kehai::query {

// The language's types. Integer storage for all but Text; see base/value.h.
enum class Type {
  Null,  // only the literal null
  Boolean,
  Integer,
  Decimal,  // scaled int64; the scale is part of the type
  Text,
  Date,
  Instant,
  Duration,  // milliseconds; only as a literal or difference
};

struct FieldType {
  Type type = Type::Null;
  int scale = 0;  // Decimal only: digits after the point (money 2, percent 2)
  friend bool operator==(const FieldType&, const FieldType&) = default;
};

struct Property {
  std::string name;  // API name = column name
  FieldType type;
  std::string
      sort_column;  // column that carries the order of text (pinyin key), "" = the column itself
  std::string
      fold_column;  // column that carries case/width/script folding for contains(), "" = none
  bool sortable = true;
  bool filterable = true;  // false: formula evaluated at read time, secret
  bool nullable = true;    // false (id, created_at, …) makes paging by this field cheaper
  // Multi-valued fields live in a child table (record_id, position, value).
  std::string multi_table;
};

class Entity;

struct Navigation {
  std::string name;  // "account", or collection name "opportunities"
  const Entity* target = nullptr;
  bool to_many = false;
  std::string foreign_key;  // to-one: our column holding the target's id; to-many: the target's
                            // column holding our id
};

// The rows of an entity that the caller may reach through navigations: those where one of the
// columns holds one of its values. Without branches there are none.
struct RowAccess {
  struct Branch {
    std::string column;
    std::vector<std::int64_t> values;
  };
  std::vector<Branch> branches;
};

// Lookups return nullptr for names that do not exist *or that the caller may not read*: both give
// the same 400.
class Entity {
 public:
  virtual ~Entity() = default;
  virtual std::string_view name() const = 0;   // "lead"
  virtual std::string_view table() const = 0;  // "lead"
  virtual const Property* property(std::string_view name) const = 0;
  virtual const Navigation* navigation(std::string_view name) const = 0;
  // Has deleted_at: rows with a value are invisible through navigation.
  virtual bool soft_delete() const = 0;
  // nullptr = every row. Rows that are not admitted do not exist for navigations, any/all and
  // $count; the rows of the root itself are the caller's business. Lives as long as the entity.
  virtual const RowAccess* row_access() const { return nullptr; }
};

}  // namespace kehai::query
