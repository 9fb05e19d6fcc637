// Runs scenario files (see scenario_text.h) against the product in this process, each file on a
// fresh database of every kind that this machine offers.
//   scenario_test [FILE OR FOLDER …]      default: tests/scenarios
#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/random.h"
#include "db/test_databases.h"
#include "http/encoding.h"
#include "scenario_match.h"
#include "scenario_text.h"
#include "scenario_world.h"

namespace kehai::scenario {

namespace {

constexpr const char* kPart = "Content-Disposition: form-data; name=";

struct Failure : std::runtime_error {
  Failure(int at, const std::string& reason) : std::runtime_error(reason), line(at) {}
  int line;
};

std::pair<std::string, std::string> split_header(const Line& line) {
  const auto colon = line.rest.find(':');
  if (colon == std::string::npos) throw Failure(line.number, "a header needs a colon");
  return {line.rest.substr(0, colon),
          std::string(http::trim_blanks(std::string_view(line.rest).substr(colon + 1)))};
}

std::string describe(const base::Error& error) {
  std::string out = error.code();
  for (const auto& [name, value] : error.params()) out += " " + name + "=" + value;
  for (const auto& field : error.field_errors()) out += " " + field.field + ":" + field.code;
  return error.detail().empty() ? out : out + " (" + error.detail() + ")";
}

// The body without what differs between two equal answers.
std::string comparable(const http::Response& answer) {
  std::string body = answer.body;
  const std::string key = "\"request_id\":\"";
  const auto at = body.find(key);
  if (at != std::string::npos) {
    const auto end = body.find('"', at + key.size());
    body.erase(at, end - at);
  }
  return std::to_string(answer.status) + "\n" + body;
}

// Answers can be long; what matters is usually at the beginning.
std::string shortened(const std::string& body) {
  constexpr std::size_t kShown = 1500;
  return body.size() <= kShown ? body : body.substr(0, kShown) + " …";
}

class Run {
 public:
  explicit Run(World& world) : world_(world) {
    for (const auto* login : {"admin", "manager", "sales1", "sales2", "viewer", "finance",
                              "manager2", "sales3", "outsider"}) {
      captures_.set(login, base::Json(world.user_id(login)));
    }
  }

  void scenario(const Scenario& scenario) {
    user_ = "admin";
    together_.clear();
    pending_ = false;
    steps(scenario.lines, 0, scenario.lines.size());
    if (pending_) throw Failure(scenario.lines.back().number, "the last request expects nothing");
  }

 private:
  void steps(const std::vector<Line>& lines, std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      if (lines[i].word == "repeat") {
        const auto last = std::find_if(lines.begin() + static_cast<std::ptrdiff_t>(i), lines.end(),
                                       [](const Line& line) { return line.word == "end"; });
        const auto stop = static_cast<std::size_t>(last - lines.begin());
        for (int n = 0; n < std::stoi(lines[i].rest); ++n) {
          captures_.set("n", base::Json(100 + n));
          steps(lines, i + 1, stop);
        }
        i = stop;
        continue;
      }
      try {
        step(lines[i]);
      } catch (const Failure&) {
        throw;
      } catch (const base::Error& error) {
        throw Failure(lines[i].number, "threw " + describe(error));
      } catch (const std::exception& error) {
        throw Failure(lines[i].number, error.what());
      }
    }
  }

  void step(const Line& line) {
    const auto& word = line.word;
    if (word == "as") {
      user_ = line.rest;
    } else if (word == "given") {
      given(line);
    } else if (word == "request") {
      request(line);
    } else if (word == "upload") {
      upload(line);
    } else if (word == "attach") {
      attach(line);
    } else if (word == "with") {
      const auto [name, value] = split_header(line);
      request_.headers.emplace_back(http::to_lower_ascii(name), captures_.in_text(value));
    } else if (word == "basic") {
      request_.headers.emplace_back("authorization",
                                    "Basic " + base64(captures_.in_text(line.rest)));
    } else if (word == "body") {
      request_.body = body_text(line);
    } else if (word == "expect") {
      expect(line);
    } else if (word == "together") {
      std::istringstream users(line.rest);
      together_.assign(std::istream_iterator<std::string>(users), {});
    } else if (word == "advance") {
      advance(line);
    } else if (word == "restart") {
      world_.restart();
    } else if (word == "jobs") {
      world_.run_jobs();
    } else {
      check(line);
    }
  }

