// The three languages of the product and texts that exist in all of them.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/json.h"

namespace kehai::base {

enum class Language { SimplifiedChinese, TraditionalChinese, English };
constexpr std::array<std::string_view, 3> kLanguageNames = {"zh-CN", "zh-TW", "en"};

std::string_view language_name(Language language);
// Best match for a tag ("zh-Hant-HK" → zh-TW, "de" → fallback).
Language parse_language(std::string_view tag, Language fallback = Language::SimplifiedChinese);

struct Labels {
  std::array<std::string, 3> texts;
  const std::string& in(Language language) const {
    return texts[static_cast<std::size_t>(language)];
  }
  bool empty() const { return texts[0].empty(); }
  // {"zh-CN": …, "zh-TW": …, "en": …}, or one string for all.
  static Labels from_json(const Json& json);
};

// Message texts by key ("pool.taken") with {name} placeholders; read once from
// src/base/texts/*.json, embedded at build time. Immutable after construction.
class Texts {
 public:
  Texts();
  // The key itself when there is no such text; a test proves that every code that the program
  // throws has one.
  std::string text(Language language, std::string_view key, const Params& params = {}) const;
  bool has(Language language, std::string_view key) const;

 private:
  std::array<JsonObject, 3> texts_;
};

}  // namespace kehai::base
