// Event streams and repeated posts under concurrency and crashes, against the whole application.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "api/events.h"
#include "api/replay.h"
#include "db/table.h"
#include "record/tx.h"
#include "scenario_world.h"

namespace kehai::api {

namespace {

using scenario::World;

// What a browser would receive.
class Receiver : public http::EventStream {
 public:
  bool write(std::string_view chunk) override {
    const std::lock_guard lock(mutex_);
    if (!open_) return false;
    text_ += chunk;
    changed_.notify_all();
    return true;
  }
  void close() override {
    const std::lock_guard lock(mutex_);
    open_ = false;
    changed_.notify_all();
  }
  bool is_open() const override {
    const std::lock_guard lock(mutex_);
    return open_;
  }
  bool wait_for(const std::string& text) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience,
                             [&] { return text_.find(text) != std::string::npos; });
  }
  bool wait_for_end() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] { return !open_; });
  }
  std::string text() const {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  static constexpr std::chrono::seconds kPatience{10};
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::string text_;
  bool open_ = true;
};

http::Request request(std::string method, std::string path, std::string body = {},
                      http::Headers headers = {}) {
  http::Request out;
  out.method = std::move(method);
  out.path = "/api/v1" + path;
  out.body = std::move(body);
  out.headers = std::move(headers);
  out.headers.emplace_back("content-type", "application/json");
  return out;
}

std::shared_ptr<Receiver> listen(World& world, const std::string& user) {
  const auto response = world.send(user, request("GET", "/events"));
  REQUIRE(response.status == 200);
  REQUIRE(response.stream != nullptr);
  auto receiver = std::make_shared<Receiver>();
  response.stream(receiver);
  REQUIRE(receiver->wait_for("retry:"));
  return receiver;
}

std::string header_of(const http::Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return {};
}

std::int64_t create(World& world, const std::string& user, const std::string& body) {
  const auto response = world.send(user, request("POST", "/toy_tickets", body));
  REQUIRE_MESSAGE(response.status == 201, response.body);
  return base::parse_json(response.body).as_object().at("id").as_int64();
}

std::int64_t count(World& world, const std::string& user) {
  return std::stoll(world.send(user, request("GET", "/toy_tickets/$count")).body);
}

}  // namespace

TEST_CASE("a change is told to those who may see it, and to nobody else") {
  World world(db::Kind::Sqlite);
  const auto owner = listen(world, "sales1");
  const auto manager = listen(world, "manager");
  const auto colleague = listen(world, "sales2");
  const auto outsider = listen(world, "outsider");
  const auto id = std::to_string(create(world, "sales1", R"({"title":"甲"})"));
  const std::string event = "event: record\ndata: {\"object\":\"toy_ticket\",\"id\":" + id +
                            ",\"version\":1,\"kind\":\"created\"}";
  CHECK(owner->wait_for(event));
  CHECK(manager->wait_for(event));
  // A later event that everybody sees proves that the first one has been handed out.
  const auto level = world.send("admin", request("POST", "/toy_levels", R"({"name":"金"})"));
  REQUIRE(level.status == 201);
  for (const auto& receiver : {colleague, outsider}) {
    REQUIRE(receiver->wait_for("\"object\":\"toy_level\""));
    CHECK(receiver->text().find("toy_ticket") == std::string::npos);
  }
}

TEST_CASE("deleting and messages to one person") {
  World world(db::Kind::Sqlite);
  const auto id = std::to_string(create(world, "sales1", R"({"title":"甲"})"));
  const auto owner = listen(world, "sales1");
  const auto colleague = listen(world, "sales2");
  REQUIRE(world.send("sales1", request("DELETE", "/toy_tickets/" + id, {}, {{"if-match", "*"}}))
              .status == 204);
  CHECK(owner->wait_for("\"id\":" + id + ",\"version\":2,\"kind\":\"deleted\""));
  auto& hub = world.application().events();
  hub.publish(world.user_id("sales2"), "notification", R"({"text":"hallo"})");
  CHECK(colleague->wait_for("event: notification\ndata: {\"text\":\"hallo\"}\n\n"));
  CHECK(colleague->text().find("toy_ticket") == std::string::npos);
  CHECK(owner->text().find("hallo") == std::string::npos);
}

TEST_CASE("a session that ends takes its stream with it, within a second") {
  World world(db::Kind::Sqlite);
  const auto leaver = listen(world, "sales1");
  const auto stayer = listen(world, "sales2");
  REQUIRE(world.send("sales1", request("POST", "/session/sign_out_everywhere")).status == 204);
  CHECK(leaver->wait_for_end());
  CHECK(stayer->is_open());
}

