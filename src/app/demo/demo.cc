#include "app/demo/demo.h"

#include <cstdio>
#include <map>
#include <optional>

#include "app/application.h"
#include "app/demo/name_maker.h"
#include "app/demo/names.h"
#include "app/demo/quality_past.h"
#include "app/progress.h"
#include "base/error.h"
#include "query/parser.h"

namespace kehai::app {

using record::Draft;
using record::Record;
using record::RecordId;
using record::Tx;
using record::Value;

namespace {

constexpr std::int64_t kMinute = 60'000;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;
constexpr const char* kPassword = "kehai-demo-2026";
constexpr std::int64_t kCompanyAge = 400 * kDay;
constexpr std::int64_t kOldCustomer = 270 * kDay;
constexpr std::int64_t kSoon = 20 * kDay;
constexpr int kAccounts = 128;
constexpr int kLeads = 180;

struct Person {
  const char* login;
  const char* name;
  const char* role;
  const char* department;
};
constexpr Person kPeople[] = {
    {"admin", "陈立", "admin", "总部"},         {"zhou", "周晓岚", "manager", "华东大区"},
    {"wang", "王雨桐", "sales", "华东大区"},    {"li", "李嘉豪", "sales", "华东大区"},
    {"huang", "黄志强", "manager", "华南大区"}, {"wu", "吴晓彤", "sales", "华南大区"},
    {"sun", "孙慧敏", "finance", "总部"},       {"he", "何静怡", "service", "客户服务部"}};
constexpr const char* kDepartments[] = {"华东大区", "华南大区", "华北大区", "西南大区",
                                        "客户服务部"};

record::WriteOptions demo_options() {
  record::WriteOptions options;
  options.entry = "demo";
  options.keep_authorship = true;
  options.quiet = true;
  return options;
}

class Filler {
 public:
  Filler(Application& application, DemoClock& clock)
      : application_(application),
        clock_(clock),
        engine_(application.engine()),
        random_(base::make_seeded_random(20'260'101)),
        now_(application.clock().now()),
        names_(*random_) {
    system_.system = true;
    system_.via = "job";
  }

  void fill() {
    as_of(now_ - kCompanyAge, [&] {
      add_people();
      add_catalog();
      add_territories();
      add_pools();
    });
    Progress progress("Filling the demo company", kAccounts + kLeads, "records");
    for (int i = 0; i < kAccounts; ++i) {
      add_account(i);
      progress.add(1);
    }
    for (int i = 0; i < kLeads; ++i) {
      add_lead(i);
      progress.add(1);
    }
    add_tasks();
    add_quality();
    application_.settings().set_organisation(application_.engine(), system_,
                                             {"海川智造集团（演示）", std::nullopt, std::nullopt});
  }

 private:
  void add_quality() {
    create("data_steward", Draft().set("user_id", users_.at("zhou")));
    create("data_steward", Draft()
                               .set("user_id", users_.at("huang"))
                               .set("department_id", by_text("department", "name").at("华南大区")));
    add_quality_past(engine_, now_, *random_);
  }

  // Runs fn as if it were that instant.
  template <typename Work>
  void as_of(std::int64_t instant, const Work& work) {
    clock_.stand_at(instant);
    try {
      work();
    } catch (...) {
      clock_.stand_at(0);
      throw;
    }
    clock_.stand_at(0);
  }

  RecordId create(std::string_view object, Draft draft) {
    return create(system_, object, std::move(draft));
  }
  RecordId create(const record::Actor& actor, std::string_view object, Draft draft) {
    RecordId id = 0;
    const auto write = [&] {
      engine_.write(actor, [&](Tx& tx) { id = tx.create(object, draft, demo_options()).id(); });
    };
    const auto created = draft.values.find("created_at");
    if (created == draft.values.end()) {
      write();
    } else {
      as_of(created->second.as_int(), write);
    }
    return id;
  }

  // The first hour of work on a day that lies between `at_least` and `at_most` days back.
  std::int64_t days_ago(int at_most, int at_least = 0) {
    const auto back = at_least * kDay + static_cast<std::int64_t>(random_->below(
                                            static_cast<std::uint64_t>(at_most - at_least) * kDay));
    return working_hour(now_ - back - kHour, 9, 1);
  }

