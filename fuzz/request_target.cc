#include <algorithm>
#include <array>
#include <map>
#include <stdexcept>
#include <string>

#include "base/error.h"
#include "base/json.h"
#include "base/text/utf8.h"
#include "http/encoding.h"
#include "product_targets.h"
#include "scenario_world.h"

namespace kehai::fuzz {

namespace {

const std::array<std::string, 5> kUsers = {"admin", "manager", "sales1", "sales2", "viewer"};
const std::array<std::string, 6> kMethods = {"GET", "HEAD", "POST", "PATCH", "PUT", "DELETE"};
constexpr std::string_view kBetween = "\n---\n";

void require(bool holds, const std::string& what) {
  if (!holds) throw std::logic_error(what);
}

// The text up to `end`, which is taken off together with it.
std::string_view take(std::string_view& text, std::string_view end) {
  const auto at = std::min(text.find(end), text.size());
  const auto piece = text.substr(0, at);
  text.remove_prefix(std::min(at + end.size(), text.size()));
  return piece;
}

// A company with one record of each kind, whose ids requests name: "$lead", "$sales1", "$last".
class Company {
 public:
  Company() : world_(db::Kind::Sqlite) {
    for (const auto& user : kUsers) ids_[user] = std::to_string(world_.user_id(user));
    make("toy_level", "admin", "/toy_levels", R"({"name":"金"})");
    make("pool", "admin", "/pools", R"({"name":"池","kind":"lead"})");
    make("lead", "sales1", "/leads", R"({"company":"甲公司","mobile":"13700000001"})");
    make("account", "sales1", "/accounts", R"({"name":"乙公司","industry":"internet"})");
    make("contact", "sales1", "/contacts", R"({"name":"王五","account_id":$account})");
    make("task", "sales1", "/tasks", R"({"title":"回电","due_at":"2026-03-02T01:00:00Z"})");
    make("toy_customer", "sales1", "/toy_customers", R"({"name":"丙"})");
    make("toy_ticket", "sales1", "/toy_tickets",
         R"({"title":"丁","customer_id":$toy_customer,"pieces":3})");
  }

  // "user METHOD /path?query", header fields, an empty line, the body; or "jobs".
  void run(std::string_view text) {
    if (text == "jobs") {
      world_.run_jobs();
      return;
    }
    std::string_view line = take(text, "\n");
    const std::string user(take(line, " "));
    http::Request request;
    request.method = std::string(take(line, " "));
    if (std::find(kMethods.begin(), kMethods.end(), request.method) == kMethods.end()) return;
    if (!set_target(request, filled(line))) return;
    while (!text.empty()) {
      std::string_view field = take(text, "\n");
      if (field.empty()) break;
      const std::string name = http::to_lower_ascii(take(field, ": "));
      request.headers.emplace_back(name, field);
    }
    request.body = filled(text);
    if (!request.body.empty() && request.header("content-type").empty())
      request.headers.emplace_back("content-type", "application/json");
    check(user, request);
  }

 private:
  void make(const std::string& name, const std::string& user, std::string_view path,
            std::string_view body) {
    run(user + " POST " + std::string(path) + "\n\n" + std::string(body));
    require(ids_.contains("last"), name + " is not made: " + answer_);
    ids_[name] = ids_["last"];
    ids_.erase("last");
  }

  std::string filled(std::string_view text) const {
    std::string out;
    while (!text.empty()) {
      out += take(text, "$");
      if (text.empty()) break;
      std::size_t end = 0;
      while (end < text.size() && (text[end] == '_' || (text[end] >= 'a' && text[end] <= 'z') ||
                                   (text[end] >= '0' && text[end] <= '9')))
        ++end;
      const auto known = ids_.find(std::string(text.substr(0, end)));
      out += known == ids_.end() ? "$" + std::string(text.substr(0, end)) : known->second;
      text.remove_prefix(end);
    }
    return out;
  }

  // False for what the gate of the server refuses, and for sign-ins: they cost what passwords cost.
  bool set_target(http::Request& request, const std::string& url) const {
    request.target = "/api/v1" + url;
    const auto question = request.target.find('?');
    const auto path = http::canonical_path(std::string_view(request.target).substr(0, question));
    if (!path || path->starts_with("/api/v1/session")) return false;
    request.path = *path;
    if (question == std::string::npos) return true;
    auto query = http::parse_query(std::string_view(request.target).substr(question + 1));
    if (query) request.query = std::move(*query);
    return query.has_value();
  }

  void check(const std::string& user, const http::Request& request) {
    const bool known = std::find(kUsers.begin(), kUsers.end(), user) != kUsers.end();
    const http::Response answer = world_.send(known ? user : "nobody", request);
    answer_ = answer.body;
    std::string log;
    for (const auto& entry : world_.take_log()) log += entry + "\n";
    // The one action of the toys that fails on purpose.
    const bool on_purpose = log.find("top secret detail") != std::string::npos;
    require(answer.status < 500 || answer.status == 501 || on_purpose,
            std::to_string(answer.status) + " " + answer.body + "\n" + log);
    bool json = false;
    for (const auto& [name, value] : answer.headers) {
      require(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos,
              "a header with a line break: " + name);
      json = json || (name == "Content-Type" && value.find("json") != std::string::npos);
    }
    if (json) read(answer);
  }

  void read(const http::Response& answer) {
    require(text::is_valid_utf8(answer.body), "an answer that is no UTF-8");
    const base::Json body = base::parse_json(answer.body);
    if (answer.status != 201 || !body.is_object()) return;
    const auto* id = body.get_object().if_contains("id");
    if (id != nullptr && id->is_int64()) ids_["last"] = std::to_string(id->get_int64());
  }

  scenario::World world_;
  std::map<std::string, std::string> ids_;
  std::string answer_;
};

}  // namespace

void fuzz_requests(std::string_view bytes) {
  static Company company;  // what requests change stays changed
  while (!bytes.empty()) company.run(take(bytes, kBetween));
}

}  // namespace kehai::fuzz
