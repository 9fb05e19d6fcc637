// Evaluates typed expressions in memory, with the same answers as SQL: validation rules, automation
// conditions, formula fields, assignment rules. Pure apart from the RecordSource; safe from any
// thread.
#pragma once

#include <functional>

#include "base/time.h"
#include "base/value.h"
#include "query/checker.h"
#include "query/entity.h"
#include "query/expression.h"

namespace kehai::query {

// A record to evaluate over; the record engine implements it (a loaded row, a draft, a before/after
// pair).
class RecordSource {
 public:
  virtual ~RecordSource() = default;
  // The stored value; null when absent.
  virtual base::Value get(const Property& property) const = 0;
  // The record behind a to-one navigation, or null when there is none (or it is deleted or
  // invisible). Lives as long as this source.
  virtual const RecordSource* to_one(const Navigation& navigation) const = 0;
  // Visits the records of a to-many navigation until `each` returns false.
  virtual void to_many(const Navigation& navigation,
                       const std::function<bool(const RecordSource&)>& each) const = 0;
  // The values of a multi-valued property.
  virtual base::Values values(const Property& property) const = 0;
};

// -1, 0 or 1 for two values of one type: nulls lowest, text by code point; the order of both
// databases.
int compare_values(const base::Value& a, const base::Value& b);
// Rows of equally many values, the first that differ decide.
struct ByValue {
  bool operator()(const base::Values& a, const base::Values& b) const;
};

class Evaluator {
 public:
  // Both are borrowed; only zone and fold are read.
  explicit Evaluator(const Environment& environment) : environment_(environment) {}
  bool matches(const Filter& filter, const RecordSource& record) const;
  base::Value value(const ExpressionPtr& expression, const RecordSource& record) const;

 private:
  const Environment& environment_;
};

}  // namespace kehai::query
