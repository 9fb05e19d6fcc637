// One record as the evaluator of expressions sees it. Navigation is not followed: for rules that
// speak of the record itself.
#pragma once

#include "query/evaluate.h"
#include "record/record.h"

namespace kehai::record {

// Borrows the record. Used by one thread.
class RecordView : public query::RecordSource {
 public:
  explicit RecordView(const Record& record) : record_(record) {}
  Value get(const query::Property& property) const override { return record_.get(property.name); }
  const query::RecordSource* to_one(const query::Navigation&) const override { return nullptr; }
  void to_many(const query::Navigation&,
               const std::function<bool(const query::RecordSource&)>&) const override {}
  Values values(const query::Property& property) const override {
    return record_.many(property.name);
  }

  const Record& record() const { return record_; }

 private:
  const Record& record_;
};

}  // namespace kehai::record