  // JSON is filled with captured values; anything else is sent as it stands.
  std::string body_text(const Line& line) {
    if (!line.rest.starts_with('{') && !line.rest.starts_with('['))
      return captures_.in_text(line.rest);
    try {
      return boost::json::serialize(captures_.in_json(base::parse_json(line.rest)));
    } catch (const base::Error&) {
      return line.rest;  // broken on purpose
    }
  }

  void given(const Line& line) {
    const auto brace = line.rest.find('{');
    const auto head = line.rest.substr(0, brace);
    const auto blank = head.find(' ');
    if (head.empty() || head[0] != '$' || blank == std::string::npos ||
        brace == std::string::npos) {
      throw Failure(line.number, "write: given $name collection {json}");
    }
    const std::string collection(http::trim_blanks(std::string_view(head).substr(blank)));
    request_ = {};
    request_.method = "POST";
    request_.path = "/api/v1/" + collection;
    request_.body = body_text({line.number, "body", line.rest.substr(brace)});
    send();
    if (answer_.status != 201)
      throw Failure(line.number, "not created: " + shortened(answer_.body));
    captures_.set(head.substr(1, blank - 1), base::parse_json(answer_.body).as_object().at("id"));
  }

  void request(const Line& line) {
    if (pending_) throw Failure(line.number, "the request before this one expects nothing");
    const auto blank = line.rest.find(' ');
    if (blank == std::string::npos) throw Failure(line.number, "write: request METHOD URL");
    request_ = {};
    request_.method = line.rest.substr(0, blank);
    std::string url =
        captures_.in_text(http::trim_blanks(std::string_view(line.rest).substr(blank)));
    if (url.starts_with("root:")) {
      url = url.substr(5);
    } else if (!url.starts_with("/api/")) {
      url = "/api/v1" + url;
    }
    const auto question = url.find('?');
    const auto path = http::canonical_path(std::string_view(url).substr(0, question));
    if (!path) throw Failure(line.number, "the path is not canonical: " + url);
    request_.target = url;
    request_.path = *path;
    if (question != std::string::npos) add_query(line, std::string_view(url).substr(question + 1));
    pending_ = true;
  }

  // A form as browsers send it.
  void upload(const Line& line) {
    std::istringstream words(line.rest);
    std::string name;
    std::string object;
    if (!(words >> name >> object) || !object.starts_with("object="))
      throw Failure(line.number, "write: upload FILE object=NAME CONTENT");
    std::string content = captures_.in_text(std::string(std::istreambuf_iterator<char>(words), {}));
    content.erase(0, 1);
    for (auto at = content.find("\\n"); at != std::string::npos; at = content.find("\\n", at))
      content.replace(at, 2, "\n");
    request({line.number, "request", "POST /imports"});
    send_form(
        "\"object\"\r\n\r\n" + object.substr(object.find('=') + 1) + "\r\n--scenario\r\n" + kPart,
        name, content);
  }

  void attach(const Line& line) {
    const std::string words = captures_.in_text(line.rest);
    const auto blank = std::min(words.find(' '), words.size());
    const auto name = http::percent_decode(words.substr(0, blank), false);
    const auto content =
        http::percent_decode(words.substr(std::min(blank + 1, words.size())), false);
    if (!name || !content) throw Failure(line.number, "write: attach FILE CONTENT");
    request({line.number, "request", "POST /files"});
    send_form("", *name, *content);
  }

  // A form whose last field is a file; `before`: what comes between its first boundary and it.
  void send_form(const std::string& before, const std::string& name, const std::string& content) {
    request_.headers.emplace_back("content-type", "multipart/form-data; boundary=scenario");
    request_.body = "--scenario\r\n" + std::string(kPart) + before + "\"file\"; filename=\"" +
                    name + "\"\r\nContent-Type: application/octet-stream\r\n\r\n" + content +
                    "\r\n--scenario--\r\n";
  }

