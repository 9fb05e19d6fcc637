#include "platform/dedupe/values.h"

namespace kehai::platform {

namespace {

void add(const base::Value& value, std::vector<std::string>& out) {
  if (value.is_text()) out.push_back(value.as_text());
  if (value.is_int()) out.push_back(std::to_string(value.as_int()));
}

}  // namespace

std::vector<std::string> texts_of(const record::Draft& draft, const std::string& field) {
  std::vector<std::string> out;
  if (const auto one = draft.values.find(field); one != draft.values.end()) add(one->second, out);
  if (const auto many = draft.many.find(field); many != draft.many.end()) {
    for (const auto& value : many->second) add(value, out);
  }
  return out;
}

std::vector<std::string> texts_of(const record::Record& record, const std::string& field) {
  std::vector<std::string> out;
  if (!record.definition().field(field)->multiple) {
    add(record.get(field), out);
    return out;
  }
  for (const auto& value : record.many(field)) add(value, out);
  return out;
}

}  // namespace kehai::platform