  // The same day at a random minute of `hours` hours from `first`; as it was when that lies ahead.
  std::int64_t working_hour(std::int64_t at, int first, int hours) {
    const auto& zone = engine_.zone();
    const auto minute =
        static_cast<std::int64_t>(random_->below(static_cast<std::uint64_t>(hours) * 60));
    const std::int64_t moved =
        zone.start_of_day(zone.local_date(at)) + first * kHour + minute * kMinute;
    return moved < now_ - kMinute ? moved : at;
  }

  std::map<std::string, RecordId> by_text(std::string_view object, std::string_view field) {
    std::map<std::string, RecordId> out;
    record::ListRequest request;
    request.default_top = 500;
    engine_.list_typed(system_, object, request, [&](const record::TypedRow& row) {
      out[row.record.text(field)] = row.record.id();
    });
    return out;
  }

  void add_people() {
    auto departments = by_text("department", "name");
    RecordId root = departments.empty() ? 0 : departments.begin()->second;
    if (root == 0) root = create("department", Draft().set("name", "总部"));
    departments["总部"] = root;
    for (const auto* name : kDepartments) {
      departments[name] = create("department", Draft().set("name", name).set("parent_id", root));
    }
    const auto roles = by_text("role", "name");
    std::map<std::string, RecordId> managers;
    for (const auto& person : kPeople) {
      platform::Identity::NewUser user;
      user.login = person.login;
      user.name = person.name;
      user.password = kPassword;
      user.must_change_password = false;
      user.department_id = departments.at(person.department);
      user.role_ids = {roles.at(person.role)};
      user.language = "zh-CN";
      user.superior_id =
          managers.contains(person.department) ? managers.at(person.department) : managers["总部"];
      const RecordId id = application_.identity().create_user(system_, user);
      if (std::string(person.role) == "manager" || std::string(person.role) == "admin")
        managers[person.department] = id;
      users_[person.login] = id;
      if (std::string(person.role) == "sales" || std::string(person.role) == "manager")
        sellers_.push_back(person.login);
    }
    for (const auto& [login, id] : users_)
      actors_.emplace(login, application_.identity().actor_for(id));
  }

  void add_catalog() {
    for (const auto* name : {"春季工业展", "行业峰会 2026", "官网直播课", "老客户转介绍月"}) {
      campaigns_.push_back(create("campaign", Draft().set("name", name)));
    }
    const std::pair<const char*, const char*> tags[] = {
        {"重点", "red"}, {"高意向", "orange"}, {"转介绍", "blue"}, {"续约", "green"}};
    for (const auto& [name, color] : tags)
      tags_.push_back(create("tag", Draft().set("name", name).set("color", color)));
    for (const auto* name : {"捷运软件", "中联信通", "远航科技"})
      competitors_.push_back(create("competitor", Draft().set("name", name)));
    record::ListRequest request;
    request.default_order = "position asc";
    engine_.list_typed(system_, "stage", request,
                       [&](const record::TypedRow& row) { stages_.push_back(row.record); });
    pipeline_ = stages_.front().integer("pipeline_id");
  }

