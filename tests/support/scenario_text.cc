#include "scenario_text.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <stdexcept>
#include <string_view>

namespace kehai::scenario {

namespace {

constexpr std::array<std::string_view, 17> kWords = {
    "scenario", "as",       "given",  "request", "with",   "body",
    "expect",   "json",     "header", "no",      "absent", "contains",
    "text",     "remember", "equals", "advance", "restart"};

[[noreturn]] void fail(const std::string& path, int line, const std::string& reason) {
  throw std::runtime_error(path + ":" + std::to_string(line) + ": " + reason);
}

std::string trimmed(const std::string& text) {
  const auto begin = text.find_first_not_of(" \t\r");
  if (begin == std::string::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

// Opening minus closing brackets outside of strings.
int open_brackets(const std::string& json) {
  int open = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      ++open;
    } else if (c == '}' || c == ']') {
      --open;
    }
  }
  return open;
}

bool takes_json(const std::string& word) {
  return word == "body" || word == "json" || word == "given";
}

bool is_known(const std::string& word) {
  return word == "jobs" || word == "basic" || word == "upload" || word == "attach" ||
         word == "together" || word == "repeat" || word == "end" ||
         std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

}  // namespace

File read_file(const std::string& path) {
  std::ifstream in(path);
  if (!in) fail(path, 0, "cannot be read");
  File file;
  file.path = path;
  std::string raw;
  for (int number = 1; std::getline(in, raw); ++number) {
    const std::string text = trimmed(raw);
    if (text.empty() || text[0] == '#') continue;
    const auto blank = text.find(' ');
    Line line{number, text.substr(0, blank),
              blank == std::string::npos ? "" : trimmed(text.substr(blank + 1))};
    if (!is_known(line.word)) fail(path, number, "unknown word " + line.word);
    if (takes_json(line.word)) {
      while (open_brackets(line.rest) > 0) {
        if (!std::getline(in, raw)) fail(path, line.number, "brackets are not closed");
        ++number;
        line.rest += "\n" + raw;
      }
    }
    if (line.word == "scenario") {
      file.scenarios.push_back({line.rest, number, {}});
      continue;
    }
    if (file.scenarios.empty()) fail(path, number, "the first line must be a scenario");
    file.scenarios.back().lines.push_back(std::move(line));
  }
  if (file.scenarios.empty()) fail(path, 0, "holds no scenario");
  return file;
}

}  // namespace kehai::scenario