  void add_query(const Line& line, std::string_view query) {
    while (!query.empty()) {
      const auto end = std::min(query.find('&'), query.size());
      const auto part = query.substr(0, end);
      query = end == query.size() ? std::string_view() : query.substr(end + 1);
      const auto equals = std::min(part.find('='), part.size());
      const auto name = http::percent_decode(part.substr(0, equals), false);
      const auto value =
          http::percent_decode(part.substr(std::min(equals + 1, part.size())), false);
      if (!name || !value) throw Failure(line.number, "the query is not well formed");
      request_.query.emplace_back(*name, *value);
    }
  }

  void send() {
    if (!request_.body.empty() && request_.header("content-type").empty()) {
      request_.headers.emplace_back("content-type", "application/json");
    }
    answer_ = world_.send(user_, request_);
    if (!answer_.file.empty()) {
      std::ifstream file(answer_.file, std::ios::binary);
      answer_.body.assign(std::istreambuf_iterator<char>(file), {});
    }
    pending_ = false;
  }

  void expect(const Line& line) {
    if (!pending_) throw Failure(line.number, "there is no request");
    if (!together_.empty()) {
      expect_together(line);
      return;
    }
    send();
    if (std::to_string(answer_.status) != line.rest) {
      throw Failure(line.number, "expected " + line.rest + ", got " +
                                     std::to_string(answer_.status) + ": " +
                                     shortened(answer_.body) + last_errors());
    }
  }

  void expect_together(const Line& line) {
    if (!request_.body.empty()) request_.headers.emplace_back("content-type", "application/json");
    std::vector<int> found;
    std::string bodies;
    for (const auto& answer : world_.send_together(std::exchange(together_, {}), request_)) {
      found.push_back(answer.status);
      bodies += "\n      " + shortened(answer.body);
    }
    pending_ = false;
    std::istringstream words(line.rest);
    std::vector<int> expected(std::istream_iterator<int>(words), {});
    std::sort(found.begin(), found.end());
    std::sort(expected.begin(), expected.end());
    if (found != expected)
      throw Failure(line.number, "expected " + line.rest + ", got" + bodies + last_errors());
  }

  std::string last_errors() {
    std::string out;
    for (const auto& entry : world_.take_log()) {
      if (entry.find("\"detail\"") != std::string::npos) out += "\n      " + entry;
    }
    return out;
  }

  static std::string base64(const std::string& text) {
    std::string out = base::base64url(text);
    std::replace(out.begin(), out.end(), '-', '+');
    std::replace(out.begin(), out.end(), '_', '/');
    out.append((4 - out.size() % 4) % 4, '=');
    return out;
  }

  std::vector<const std::string*> answer_headers(const std::string& name) const {
    std::vector<const std::string*> out;
    for (const auto& [key, value] : answer_.headers) {
      if (http::equal_ignoring_case(key, name)) out.push_back(&value);
    }
    return out;
  }

  void check_header(const Line& line) {
    const auto [name, expected] = split_header(line);
    const auto values = answer_headers(name);
    if (values.empty()) throw Failure(line.number, "no header " + name);
    const auto* value = values.front();
    if (expected == "*") return;
    const bool variable =
        expected.size() > 1 && expected[0] == '$' && expected.find(' ') == std::string::npos;
    if (variable && captures_.find(std::string_view(expected).substr(1)) == nullptr) {
      captures_.set(expected.substr(1), base::Json(*value));
    } else if (const auto wanted = captures_.in_text(expected);
               std::none_of(values.begin(), values.end(),
                            [&](const std::string* found) { return *found == wanted; })) {
      throw Failure(line.number, name + ": expected " + wanted + ", got " + *value);
    }
  }