  void add_territories() {
    const auto add = [&](const char* name, RecordId parent, std::vector<std::int64_t> regions,
                         const char* manager, std::vector<const char*> members) {
      Draft draft;
      draft.set("name", name).set("manager_id", users_.at(manager));
      if (parent != 0) draft.set("parent_id", parent);
      for (const std::int64_t code : regions) draft.many["region_ids"].emplace_back(code);
      for (const auto* login : members)
        draft.many["member_user_ids"].emplace_back(users_.at(login));
      return create("territory", std::move(draft));
    };
    const RecordId east = add("华东区", 0, {310'000, 320'000, 330'000}, "zhou", {});
    const RecordId zhejiang = add("浙江区", east, {330'000}, "wang", {"li"});
    add("杭州区", zhejiang, {330'100}, "li", {});
    add("华南区", 0, {440'000, 450'000, 460'000}, "huang", {"wu"});
  }

  void add_pools() {
    for (const auto& [name, id] : by_text("pool", "kind")) pools_[name] = id;
    engine_.write(system_, [&](Tx& tx) {
      for (const auto& [kind, id] : pools_) {
        auto pool = tx.get("pool", id);
        Draft draft;
        draft.set("daily_limit", 20);
        draft.many["admin_user_ids"] = {Value(users_.at("zhou"))};
        tx.update(pool, draft);
      }
    });
    create("capacity_rule",
           Draft().set("kind", "account").set("subject", "all").set("capacity", 200));
    create("capacity_rule", Draft().set("kind", "lead").set("subject", "all").set("capacity", 300));
  }

  // Some are known better than others.
  void add_details(Draft& draft, int index) {
    if (index % 3 != 0) {
      draft.set("size", option("account", "size", index % 2 == 0 ? "100_499" : "20_99"));
      draft.set("address",
                std::string(names_.city().name) + "科技园 " + std::to_string(index + 1) + " 号");
    }
    if (index % 4 == 0)
      draft.set("website", "https://www.demo" + std::to_string(index) + ".example");
    if (index % 5 < 2) draft.set("uscc", credit_code(index));
  }
  void add_account(int index) {
    const std::string login = sellers_[random_->below(sellers_.size())];
    const bool in_pool = index % 8 == 7;
    const std::int64_t created = days_ago(360);
    Draft draft;
    draft.set("name", names_.company())
        .set("industry", names_.trade().industry)
        .set("region_id", names_.city().region);
    draft.set("created_at", created).set("created_by", users_.at(login));
    draft.set("phone", "400-" + std::to_string(600 + random_->below(300)) + "-" +
                           std::to_string(1000 + random_->below(9000)));
    static constexpr const char* kSources[] = {"website", "exhibition", "referral", "campaign",
                                               "cold_call"};
    draft.set("source", option("account", "source", kSources[random_->below(5)]));
    draft.set("level", option("account", "level",
                              std::string(1, static_cast<char>('A' + random_->below(4)))));
    draft.set("annual_revenue",
              static_cast<std::int64_t>(5 + random_->below(200)) * 1'000'000 * 100);
    add_details(draft, index);
    if (random_->below(3) == 0)
      draft.many["tag_ids"] = {Value(tags_[random_->below(tags_.size())])};
    if (in_pool) {
      draft.set("pool_id", pools_.at("account"));
    } else {
      draft.set("owner_id", users_.at(login));
    }
    const RecordId account = create(actors_.at(login), "account", draft);
    if (in_pool) return;
    const RecordId contact = add_contacts(login, account, created);
    const auto deals = random_->below(3);
    for (std::uint64_t i = 0; i <= deals; ++i)
      add_opportunity(login, account, contact, created, i == 0);
    add_activities(login, "account_id", account, 1 + static_cast<int>(random_->below(4)), created);
  }

  // A picklist value that this installation has; nothing when it does not.
  Value option(std::string_view object, std::string_view field, const std::string& value) {
    const auto schema = engine_.schema();
    const auto* definition = schema->at(object).definition().field(field);
    return definition->option(value) == nullptr
               ? (definition->options.empty()
                      ? Value()
                      : Value(
                            definition->options[random_->below(definition->options.size())].value))
               : Value(value);
  }

  RecordId add_contacts(const std::string& login, RecordId account, std::int64_t created) {
    RecordId first = 0;
    const auto count = 1 + random_->below(2);
    for (std::uint64_t i = 0; i < count; ++i) {
      Draft draft;
      draft.set("name", names_.person())
          .set("account_id", account)
          .set("title", pick(*random_, kJobTitles));
      const std::string number = names_.mobile();
      draft.set("mobile", number).set("email", number + "@example.com");
      draft.set("is_primary", i == 0 ? 1 : 0).set("created_at", created + kHour);
      static constexpr const char* kRoles[] = {"decision_maker", "evaluator", "influencer", "user",
                                               "coach"};
      draft.set("decision_role", kRoles[random_->below(5)])
          .set("influence", static_cast<std::int64_t>(1 + random_->below(5)));
      const RecordId id = create(actors_.at(login), "contact", draft);
      if (i == 0) first = id;
    }
    return first;
  }

  void add_opportunity(const std::string& login, RecordId account, RecordId contact,
                       std::int64_t account_created, bool is_first) {
    const std::int64_t age = now_ - account_created;
    // The old customers' first deals came soon, so that the year has deals from its beginning.
    const std::int64_t latest = is_first && age > kOldCustomer ? kSoon : age - 2 * kHour;
    const std::int64_t span = std::max<std::int64_t>(latest, kHour);
    const std::int64_t some_time =
        account_created + kHour +
        static_cast<std::int64_t>(random_->below(static_cast<std::uint64_t>(span)));
    const std::int64_t created = std::max(account_created + kHour, working_hour(some_time, 9, 8));
    const auto dice = random_->below(100);
    const std::size_t stage = dice < 55 ? random_->below(5) : dice < 82 ? 5 : dice < 96 ? 6 : 7;
    const auto& target = stages_[stage];
    Draft draft;
    draft.set("name", pick(*random_, kProjects))
        .set("account_id", account)
        .set("contact_id", contact)
        .set("pipeline_id", pipeline_);
    draft.set("stage_id", target.id())
        .set("amount", static_cast<std::int64_t>(2 + random_->below(98)) * 1'000'000);
    draft.set("created_at", created);
    const base::Date today = engine_.zone().local_date(now_);
    const base::Date start = engine_.zone().local_date(created);
    const auto days = static_cast<std::uint64_t>(std::clamp<base::Date>(today - start, 1, 80));
    const base::Date close = start + 1 + static_cast<base::Date>(random_->below(days));
    if (stage >= 5) {
      draft.set("actual_close_date", std::min(close, today))
          .set("expected_close_date", std::min(close, today));
      if (stage != 5) draft.set("furthest_stage_id", stages_[random_->below(5)].id());
      if (stage == 6) draft.set("loss_reason", option("opportunity", "loss_reason", "price"));
    } else {
      draft.set("expected_close_date", today - 10 + static_cast<base::Date>(random_->below(90)));
    }
    if (random_->below(4) == 0)
      draft.many["competitor_ids"] = {Value(competitors_[random_->below(competitors_.size())])};
    const RecordId deal = create(actors_.at(login), "opportunity", draft);
    add_activities(login, "opportunity_id", deal, 1 + static_cast<int>(random_->below(3)), created);
  }

  // Returns when the last one was.
  std::int64_t add_activities(const std::string& login, const std::string& field, RecordId id,
                              int count, std::int64_t since) {
    std::int64_t at = since + kHour;
    for (int i = 0; i < count; ++i) {
      const std::int64_t left = now_ - at - kMinute;
      if (left < kHour) return at;
      const std::int64_t before = at;
      at += static_cast<std::int64_t>(
          random_->below(static_cast<std::uint64_t>(std::min(left, 30 * kDay))));
      // One after the other, even on the same day.
      at = std::max(before + 10 * kMinute, working_hour(at, 10, 8));
      Draft draft;
      draft.set(field, id)
          .set("content", pick(*random_, kNotes))
          .set("happened_at", at)
          .set("created_at", at);
      static constexpr const char* kMethods[] = {"phone", "wechat", "visit", "email", "meeting"};
      draft.set("method", option("activity", "method", kMethods[random_->below(5)]));
      if (i + 1 == count && random_->below(3) != 0) {
        const auto& zone = engine_.zone();
        const base::Date some_day =
            zone.local_date(now_) - 1 + static_cast<base::Date>(random_->below(12));
        const base::Date day = std::max(zone.local_date(at) + 1, some_day);
        draft.set("next_contact_at", zone.start_of_day(day) +
                                         static_cast<std::int64_t>(9 + random_->below(9)) * kHour);
      }
      create(actors_.at(login), "activity", draft);
    }
    return at;
  }

  void add_lead(int index) {
    const std::string login = sellers_[random_->below(sellers_.size())];
    // Every state is there: pool, pending, following, invalid, converted, voided.
    const int state = index % 6;
    // What came in just now has no follow-up yet, and the later states need one.
    const std::int64_t created = days_ago(90, state >= 2 ? 2 : 0);
    Draft draft;
    draft.set("company", names_.company())
        .set("name", names_.person())
        .set("title", pick(*random_, kJobTitles))
        .set("mobile", names_.mobile());
    draft.set("industry", names_.trade().industry)
        .set("region_id", names_.city().region)
        .set("created_at", created);
    static constexpr const char* kSources[] = {"website", "exhibition", "referral", "campaign",
                                               "wechat"};
    draft.set("source", option("lead", "source", kSources[random_->below(5)]));
    if (random_->below(3) == 0)
      draft.set("campaign_id", campaigns_[random_->below(campaigns_.size())]);
    draft.set(state == 0 ? "pool_id" : "owner_id",
              state == 0 ? pools_.at("lead") : users_.at(login));
    if (state == 2) {
      draft.set("bant_budget", "yes")
          .set("bant_authority", "partly")
          .set("bant_need", "yes")
          .set("bant_timeline", "partly");
    }
    const auto& actor = actors_.at(login);
    const RecordId lead = create(actor, "lead", draft);
    if (state < 2) return;
    const std::int64_t followed =
        add_activities(login, "lead_id", lead, 1 + static_cast<int>(random_->below(2)), created);
    // What came of it was decided soon after the last talk.
    const std::int64_t decided = std::min(
        followed + kMinute * static_cast<std::int64_t>(5 + random_->below(40)), now_ - kMinute);
    base::JsonObject input;
    if (state == 3) {
      input["reason"] = option("lead", "invalid_reason", "no_answer").text_or("");
      const base::Date again =
          engine_.zone().local_date(now_) + 3 + static_cast<base::Date>(random_->below(21));
      input["retry_at"] = base::format_instant(engine_.zone().start_of_day(again) + 10 * kHour);
      act(actor, "invalidate", lead, input, decided);
    } else if (state == 4) {
      input["create_opportunity"] = true;
      input["opportunity_name"] = pick(*random_, kProjects);
      input["amount"] = static_cast<std::int64_t>(50'000 + random_->below(400'000));
      input["expected_close_date"] = base::format_date(engine_.zone().local_date(now_) + 14 +
                                                       static_cast<base::Date>(random_->below(60)));
      act(actor, "convert", lead, input, decided);
    } else if (state == 5 && index % 12 == 5) {
      input["reason"] = "重复登记";
      act(actor, "void", lead, input, decided);
    }
  }

  void act(const record::Actor& actor, const char* action, RecordId lead,
           const base::JsonObject& input, std::int64_t instant) {
    as_of(instant, [&] {
      const auto outcome = engine_.act(actor, "lead", action, {lead}, input, demo_options());
      for (const auto& failure : outcome.failed) throw base::Error(failure.error);
    });
  }

  void add_tasks() {
    static constexpr const char* kTitles[] = {"电话回访，确认方案反馈", "准备报价单",
                                              "安排现场演示",           "发送合同草稿",
                                              "整理会议纪要",           "预约技术交流"};
    for (const auto& login : sellers_) {
      record::ListRequest request;
      request.default_top = 6;
      request.options.filter = query::parse_expression("owner_id eq @me and status eq 'open'");
      std::vector<Record> deals;
      engine_.list_typed(actors_.at(login), "opportunity", request,
                         [&](const record::TypedRow& row) { deals.push_back(row.record); });
      // Two a day from yesterday on.
      const auto& zone = engine_.zone();
      const base::Date yesterday = zone.local_date(now_) - 1;
      int index = 0;
      for (const auto& deal : deals) {
        const std::int64_t due =
            zone.start_of_day(yesterday + index / 2) + (index % 2 == 0 ? 10 : 15) * kHour;
        Draft draft;
        draft.set("title", kTitles[random_->below(6)])
            .set("opportunity_id", deal.id())
            .set("account_id", deal.get("account_id"));
        draft.set("created_at", days_ago(9, 2));
        draft.set("due_at", due).set("priority", random_->below(3) == 0 ? "high" : "normal");
        create(actors_.at(login), "task", draft);
        ++index;
      }
    }
  }

  Application& application_;
  DemoClock& clock_;
  record::Engine& engine_;
  std::unique_ptr<base::Random> random_;
  std::int64_t now_;
  record::Actor system_;
  std::map<std::string, RecordId> users_;
  std::map<std::string, record::Actor> actors_;
  std::vector<std::string> sellers_;
  std::map<std::string, RecordId> pools_;
  std::vector<RecordId> campaigns_;
  std::vector<RecordId> tags_;
  std::vector<RecordId> competitors_;
  std::vector<Record> stages_;
  RecordId pipeline_ = 0;
  NameMaker names_;
};

}  // namespace

std::vector<DemoAccount> fill_demo(Application& application, DemoClock& clock) {
  std::vector<DemoAccount> accounts;
  for (const auto& person : kPeople)
    accounts.push_back({person.login, kPassword, person.name, person.role});
  if (application.identity().setup_required()) {
    Filler(application, clock).fill();
    {
      Progress progress("Search index", 0, "records");
      while (const auto indexed = application.search().index_pending(application.engine()))
        progress.add(static_cast<std::int64_t>(indexed));
    }
    record::Actor system;
    system.system = true;
    application.settings().set(system, "demo", "1");
  } else if (application.settings().get("demo") != "1") {
    throw base::Error(base::ErrorKind::Conflict, "demo.not_empty");
  }
  return accounts;
}

void print_accounts(const std::vector<DemoAccount>& accounts) {
  std::printf("Demo accounts (password %s):\n",
              accounts.empty() ? "" : accounts[0].password.c_str());
  for (const auto& account : accounts) {
    std::printf("  %-8s %s  %s\n", account.login.c_str(), account.name.c_str(),
                account.role.c_str());
  }
  std::fflush(stdout);
}

}  // namespace kehai::app
