#include "record/record.h"

#include "base/error.h"

namespace kehai::record {

std::size_t Record::index(std::string_view field) const {
  const int found = definition_->field_index(field);
  if (found < 0) {
    throw base::Error(base::ErrorKind::Internal, "internal", {},
                      definition_->name + " has no field " + std::string(field));
  }
  return static_cast<std::size_t>(found);
}

const Value& Record::get(std::string_view field) const {
  return values_[index(field)];
}

void Record::set(std::string_view field, Value value) {
  values_[index(field)] = std::move(value);
}

const Values& Record::many(std::string_view field) const {
  return many_at(index(field));
}

const Values& Record::many_at(std::size_t index) const {
  static const Values kNone;
  if (many_.empty()) return kNone;
  const auto found = many_.find(index);
  return found == many_.end() ? kNone : found->second;
}

void Record::set_many(std::string_view field, Values values) {
  many_[index(field)] = std::move(values);
}

}  // namespace kehai::record