TEST_CASE("a change of rights is announced and holds for what follows") {
  World world(db::Kind::Sqlite);
  const auto colleague = listen(world, "sales2");
  const auto roles = world.send("admin", request("GET", "/roles"));
  std::string id;
  const auto list = base::parse_json(roles.body);
  for (const auto& role : list.as_object().at("value").as_array()) {
    if (role.as_object().at("name").as_string() == "sales")
      id = std::to_string(role.as_object().at("id").as_int64());
  }
  const auto changed = world.send(
      "admin",
      request("PUT", "/roles/" + id + "/rights",
              R"({"objects":[{"object":"toy_ticket","actions":["read"],"scope":"all"}]})"));
  REQUIRE_MESSAGE(changed.status == 200, changed.body);
  world.advance(1000);
  CHECK(colleague->wait_for("event: access\n"));
  const auto ticket = std::to_string(create(world, "manager", R"({"title":"新"})"));
  CHECK(colleague->wait_for("\"id\":" + ticket));
}

TEST_CASE("streams of one person are limited") {
  World world(db::Kind::Sqlite);
  std::vector<std::shared_ptr<Receiver>> open;
  for (int i = 0; i < 8; ++i) open.push_back(listen(world, "sales1"));
  const auto refused = world.send("sales1", request("GET", "/events"));
  CHECK(refused.status == 429);
  CHECK(refused.body.find("events.too_many") != std::string::npos);
  open.front()->close();
  CHECK(world.send("sales1", request("GET", "/events")).status == 200);
}

TEST_CASE("equal posts at the same moment do their work once") {
  for (const auto kind : db::test_kinds()) {
    World world(kind);
    REQUIRE(count(world, "sales1") == 0);
    constexpr int kThreads = 8;
    std::vector<std::string> bodies(kThreads);
    std::vector<int> statuses(kThreads);
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        const auto answer = world.send(
            "sales1",
            request("POST", "/toy_tickets", R"({"title":"一次"})", {{"idempotency-key", "same"}}));
        bodies[static_cast<std::size_t>(i)] = answer.body;
        statuses[static_cast<std::size_t>(i)] = answer.status;
      });
    }
    for (auto& thread : threads) thread.join();
    for (int i = 0; i < kThreads; ++i) {
      CHECK(statuses[static_cast<std::size_t>(i)] == 201);
      CHECK(bodies[static_cast<std::size_t>(i)] == bodies[0]);
    }
    CHECK(count(world, "sales1") == 1);
  }
}

// The row of a key as a crash leaves it: the work is committed, the answer was not kept.
TEST_CASE("a crash between commit and answer does not repeat the work") {
  World world(db::Kind::Sqlite);
  const auto post = [&] {
    return world.send("sales1", request("POST", "/toy_tickets", R"({"title":"一次"})",
                                        {{"idempotency-key", "k"}}));
  };
  const auto first = post();
  REQUIRE(first.status == 201);
  const db::Table table("idempotency");
  world.application().database().write([&](db::Writer& writer) {
    const auto changed =
        table.update(writer, {{"state", base::Value("written")}, {"body", base::Value()}},
                     {{"key", db::Compare::Equal, base::Value("k")}});
    REQUIRE(changed == 1);
  });
  world.restart();
  const auto second = post();
  CHECK(second.status == 201);
  CHECK(base::parse_json(second.body).as_object().at("id") ==
        base::parse_json(first.body).as_object().at("id"));
  CHECK(count(world, "sales1") == 1);
}

TEST_CASE("a crash before the commit leaves the key free") {
  World world(db::Kind::Sqlite);
  REQUIRE(count(world, "sales1") == 0);
  const auto post = [&] {
    return world.send("sales1", request("POST", "/toy_tickets", R"({"title":"一次"})",
                                        {{"idempotency-key", "k"}}));
  };
  REQUIRE(post().status == 201);
  const db::Table table("idempotency");
  world.application().database().write([&](db::Writer& writer) {
    table.update(writer, {{"state", base::Value("running")}},
                 {{"key", db::Compare::Equal, base::Value("k")}});
  });
  world.restart();
  CHECK(post().status == 201);
  CHECK(count(world, "sales1") == 2);
}

