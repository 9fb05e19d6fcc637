#include "base/language.h"

#include "base/embedded_texts.h"

namespace kehai::base {

std::string_view language_name(Language language) {
  return kLanguageNames[static_cast<std::size_t>(language)];
}

Language parse_language(std::string_view tag, Language fallback) {
  const auto starts = [&](std::string_view prefix) {
    return tag.substr(0, prefix.size()) == prefix;
  };
  if (starts("zh-TW") || starts("zh-Hant") || starts("zh-HK") || starts("zh-MO")) {
    return Language::TraditionalChinese;
  }
  if (starts("zh")) return Language::SimplifiedChinese;
  if (starts("en")) return Language::English;
  return fallback;
}

Labels Labels::from_json(const Json& json) {
  Labels labels;
  if (json.is_string()) {
    labels.texts.fill(std::string(json.get_string()));
  } else if (const auto* object = json.if_object()) {
    for (std::size_t i = 0; i < kLanguageNames.size(); ++i) {
      labels.texts[i] = json_text(*object, kLanguageNames[i]);
    }
  }
  return labels;
}

Texts::Texts() {
  const std::string_view sources[] = {embedded_texts_zh_cn(), embedded_texts_zh_tw(),
                                      embedded_texts_en()};
  for (std::size_t i = 0; i < texts_.size(); ++i) texts_[i] = parse_json(sources[i]).as_object();
}

bool Texts::has(Language language, std::string_view key) const {
  return texts_[static_cast<std::size_t>(language)].contains(key);
}

std::string Texts::text(Language language, std::string_view key, const Params& params) const {
  const auto* found = texts_[static_cast<std::size_t>(language)].if_contains(key);
  if (found == nullptr || !found->is_string()) return std::string(key);
  const std::string_view pattern = found->get_string();
  std::string out;
  for (std::size_t i = 0; i < pattern.size();) {
    const std::size_t open = pattern.find('{', i);
    const std::size_t close = open == std::string_view::npos ? open : pattern.find('}', open);
    if (close == std::string_view::npos) {
      out.append(pattern.substr(i));
      break;
    }
    out.append(pattern.substr(i, open - i));
    const auto param = params.find(std::string(pattern.substr(open + 1, close - open - 1)));
    if (param != params.end()) out.append(param->second);
    i = close + 1;
  }
  return out;
}

}  // namespace kehai::base
