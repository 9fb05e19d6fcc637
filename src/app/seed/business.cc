#include "app/seed/business.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>

#include "app/application.h"
#include "app/demo/names.h"
#include "base/error.h"
#include "platform/search/search.h"
#include "record/bulk_load.h"
#include "record/fields/field_kit.h"
#include "record/formulas.h"

namespace kehai::app {

using record::Record;
using record::Value;

namespace {

constexpr std::int64_t kHour = 3'600'000;
constexpr std::int64_t kDay = 24 * kHour;
constexpr std::int64_t kDays = 365;
constexpr std::int64_t kIdBlocks =
    8;  // leased at once; ids of several objects alternate as in a company that grew
constexpr int kPoolPercent = 5;

// Syllables of made-up company names; three of them name one company in 2.7 million.
constexpr auto kSyllables = std::to_array<const char*>(
    {"云", "恒", "锐", "博", "嘉", "启", "盛", "瀚", "腾", "星", "海", "华",   "远", "金",
     "融", "中", "万", "蓝", "青", "德", "宏", "智", "优", "凯", "明", "鼎",   "和", "天",
     "安", "宝", "昌", "长", "超", "辰", "诚", "驰", "创", "春", "达", "东",   "方", "飞",
     "丰", "福", "港", "高", "冠", "光", "广", "国", "汉", "豪", "合", "宏图", "鸿", "厚",
     "辉", "惠", "吉", "佳", "建", "江", "捷", "锦", "京", "晶", "景", "久",   "巨", "聚",
     "骏", "开", "康", "科", "乐", "力", "立", "联", "亮", "林", "凌", "龙",   "隆", "鲁",
     "美", "民", "铭", "南", "宁", "鹏", "品", "平", "普", "奇", "千", "秦",   "庆", "泉",
     "群", "仁", "荣", "瑞", "润", "三", "森", "山", "尚", "申", "圣", "石",   "时", "世",
     "舒", "双", "顺", "思", "松", "泰", "特", "通", "同", "威", "维", "伟",   "文", "西",
     "祥", "新", "鑫", "信", "兴", "旭", "亚", "洋", "业", "益", "银", "永",   "裕", "卓"});

}  // namespace

BusinessMaker::BusinessMaker(Application& application, const SeedOptions& options,
                             SeedCompany company)
    : application_(application),
      options_(options),
      company_(std::move(company)),
      random_(base::make_seeded_random(options.random_seed + 1)),
      schema_(application.engine().schema()),
      account_(schema_->at("account")),
      opportunity_(schema_->at("opportunity")),
      stage_change_(schema_->at("stage_change")),
      now_(application.clock().now()) {
  load_stages();
  load_pool();
  for (const auto* object : {&account_, &opportunity_}) take_codes(object->definition());
}

BusinessMaker::~BusinessMaker() = default;

void BusinessMaker::load_stages() {
  record::Actor system;
  system.system = true;
  record::ListRequest request;
  request.default_top = 500;
  application_.engine().list_typed(system, "pipeline", request, [&](const record::TypedRow& row) {
    if (pipeline_ == 0 || row.record.integer("is_default") != 0) pipeline_ = row.record.id();
  });
  request.default_order = "position asc";
  application_.engine().list_typed(system, "stage", request, [&](const record::TypedRow& row) {
    if (row.record.integer("pipeline_id") != pipeline_) return;
    (row.record.text("kind") == "open" ? open_stages_ : end_stages_).push_back(row.record);
  });
  if (open_stages_.empty() || end_stages_.empty()) {
    throw base::Error(base::ErrorKind::Conflict, "opportunity.pipeline_incomplete");
  }
}

void BusinessMaker::load_pool() {
  record::Actor system;
  system.system = true;
  record::ListRequest request;
  request.default_top = 500;
  application_.engine().list_typed(system, "pool", request, [&](const record::TypedRow& row) {
    if (row.record.text("kind") == "account" &&
        (pool_ == 0 || row.record.integer("is_default") != 0))
      pool_ = row.record.id();
  });
}

Record BusinessMaker::blank(const record::ObjectSchema& schema) const {
  Record record(schema.definition());
  for (const auto& field : schema.definition().fields) {
    if (field.default_value.is_null() || field.multiple) continue;
    Value value;
    if (!record::field_kit(field.type).coerce(field.default_value, field, value))
      record.set(field.name, value);
  }
  return record;
}

base::Values BusinessMaker::row_of(const record::ObjectSchema& schema, Record& record) const {
  record::compute_stored(schema, application_.engine().zone(), record);
  return record::Store::row_of(schema, record);
}

std::int64_t BusinessMaker::next_id(const std::string& object) {
  auto& allocator = application_.engine().allocator();
  for (;;) {
    try {
      return allocator.next_id(object);
    } catch (const record::BlockExhausted& exhausted) {
      allocator.lease(exhausted, kIdBlocks);
    }
  }
}

// Codes of all days at once: a transaction per day would take longer than the rows.
void BusinessMaker::take_codes(const record::ObjectDefinition& object) {
  const auto& zone = application_.engine().zone();
  std::vector<base::Date> days;
  for (base::Date day = zone.local_date(now_ - kDays * kDay - kDay); day <= zone.local_date(now_);
       ++day)
    days.push_back(day);
  const std::int64_t count = 2 * (options_.accounts + options_.opportunities) / kDays + 64;
  for (const auto& [day, start] :
       record::take_numbers(application_.database(), object.name, days, count)) {
    numbers_[{object.name, day}] = {start, start + count};
  }
}

std::string BusinessMaker::next_code(const record::ObjectDefinition& object, std::int64_t created) {
  const base::Date day = application_.engine().zone().local_date(created);
  auto& range = numbers_[{object.name, day}];
  if (range.next == range.end) {
    constexpr std::int64_t kMore = 10'000;
    range.next = application_.engine().allocator().take_numbers(object.name, day, kMore);
    range.end = range.next + kMore;
  }
  return record::format_serial(*object.field("code"), day, range.next++);
}

void BusinessMaker::stamp(Record& record, std::int64_t created, const SeedPerson* owner) {
  const auto& object = record.definition();
  const Value who = owner == nullptr ? Value(0) : Value(owner->id);
  record.set("id", next_id(object.name));
  if (!object.code_prefix.empty()) record.set("code", next_code(object, created));
  record.set("created_at", created);
  record.set("created_by", who);
  record.set("updated_at", created);
  record.set("updated_by", who);
  record.set("version", 1);
  if (owner == nullptr) return;
  record.set("owner_id", owner->id);
  record.set("scope_department_id", owner->department);
  record.set("owner_department_id", owner->department);
}

Value BusinessMaker::option(const record::ObjectDefinition& object, const char* field) {
  const auto& options = object.field(field)->options;
  return options.empty() ? Value() : Value(options[random_->below(options.size())].value);
}

// Every account has another name: the index is spread over all combinations of three syllables.
std::string BusinessMaker::company_name(std::int64_t index, const DemoCity& city,
                                        const DemoTrade& trade) const {
  constexpr std::uint64_t kCount = kSyllables.size();
  constexpr std::uint64_t kSpread = 1'000'003;  // prime to the number of combinations
  std::uint64_t number = (static_cast<std::uint64_t>(index) * kSpread + options_.random_seed) %
                         (kCount * kCount * kCount);
  std::string name = city.name;
  for (int i = 0; i < 3; ++i) {
    name += kSyllables[number % kCount];
    number /= kCount;
  }
  return name + trade.name + (index % 3 == 0 ? "股份有限公司" : "有限公司");
}

std::string BusinessMaker::mobile(std::int64_t index) const {
  static constexpr std::array<const char*, 8> kPrefixes = {"138", "139", "136", "159",
                                                           "186", "188", "177", "152"};
  constexpr std::int64_t kSpread = 48'271;
  return fmt::format("{}{:08}", kPrefixes[static_cast<std::size_t>(index % 8)],
                     index / 8 * kSpread % 100'000'000);
}

// Shares the opportunities out so that the sum is exact and an account has none, one or several.
std::int64_t BusinessMaker::deals_of(std::int64_t account) {
  const auto until = [&](std::int64_t accounts) {
    return accounts * options_.opportunities / options_.accounts;
  };
  deals_owed_ += until(account + 1) - until(account);
  if (account + 1 == options_.accounts) return std::exchange(deals_owed_, 0);
  const std::int64_t now =
      static_cast<std::int64_t>(random_->below(static_cast<std::uint64_t>(2 * deals_owed_ + 1)));
  const std::int64_t given = std::min(now, deals_owed_);
  deals_owed_ -= given;
  return given;
}

void BusinessMaker::fill_account(Record& account, std::int64_t index) {
  const auto& object = account_.definition();
  const auto& city = pick(*random_, kCities);
  const auto& trade = pick(*random_, kTrades);
  account.set("name", company_name(index, city, trade));
  account.set("industry", object.field("industry")->option(trade.industry) != nullptr
                              ? Value(trade.industry)
                              : option(object, "industry"));
  account.set("region_id", city.region);
  account.set("level", option(object, "level"));
  account.set("size", option(object, "size"));
  account.set("source", option(object, "source"));
  account.set("phone", mobile(index));
  account.set("email", fmt::format("contact{}@seed{}.example", index, index % 997));
  account.set("website", fmt::format("https://www.seed{}.example", index));
  account.set("address", fmt::format("{}科技路{}号", city.name, 1 + random_->below(2000)));
  account.set("annual_revenue", static_cast<std::int64_t>(5 + random_->below(2000)) * 10'000'000);
  account.set("description", pick(*random_, kNotes));
  if (random_->below(3) == 0) {
    account.set("next_contact_at",
                now_ + (static_cast<std::int64_t>(random_->below(30)) - 5) * kDay);
  }
}

void BusinessMaker::add_account(SeedBatch& batch, std::int64_t index) {
  const std::int64_t created =
      now_ - kHour - static_cast<std::int64_t>(random_->below(kDays * 86'400)) * 1000;
  const bool last = index + 1 == options_.accounts;
  const bool pooled = pool_ != 0 && !last && random_->below(100) < kPoolPercent;
  const SeedPerson* owner =
      pooled ? nullptr : &company_.sellers[random_->below(company_.sellers.size())];
  Record account = blank(account_);
  fill_account(account, index);
  stamp(account, created, owner);
  if (pooled) {
    account.set("pool_id", pool_);
    account.set("pooled_at", created);
  } else {
    account.set("claimed_at", created);
  }
  const std::int64_t deals = deals_of(index);
  if (pooled) {
    deals_owed_ += deals;
  } else {
    for (std::int64_t i = 0; i < deals; ++i) {
      Record deal = make_deal(account, *owner);
      const std::int64_t at = deal.integer("created_at");
      const bool won = deal.text("status") == "won";
      if (won || account.text("status") == "potential")
        account.set("status", won ? "won" : "interested");
      if (won && account.is_null("first_deal_at")) account.set("first_deal_at", at);
      account.set("updated_at", std::max(account.integer("updated_at"), at));
      add_deal(batch, deal);
    }
  }
  record::Draft draft;
  for (const auto& field : account_.definition().fields) {
    if (!field.multiple) draft.set(field.name, account.get(field.name));
  }
  auto keys = application_.dedupe().key_rows("account", draft, account.id());
  std::move(keys.begin(), keys.end(), std::back_inserter(batch.duplicate_keys));
  batch.search.push_back({Value(account.id()), Value(platform::search_tokens(account))});
  add_audit(batch, account);
  add_ownership(batch, account);
  batch.accounts.push_back(row_of(account_, account));
}

void BusinessMaker::add_ownership(SeedBatch& batch, const Record& account) {
  batch.ownership.push_back({Value(next_id("ownership")), Value("account"), Value(account.id()),
                             account.get("owner_id"), account.get("pool_id"),
                             account.get("created_at"), Value(), account.get("created_by"),
                             Value("")});
}

void BusinessMaker::add_audit(SeedBatch& batch, Record& record) {
  if (!record.definition().audited) return;
  batch.audit.push_back(record::audit_of_creation(next_id("audit_entry"), record, "command_line"));
}

Record BusinessMaker::make_deal(const Record& account, const SeedPerson& owner) {
  const auto& object = opportunity_.definition();
  const auto& zone = application_.engine().zone();
  const std::int64_t since = account.integer("created_at");
  const std::int64_t created =
      since + static_cast<std::int64_t>(random_->below(static_cast<std::uint64_t>(now_ - since)));
  const auto dice = random_->below(100);
  const char* kind = dice < 55 ? "open" : dice < 82 ? "won" : dice < 96 ? "lost" : "invalid";
  const Record* stage = &open_stages_[random_->below(open_stages_.size())];
  const Record* furthest = stage;
  for (const auto& end : end_stages_) {
    if (end.text("kind") == kind) stage = &end;
  }
  if (stage->text("kind") == "won") furthest = stage;
  Record deal = blank(opportunity_);
  stamp(deal, created, &owner);
  deal.set("parent_owner_id", account.get("owner_id"));
  deal.set("name", account.text("name").substr(0, 30) + pick(*random_, kProjects));
  deal.set("account_id", account.id());
  deal.set("pipeline_id", pipeline_);
  deal.set("stage_id", stage->id());
  deal.set("status", stage->get("kind"));
  deal.set("probability", stage->get("probability"));
  deal.set("stage_entered_at", created);
  deal.set("furthest_stage_id", furthest->id());
  deal.set("amount", static_cast<std::int64_t>(1 + random_->below(500)) * 100'000);
  deal.set("source", account.get("source"));
  const base::Date today = zone.local_date(now_);
  const base::Date close =
      zone.local_date(created) + 20 + static_cast<base::Date>(random_->below(90));
  if (stage->text("kind") == "open") {
    deal.set("expected_close_date", today - 10 + static_cast<base::Date>(random_->below(120)));
  } else {
    deal.set("expected_close_date", std::min(close, today));
    deal.set("actual_close_date", std::min(close, today));
    if (stage->text("kind") == "lost") deal.set("loss_reason", option(object, "loss_reason"));
  }
  return deal;
}

void BusinessMaker::add_deal(SeedBatch& batch, Record& deal) {
  Record change = blank(stage_change_);
  const SeedPerson owner{deal.integer("owner_id"), deal.integer("scope_department_id"), ""};
  stamp(change, deal.integer("created_at"), &owner);
  change.set("parent_owner_id", deal.get("owner_id"));
  change.set("opportunity_id", deal.id());
  change.set("to_stage_id", deal.get("stage_id"));
  change.set("amount", deal.get("amount"));
  change.set("probability", deal.get("probability"));
  batch.stage_changes.push_back(row_of(stage_change_, change));
  batch.search.push_back({Value(deal.id()), Value(platform::search_tokens(deal))});
  add_audit(batch, deal);
  add_audit(batch, change);
  batch.opportunities.push_back(row_of(opportunity_, deal));
}

SeedBatch BusinessMaker::next(std::int64_t accounts) {
  SeedBatch batch;
  const std::int64_t end = std::min(next_account_ + accounts, options_.accounts);
  for (; next_account_ < end; ++next_account_) add_account(batch, next_account_);
  // In the order of their trees: the full-text index writes a segment whenever an id is smaller
  // than the one before.
  const auto by_key = [](const base::Values& a, const base::Values& b) {
    return a[0].is_int() ? a[0].as_int() < b[0].as_int()
                         : std::tie(a[0].as_text(), a[1].as_text()) <
                               std::tie(b[0].as_text(), b[1].as_text());
  };
  std::sort(batch.search.begin(), batch.search.end(), by_key);
  std::sort(batch.duplicate_keys.begin(), batch.duplicate_keys.end(), by_key);
  return batch;
}

}  // namespace kehai::app