TEST_CASE("the log says who, what and how long, and no secret") {
  World world(db::Kind::Sqlite);
  world.send("sales1", request("GET", "/session"));
  world.take_log();
  world.send("nobody",
             request("POST", "/session", R"({"login":"sales1","password":"wrong-secret"})"));
  auto with_query = request("GET", "/toy_tickets");
  with_query.query = {{"$filter", "title eq 'private'"}};
  world.send("sales1", with_query);
  const auto log = world.take_log();
  REQUIRE(log.size() == 2);
  const auto line = base::parse_json(log[1]).as_object();
  CHECK(line.at("kind").as_string() == "access");
  CHECK(line.at("method").as_string() == "GET");
  CHECK(line.at("route").as_string() == "/{collection}");
  CHECK(line.at("status").as_int64() == 200);
  CHECK(line.at("user_id").as_int64() == world.user_id("sales1"));
  CHECK(line.at("request_id").as_string().size() >= 16);
  CHECK(base::parse_json(log[0]).as_object().at("code").as_string() == "session.bad_credentials");
  for (const auto& entry : log) {
    for (const auto* secret : {"wrong-secret", "private", "kehai_session"}) {
      CHECK(entry.find(secret) == std::string::npos);
    }
  }
}

TEST_CASE("a new installation is set up once, with the secret of its console") {
  World world(db::Kind::Sqlite, false);
  const auto before = world.send("nobody", request("GET", "/session"));
  CHECK(before.status == 401);
  CHECK(base::parse_json(before.body).as_object().at("setup_required").as_bool());
  const auto set_up = [&](const std::string& token) {
    base::JsonObject body{{"token", token},  {"organisation", "杭州玩具"},   {"name", "老板"},
                          {"login", "boss"}, {"password", "Quiet-River-91"}, {"language", "zh-TW"}};
    return world.send("nobody", request("POST", "/session/setup", boost::json::serialize(body)));
  };
  CHECK(set_up("guess").status == 403);
  const auto token = world.application().identity().make_setup_token();
  const auto done = set_up(token);
  REQUIRE_MESSAGE(done.status == 201, done.body);
  const auto session = base::parse_json(done.body).as_object();
  CHECK(session.at("organisation").as_object().at("name").as_string() == "杭州玩具");
  CHECK(session.at("user").as_object().at("is_admin").as_bool());
  CHECK(session.at("user").as_object().at("language").as_string() == "zh-TW");
  CHECK(header_of(done, "Set-Cookie").starts_with("kehai_session="));
  CHECK(set_up(token).status == 409);
  const auto after = world.send("nobody", request("GET", "/session"));
  CHECK(after.body.find("setup_required") == std::string::npos);
}

TEST_CASE("under TLS the cookie is bound to the host and only that one counts") {
  World world(db::Kind::Sqlite);
  world.send("sales1", request("GET", "/session"));  // has a password from now on
  auto sign_in = request("POST", "/session", R"({"login":"sales1","password":"Green-Lantern-27"})");
  sign_in.tls = true;
  const auto answer = world.send("nobody", sign_in);
  REQUIRE(answer.status == 200);
  const auto cookie = header_of(answer, "Set-Cookie");
  REQUIRE(cookie.starts_with("__Host-kehai_session="));
  CHECK(cookie.ends_with("; Secure"));
  CHECK(header_of(answer, "Strict-Transport-Security").starts_with("max-age="));
  const auto pair = cookie.substr(0, cookie.find(';'));
  const auto token = pair.substr(pair.find('=') + 1);
  const auto status = [&](bool tls, const std::string& value) {
    auto get = request("GET", "/session", {}, {{"cookie", value}});
    get.tls = tls;
    return world.send("nobody", get).status;
  };
  CHECK(status(true, pair) == 200);
  CHECK(status(true, "kehai_session=" + token) == 401);
  CHECK(status(false, pair) == 401);
}

