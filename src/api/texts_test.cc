// Every code that the program throws has a text in all three languages.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "base/language.h"

namespace kehai::api {

namespace {

std::string content_of(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

// Names with a dot that stand near an error but are no codes.
const std::set<std::string> kNoCodes = {"user.login", "organisation.name"};

bool is_mail_domain(const std::string& text) {
  static const std::regex kDomain(R"(.*\.(com|net|cn|tw|hk|me|ru|org))");
  return std::regex_match(text, kDomain);
}

// Whether the statement that the literal at `position` belongs to makes an error or a text of one.
bool makes_error(const std::string& source, std::size_t position) {
  constexpr std::size_t kReach = 220;
  const std::size_t from = position > kReach ? position - kReach : 0;
  std::string before = source.substr(from, position - from);
  const auto end = before.find_last_of(";}");
  // The braces of parameter lists belong to the statement.
  if (end != std::string::npos && before.substr(end).find("Error") == std::string::npos &&
      before[end] == ';') {
    before = before.substr(end);
  }
  static const std::regex kMaker(
      R"((Error\w*[ (]|error\(|errors\.push_back|wrong\(|refuse\w*\(|failed\(|fail\(|\.error = |return "|texts?_?\.text\())");
  return std::regex_search(before, kMaker);
}

std::map<std::string, std::string> thrown_codes() {
  static const std::regex kLiteral(R"re("([a-z][a-z0-9_]*\.[a-z0-9_]+(?:\.[a-z0-9_]+)*)")re");
  std::map<std::string, std::string> codes;  // code → file
  for (const auto& entry : std::filesystem::recursive_directory_iterator("src")) {
    const auto& path = entry.path();
    const auto name = path.filename().string();
    if (path.extension() != ".cc" || name.ends_with("_test.cc") || name.ends_with("_bench.cc"))
      continue;
    const auto source = content_of(path);
    for (auto at = std::sregex_iterator(source.begin(), source.end(), kLiteral);
         at != std::sregex_iterator(); ++at) {
      const std::string code = (*at)[1];
      if (kNoCodes.contains(code) || is_mail_domain(code)) continue;
      if (makes_error(source, static_cast<std::size_t>(at->position())))
        codes.emplace(code, path.string());
    }
  }
  return codes;
}

// Literals of all sources between `begin` and the next `end` that are arguments or choices of their
// own.
std::set<std::string> words_between(const std::string& begin, char end) {
  static const std::regex kWord(R"re([?:,]\s+"([a-z_]+)")re");
  std::set<std::string> out;
  for (const auto& entry : std::filesystem::recursive_directory_iterator("src")) {
    if (entry.path().extension() != ".cc") continue;
    const auto source = content_of(entry.path());
    for (std::size_t at = source.find(begin); at != std::string::npos;
         at = source.find(begin, at + 1)) {
      const auto stop = source.find_first_of(std::string{end, ';'}, at + begin.size());
      if (stop == std::string::npos || source[stop] == ';')
        continue;  // the word comes from elsewhere
      const auto part = source.substr(at + begin.size(), stop - at - begin.size());
      for (auto word = std::sregex_iterator(part.begin(), part.end(), kWord);
           word != std::sregex_iterator(); ++word) {
        out.insert((*word)[1]);
      }
    }
  }
  return out;
}

std::set<std::string> placeholders(const std::string& text) {
  static const std::regex kPlaceholder(R"(\{([a-z_]+)\})");
  std::set<std::string> out;
  for (auto at = std::sregex_iterator(text.begin(), text.end(), kPlaceholder);
       at != std::sregex_iterator(); ++at) {
    out.insert((*at)[1]);
  }
  return out;
}

base::JsonObject text_file(std::string_view language) {
  return base::parse_json(content_of("src/base/texts/" + std::string(language) + ".json"))
      .as_object();
}

}  // namespace

TEST_CASE("every code that is thrown has a text in every language") {
  const base::Texts texts;
  const auto codes = thrown_codes();
  // Fewer would mean that the search above has gone blind.
  CHECK(codes.size() > 180);
  CHECK(codes.contains("pool.taken"));
  CHECK(codes.contains("query.unknown_field"));
  CHECK(codes.contains("session.bad_csrf"));
  for (const auto& [code, file] : codes) {
    for (std::size_t i = 0; i < base::kLanguageNames.size(); ++i) {
      const bool found = texts.has(static_cast<base::Language>(i), code);
      CHECK_MESSAGE(found, code << " of " << file << " has no text in " << base::kLanguageNames[i]);
    }
  }
}

TEST_CASE("keys that are put together have texts, too") {
  const base::Texts texts;
  const auto kinds = words_between("platform::notify(", '{');
  CHECK(kinds.contains("assigned"));
  CHECK(kinds.contains("task_due"));
  for (const auto& kind : kinds) {
    CHECK_MESSAGE(texts.has(base::Language::English, "notification." + kind),
                  "notification." << kind << " has no text");
  }
  for (const auto* kind : {"name_exact", "name_norm", "former_name", "uscc", "phone", "email",
                           "similar", "mail_domain", "open_sibling", "public_number"}) {
    CHECK_MESSAGE(texts.has(base::Language::English, std::string("duplicate.evidence.") + kind),
                  kind);
  }
}

TEST_CASE("what the expression language expected is said in the reader's language") {
  const base::Texts texts;
  static const std::regex kPhrase(
      R"re((?:throw_syntax\([^"]*,\s+|throw_mismatch\([^"]*,\s+|expect_identifier\(|path\()"([a-z][^".]{2,})")re");
  const std::set<std::string> same_everywhere = {"with"};  // a word of the language itself
  std::set<std::string> phrases;
  for (const auto& entry : std::filesystem::directory_iterator("src/query")) {
    const auto name = entry.path().filename().string();
    if (entry.path().extension() != ".cc" || name.ends_with("_test.cc")) continue;
    const auto source = content_of(entry.path());
    for (auto at = std::sregex_iterator(source.begin(), source.end(), kPhrase);
         at != std::sregex_iterator(); ++at) {
      phrases.insert((*at)[1]);
    }
  }
  CHECK(phrases.size() > 25);
  for (const auto& phrase : phrases) {
    if (same_everywhere.contains(phrase)) continue;
    CHECK_MESSAGE(texts.has(base::Language::SimplifiedChinese, "query.term." + phrase), phrase);
  }
}

TEST_CASE("the three languages say the same things with the same parameters") {
  const auto chinese = text_file("zh-CN");
  for (const auto language : {"zh-TW", "en"}) {
    const auto other = text_file(language);
    CHECK(other.size() == chinese.size());
    for (const auto& entry : chinese) {
      const auto* translated = other.if_contains(entry.key());
      const std::string key(entry.key());
      REQUIRE_MESSAGE(translated != nullptr, key << " is missing in " << language);
      CHECK_MESSAGE(placeholders(std::string(entry.value().as_string())) ==
                        placeholders(std::string(translated->as_string())),
                    key << " has other parameters in " << language);
      CHECK_MESSAGE(!translated->as_string().empty(), key << " is empty in " << language);
    }
  }
}

TEST_CASE("traditional Chinese holds no simplified characters of everyday words") {
  for (const auto& entry : text_file("zh-TW")) {
    const std::string text(entry.value().as_string());
    for (const auto* simplified :
         {"请", "错", "时间", "权", "记录", "为", "这", "没", "个", "线索", "导", "页", "编"}) {
      // 没 and 為 have traditional forms of their own.
      CHECK_MESSAGE(text.find(simplified) == std::string::npos, std::string(entry.key())
                                                                    << " holds " << simplified);
    }
  }
}

}  // namespace kehai::api