  void check(const Line& line) {
    if (pending_) throw Failure(line.number, "expect comes first");
    const auto& body = answer_.body;
    const std::string text = captures_.in_text(line.rest);
    if (line.word == "json") {
      const auto actual = base::parse_json(body);
      const auto found = difference(base::parse_json(line.rest), &actual, captures_);
      if (!found.empty()) throw Failure(line.number, found + "\n      in " + shortened(body));
    } else if (line.word == "header") {
      check_header(line);
    } else if (line.word == "no") {
      const auto name = text.substr(std::min(text.size(), std::string("header ").size()));
      if (!answer_headers(name).empty()) throw Failure(line.number, "unwanted header " + name);
    } else if (line.word == "absent") {
      if (body.find(text) != std::string::npos)
        throw Failure(line.number, "must not contain " + text + ": " + shortened(body));
    } else if (line.word == "contains") {
      if (body.find(text) == std::string::npos)
        throw Failure(line.number, "must contain " + text + ": " + shortened(body));
    } else if (line.word == "text") {
      if (body != text) throw Failure(line.number, "expected " + text + ", got " + body);
    } else if (line.word == "remember") {
      remembered_[line.rest] = comparable(answer_);
    } else if (line.word == "equals") {
      const auto found = remembered_.find(line.rest);
      if (found == remembered_.end())
        throw Failure(line.number, "nothing is remembered as " + line.rest);
      if (found->second != comparable(answer_)) {
        throw Failure(line.number, "differs:\n      " + shortened(found->second) + "\n      " +
                                       shortened(comparable(answer_)));
      }
    }
  }

  void advance(const Line& line) {
    const auto blank = line.rest.find(' ');
    const auto unit = blank == std::string::npos ? std::string() : line.rest.substr(blank + 1);
    std::int64_t milliseconds = 0;
    if (unit.starts_with("second")) milliseconds = 1'000;
    if (unit.starts_with("minute")) milliseconds = 60'000;
    if (unit.starts_with("hour")) milliseconds = 3'600'000;
    if (unit.starts_with("day")) milliseconds = 86'400'000;
    if (milliseconds == 0) throw Failure(line.number, "write: advance 3 days");
    world_.advance(std::stoll(line.rest) * milliseconds);
  }

  World& world_;
  Captures captures_;
  std::map<std::string, std::string> remembered_;
  std::string user_ = "admin";
  std::vector<std::string> together_;
  http::Request request_;
  http::Response answer_;
  bool pending_ = false;
};

struct Totals {
  int passed = 0;
  int failed = 0;
};

void run_file(const File& file, db::Kind kind, Totals& totals) {
  World world(kind);
  Run run(world);
  for (const auto& scenario : file.scenarios) {
    try {
      run.scenario(scenario);
      ++totals.passed;
    } catch (const Failure& failure) {
      ++totals.failed;
      std::printf("FAILED %s:%d (%s) %s\n    %s\n", file.path.c_str(), failure.line,
                  world.database_name().c_str(), scenario.title.c_str(), failure.what());
    }
  }
}

std::vector<std::string> files_of(const std::vector<std::string>& places) {
  std::vector<std::string> out;
  for (const auto& place : places) {
    if (!std::filesystem::is_directory(place)) {
      out.push_back(place);
      continue;
    }
    for (const auto& entry : std::filesystem::recursive_directory_iterator(place)) {
      if (entry.path().extension() == ".scenario") out.push_back(entry.path().string());
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

int run_all(std::vector<std::string> places) {
  if (places.empty()) places = {"tests/scenarios"};
  const auto files = files_of(places);
  if (files.empty()) {
    std::printf("no scenario files\n");
    return 1;
  }
  Totals totals;
  for (const auto kind : db::test_kinds()) {
    for (const auto& path : files) {
      try {
        run_file(read_file(path), kind, totals);
      } catch (const base::Error& error) {
        ++totals.failed;
        std::printf("FAILED %s: %s\n", path.c_str(), describe(error).c_str());
      } catch (const std::exception& error) {
        ++totals.failed;
        std::printf("FAILED %s: %s\n", path.c_str(), error.what());
      }
      std::fflush(stdout);
    }
  }
  std::printf("%d passed, %d failed\n", totals.passed, totals.failed);
  return totals.failed == 0 ? 0 : 1;
}

}  // namespace

}  // namespace kehai::scenario

int main(int argc, char** argv) {
  return kehai::scenario::run_all(std::vector<std::string>(argv + 1, argv + argc));
}