// What happens in the business and what the page of whom hears of it at once.
TEST_CASE("assigned, claimed, mentioned and due: each reaches the open pages of those it is for") {
  for (const auto kind : db::test_kinds()) {
    World world(kind);
    CAPTURE(world.database_name());
    const auto made = [&](const std::string& user, const std::string& path,
                          const std::string& body) {
      const auto response = world.send(user, request("POST", path, body));
      REQUIRE_MESSAGE(response.status == 201, response.body);
      return std::to_string(base::parse_json(response.body).as_object().at("id").as_int64());
    };
    const auto done = [&](const std::string& user, const std::string& path,
                          const std::string& body = "{}") {
      const auto response = world.send(user, request("POST", path, body));
      REQUIRE_MESSAGE(response.status == 200, response.body);
    };
    const auto id_of = [&](const std::string& user) { return std::to_string(world.user_id(user)); };
    const auto pools = base::parse_json(world.send("admin", request("GET", "/pools")).body);
    std::string pool;
    for (const auto& one : pools.as_object().at("value").as_array()) {
      if (base::json_text(one.as_object(), "kind") == "lead")
        pool = std::to_string(base::json_int(one.as_object(), "id"));
    }
    const auto lead = [&](const std::string& company, const std::string& mobile) {
      return made("admin", "/leads",
                  R"({"company":")" + company + R"(","mobile":")" + mobile + R"(","pool_id":)" +
                      pool + "}");
    };
    struct Row {
      std::string what;
      std::string listener;
      std::function<std::string()> happens;  // returns what is heard
    };
    const std::vector<Row> rows = {
        {"assigned", "sales1",
         [&] {
           const auto id = lead("分配公司", "13700000001");
           done("admin", "/leads/" + id + "/assign", R"({"owner_id":)" + id_of("sales1") + "}");
           return R"("kind":"assigned","text":"有新的记录分配给您：分配公司","object":"lead","record_id":)" +
                  id;
         }},
        {"claimed", "manager",
         [&] {
           const auto id = lead("领取公司", "13700000002");
           done("sales2", "/leads/" + id + "/claim");
           // The second version: whoever sees the pool hears of the first one, too.
           return R"("object":"lead","id":)" + id + R"(,"version":2)";
         }},
        {"mentioned", "sales2",
         [&] {
           const auto account = made("sales1", "/accounts", R"({"name":"提及公司"})");
           const auto id =
               made("sales1", "/activities",
                    R"({"account_id":)" + account + R"(,"content":"请看","mention_ids":[)" +
                        id_of("sales2") + "]}");
           return R"("kind":"mentioned","text":"有人在跟进记录里提到了您","object":"activity","record_id":)" +
                  id;
         }},
        {"task assigned", "sales2",
         [&] {
           const auto id = made("manager", "/tasks",
                                R"({"title":"回访","owner_id":)" + id_of("sales2") +
                                    R"(,"due_at":"2026-03-05T03:00:00Z"})");
           return R"("kind":"task_assigned")" + std::string();
         }},
        {"task due", "sales1",
         [&] {
           const auto id =
               made("sales1", "/tasks", R"({"title":"投标","due_at":"2026-03-01T02:00:00Z"})");
           constexpr std::int64_t kHalfHour = 1'800'000;
           world.advance(kHalfHour + 60'000);
           world.run_jobs();
           return R"("kind":"task_due")" + std::string();
         }},
    };
    for (const auto& row : rows) {
      CAPTURE(row.what);
      const auto page = listen(world, row.listener);
      const auto stranger = listen(world, "outsider");
      const std::string heard = row.happens();
      CHECK_MESSAGE(page->wait_for(heard), page->text());
      CHECK(stranger->text().find(heard) == std::string::npos);
    }
  }
}

TEST_CASE("the routes that the documentation names exist") {
  World world(db::Kind::Sqlite);
  const auto routes = world.application().api().routes();
  for (const auto* route : {"GET /api/v1/session",
                            "POST /api/v1/session",
                            "PATCH /api/v1/session",
                            "DELETE /api/v1/session",
                            "POST /api/v1/session/setup",
                            "POST /api/v1/session/password",
                            "POST /api/v1/session/sign_out_everywhere",
                            "GET /api/v1/session/tokens",
                            "POST /api/v1/session/tokens",
                            "DELETE /api/v1/session/tokens/{id}",
                            "GET /api/v1/meta",
                            "GET /api/v1/$metadata",
                            "GET /api/v1/",
                            "GET /api/v1/openapi.json",
                            "GET /api/v1/events",
                            "POST /api/v1/$batch",
                            "GET /api/v1/roles/{id}/rights",
                            "PUT /api/v1/roles/{id}/rights",
                            "POST /api/v1/users",
                            "GET /api/v1/search",
                            "POST /api/v1/duplicates",
                            "GET /api/v1/workbench",
                            "GET /healthz",
                            "GET /readyz",
                            "GET /metrics"}) {
    CHECK_MESSAGE(std::find(routes.begin(), routes.end(), route) != routes.end(), route);
  }
}

}  // namespace kehai::api
