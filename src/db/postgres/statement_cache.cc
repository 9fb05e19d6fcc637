#include "db/postgres/statement_cache.h"

#include <utility>

#include "db/statement_text.h"

namespace kehai::db::postgres {

TypeId type_of(const base::Value& value) {
  if (value.is_null()) return kUnknownType;
  return value.is_int() ? kIntegerType : kTextType;
}

StatementCache::Entry& StatementCache::entry(std::string_view sql,
                                             std::vector<std::string>& forgotten) {
  if (const auto found = by_text_.find(sql); found != by_text_.end()) {
    entries_.splice(entries_.begin(), entries_, found->second);
    return entries_.front();
  }
  refuse_transaction_control(sql);
  NumberedSql numbered = number_placeholders(sql);
  entries_.push_front(Entry{std::string(sql),
                            std::move(numbered.sql),
                            numbered.parameter_count,
                            std::make_shared<const StatementFacts>(sql),
                            {}});
  by_text_.emplace(entries_.front().text, entries_.begin());
  while (by_text_.size() > kCacheSize) {
    for (Variant& variant : entries_.back().variants) forgotten.push_back(std::move(variant.name));
    by_text_.erase(entries_.back().text);
    entries_.pop_back();
  }
  return entries_.front();
}

const StatementCache::Variant* StatementCache::fitting(const Entry& entry,
                                                       std::span<const base::Value> parameters) {
  for (const Variant& variant : entry.variants) {
    bool fits = true;
    for (std::size_t i = 0; i < parameters.size() && fits; ++i) {
      const TypeId type = type_of(parameters[i]);
      fits = type == kUnknownType || type == variant.types[i];
    }
    if (fits) return &variant;
  }
  return nullptr;
}

void StatementCache::add(Entry& entry, Variant variant, std::vector<std::string>& forgotten) {
  if (entry.variants.size() >= kVariants) {
    forgotten.push_back(std::move(entry.variants.front().name));
    entry.variants.erase(entry.variants.begin());
  }
  entry.variants.push_back(std::move(variant));
}

void StatementCache::remove(std::string_view sql, std::string_view name) {
  const auto found = by_text_.find(sql);
  if (found == by_text_.end()) return;
  std::erase_if(found->second->variants,
                [name](const Variant& variant) { return variant.name == name; });
}

std::string StatementCache::new_name() {
  return "k" + std::to_string(next_name_++);
}

void StatementCache::clear() {
  by_text_.clear();
  entries_.clear();
}

}  // namespace kehai::db::postgres
