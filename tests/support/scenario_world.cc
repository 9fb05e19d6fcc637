#include "scenario_world.h"

#include <latch>
#include <stdexcept>
#include <thread>

#include "platform/jobs/job_runner.h"
#include "record/tx.h"
#include "scenario_toys.h"

namespace kehai::scenario {

namespace {

constexpr std::string_view kAdminPassword = "Quiet-River-91";
constexpr std::string_view kPassword = "Green-Lantern-27";

class MovableClock : public base::Clock {
 public:
  explicit MovableClock(std::shared_ptr<MovableTime> time) : time_(std::move(time)) {}
  base::Instant now() override { return time_->now; }

 private:
  std::shared_ptr<MovableTime> time_;
};

}  // namespace

World::World(db::Kind kind, bool with_company) : database_(kind) {
  start();
  if (with_company) make_company();
}

World::~World() = default;

void World::start() {
  app::Options options;
  options.data_directory = database_.folder();
  if (database_.kind() == db::Kind::Postgres) options.database_url = database_.address();
  options.extra_modules = register_toys;
  options.log = [this](bool, std::string_view line) {
    const std::lock_guard lock(log_mutex_);
    log_.emplace_back(line);
  };
  application_ =
      std::make_unique<app::Application>(std::move(options), std::make_unique<MovableClock>(time_));
}

void World::restart() {
  application_.reset();
  start();
}

void World::make_company() {
  auto& identity = application_->identity();
  const auto admin = identity.complete_setup({identity.make_setup_token(), "尚祈科技", "管理员",
                                              "admin", std::string(kAdminPassword), "zh-CN"},
                                             "127.0.0.1");
  sessions_["admin"] = {admin.session_token, admin.csrf_token};
  users_["admin"] = admin.actor.user_id;
  std::map<std::string, std::int64_t> roles;
  application_->engine().write(record::system_actor("test"), [&](record::Tx& tx) {
    roles.clear();
    for (const auto& role : tx.find_all("role", "id gt 0", {}))
      roles[role.text("name")] = role.id();
    const auto root = tx.get("user", users_["admin"]).integer("department_id");
    const auto department = [&](const char* name) {
      return tx.create("department", record::Draft().set("name", name).set("parent_id", root)).id();
    };
    const auto sales = department("销售一部");
    const auto other = department("销售二部");
    const auto user = [&](const char* login, const char* name, const char* role,
                          std::int64_t where) {
      record::Draft draft;
      draft.set("login", login)
          .set("name", name)
          .set("department_id", where)
          .set("language", "zh-CN");
      if (users_.contains("manager") && where == sales) draft.set("superior_id", users_["manager"]);
      if (users_.contains("manager2") && where == other)
        draft.set("superior_id", users_["manager2"]);
      draft.many["role_ids"] = {base::Value(roles.at(role))};
      users_[login] = tx.create("user", std::move(draft)).id();
    };
    users_.erase("manager");
    users_.erase("manager2");
    user("manager", "陈经理", "manager", sales);
    user("sales1", "王雨桐", "sales", sales);
    user("sales2", "李明", "sales", sales);
    user("viewer", "赵看看", "viewer", root);
    user("finance", "钱财务", "finance", root);
    user("manager2", "孙经理", "manager", other);
    user("sales3", "吴三", "sales", other);
    user("outsider", "周外部", "sales", other);
  });
  for (const auto* role : {"manager", "sales", "viewer"}) {
    auto rights = application_->access().role_rights(roles.at(role));
    for (auto& [object, granted] : toy_rights(role)) rights[object] = granted;
    application_->access().set_role_rights(record::system_actor("test"), roles.at(role), rights);
  }
  advance(1'000);  // what is cached for half a second is seen
}

const World::SignedIn& World::session_of(const std::string& user) {
  const auto known = sessions_.find(user);
  if (known != sessions_.end()) return known->second;
  const auto found = users_.find(user);
  if (found == users_.end()) throw std::runtime_error("unknown user " + user);
  auto& identity = application_->identity();
  const auto password = user == "admin" ? kAdminPassword : kPassword;
  if (user != "admin" && with_password_.insert(user).second) {
    identity.reset_password(identity.actor_for(users_.at("admin")), found->second, kPassword);
  }
  const auto sign_in = identity.sign_in(user, password, "127.0.0.1");
  return sessions_[user] = {sign_in.session_token, sign_in.csrf_token};
}

void World::advance(std::int64_t milliseconds) {
  time_->now += milliseconds;
  constexpr std::int64_t kSessionsMayEnd = 3'600'000;
  if (milliseconds >= kSessionsMayEnd) sessions_.clear();
}

std::vector<http::Response> World::send_together(const std::vector<std::string>& users,
                                                 const http::Request& request) {
  for (const auto& user : users) session_of(user);
  std::vector<http::Response> answers(users.size());
  std::vector<std::thread> threads;
  std::latch start(static_cast<std::ptrdiff_t>(users.size()));
  for (std::size_t i = 0; i < users.size(); ++i) {
    threads.emplace_back([&, i] {
      start.arrive_and_wait();
      answers[i] = send(users[i], request);
    });
  }
  for (auto& thread : threads) thread.join();
  return answers;
}

http::Response World::send(const std::string& user, http::Request request) {
  const bool has_own =
      !request.header("authorization").empty() || !request.header("cookie").empty();
  if (user != "nobody" && !has_own) {
    const auto& session = session_of(user);
    request.headers.emplace_back("cookie", "kehai_session=" + session.token);
    if (request.header("x-csrf-token").empty())
      request.headers.emplace_back("x-csrf-token", session.csrf);
  }
  if (request.header("host").empty()) request.headers.emplace_back("host", "crm.test");
  request.remote_address = "127.0.0.1";
  return application_->api().handle(request);
}

void World::run_jobs() {
  application_->jobs().run_all_now();
}

std::vector<std::string> World::take_log() {
  const std::lock_guard lock(log_mutex_);
  return std::exchange(log_, {});
}

}  // namespace kehai::scenario
