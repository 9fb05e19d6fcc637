#include "modules/lead/convert.h"

#include <algorithm>

#include "base/error.h"
#include "modules/account/module.h"
#include "modules/action_input.h"
#include "modules/catalog/tags.h"
#include "modules/lead/children.h"
#include "modules/lead/without_owner.h"
#include "record/engine.h"

namespace kehai::modules {

using base::Error;
using base::ErrorKind;
using record::Draft;
using record::Record;
using record::Tx;
using record::Value;

namespace {

constexpr std::int64_t kUndoDays = 7 * 86'400'000LL;

void copy(const Record& from, std::string_view source, Draft& to, std::string_view target) {
  if (!from.is_null(source)) to.set(std::string(target), from.get(source));
}

Record take_account(Tx& tx, std::int64_t id) {
  if (!tx.engine().can_see(tx.writer(), tx.actor(), tx.schema().at("account"), id)) {
    throw field_error("account_id", "field.reference_not_found");
  }
  check_open_for_business(tx, id);
  Record account = tx.get("account", id);
  // Reading a customer is not enough to bring it business: it stays with whoever has it.
  const auto scope = tx.engine().access().scope(tx.actor(), account.definition(), "edit");
  if (!admits(scope, account)) throw field_error("account_id", "lead.foreign_account");
  return account;
}

Record take_or_create_account(record::ActionContext& context, const platform::Dedupe& dedupe,
                              const Record& lead, const record::WriteOptions& options,
                              bool& created) {
  auto& tx = context.tx;
  const std::int64_t existing = input_id(context.input, "account_id");
  if (existing != 0) return take_account(tx, existing);
  Draft draft;
  const std::string name = input_text(context.input, "account_name");
  draft.set("name", name.empty() ? lead.get("company") : Value(name));
  draft.set("owner_id", lead.get("owner_id"));
  for (const auto* field : {"source", "campaign_id", "industry", "region_id", "address", "website",
                            "description", "last_activity_at", "next_contact_at"}) {
    copy(lead, field, draft, field);
  }
  copy(lead, "phone", draft, "phone");
  // Those that are for leads only stay behind.
  for (const auto& id : lead.many("tag_ids")) {
    const auto tag = tx.find("tag", id.as_int());
    if (tag && is_tag_for(*tag, "account")) draft.many["tag_ids"].push_back(id);
  }
  if (!lead.many("attachments").empty()) draft.many["attachments"] = lead.many("attachments");
  if (const auto same = dedupe.attach_target(tx, "account", draft, lead.id()))
    return take_account(tx, *same);
  created = true;
  return tx.create("account", draft, options);
}

std::optional<Record> create_contact(record::ActionContext& context, const Record& lead,
                                     const Record& account, const record::WriteOptions& options) {
  if (lead.is_null("name") || input_value(context.input, "create_contact").int_or(1) == 0)
    return std::nullopt;
  Draft draft;
  draft.set("name", lead.get("name"))
      .set("account_id", account.id())
      .set("owner_id", lead.get("owner_id"));
  for (const auto* field : {"title", "mobile", "phone", "email", "wechat"})
    copy(lead, field, draft, field);
  draft.set("is_primary", context.tx.count("contact", "account_id eq @a",
                                           {{"a", record::id_value(account.id())}}) == 0);
  return context.tx.create("contact", draft, options);
}

std::optional<Record> create_opportunity(record::ActionContext& context, const Record& lead,
                                         const Record& account,
                                         const std::optional<Record>& contact,
                                         const record::WriteOptions& options) {
  if (input_value(context.input, "create_opportunity").int_or(0) == 0) return std::nullopt;
  Draft draft;
  const std::string name = input_text(context.input, "opportunity_name");
  draft.set("name", name.empty() ? Value(account.text("name")) : Value(name));
  draft.set("account_id", account.id())
      .set("owner_id", lead.get("owner_id"))
      .set("lead_id", lead.id());
  if (contact) draft.set("contact_id", contact->id());
  for (const auto* field : {"source", "campaign_id"}) copy(lead, field, draft, field);
  for (const auto* field : {"amount", "expected_close_date"}) {
    if (!input_value(context.input, field).is_null())
      draft.set(field, input_value(context.input, field));
  }
  if (!lead.is_null("product_interest")) draft.set("need", lead.get("product_interest"));
  return context.tx.create("opportunity", draft, options);
}

record::WriteOptions linking() {
  record::WriteOptions options;
  options.quiet = true;
  options.entry = "convert";
  return options;
}

// Follow-ups stay with the lead and show on the account as well; null takes them off it.
void link_activities(Tx& tx, const Record& lead, const Value& account) {
  for (auto& activity :
       tx.find_all("activity", "lead_id eq @lead", {{"lead", record::id_value(lead.id())}})) {
    tx.update(activity, Draft().set("account_id", account), linking());
  }
}

bool contains(const base::Values& values, const Value& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

// The same with the files and the campaign: what an existing account lacks of them. Returns whether
// the campaign is the lead's.
bool link_origin(Tx& tx, const Record& lead, record::RecordId id) {
  Record account = tx.get("account", id);  // as the new deal left it
  Draft draft;
  auto files = account.many("attachments");
  for (const auto& file : lead.many("attachments")) {
    if (!contains(files, file)) files.push_back(file);
  }
  if (files.size() > account.many("attachments").size()) draft.many["attachments"] = files;
  const bool brings = !lead.is_null("campaign_id") && account.is_null("campaign_id");
  if (brings) draft.set("campaign_id", lead.get("campaign_id"));
  if (!draft.values.empty() || !draft.many.empty()) tx.update(account, draft, linking());
  return brings;
}

void unlink_origin(Tx& tx, const Record& lead, bool brought_campaign) {
  auto account = tx.find("account", lead.integer("account_id"), record::Lock::ForUpdate);
  if (!account) return;
  Draft draft;
  auto files = account->many("attachments");
  std::erase_if(files, [&](const Value& file) { return contains(lead.many("attachments"), file); });
  if (files.size() < account->many("attachments").size()) draft.many["attachments"] = files;
  if (brought_campaign && account->get("campaign_id") == lead.get("campaign_id"))
    draft.set("campaign_id", Value());
  if (!draft.values.empty() || !draft.many.empty()) tx.update(*account, draft, linking());
}

// Where the lead went, as far as the asker may follow.
Error already_converted(Tx& tx, const Record& lead) {
  base::JsonObject data;
  for (const auto* object : {"account", "contact", "opportunity"}) {
    const std::string field = std::string(object) + "_id";
    if (lead.is_null(field)) continue;
    if (!tx.engine().can_see(tx.writer(), tx.actor(), tx.schema().at(object), lead.integer(field)))
      continue;
    data[field] = lead.integer(field);
  }
  return Error(ErrorKind::Conflict, "lead.already_converted")
      .with_data(boost::json::serialize(data));
}

void convert(record::ActionContext& context, const platform::Dedupe& dedupe) {
  auto& tx = context.tx;
  auto& lead = *context.record;
  if (lead.text("status") == "converted") throw already_converted(tx, lead);
  if (lead.text("status") != "pending" && lead.text("status") != "following") {
    throw Error(ErrorKind::Conflict, "lead.bad_transition",
                {{"action", "convert"}, {"status", lead.text("status")}});
  }
  record::WriteOptions options = context.options;
  options.entry = "convert";
  options.options["converted_from"] = lead.id();
  bool created_account = false;
  const Record account = take_or_create_account(context, dedupe, lead, options, created_account);
  const auto contact = create_contact(context, lead, account, options);
  const auto opportunity = create_opportunity(context, lead, account, contact, options);
  link_activities(tx, lead, account.id());
  const bool brings_campaign = link_origin(tx, lead, account.id());
  std::string created = created_account ? "account" : "";
  if (contact) created += created.empty() ? "contact" : ",contact";
  if (opportunity) created += created.empty() ? "opportunity" : ",opportunity";
  if (brings_campaign) created += created.empty() ? "campaign" : ",campaign";
  Draft draft;
  draft.set("account_id", account.id()).set("converted_at", tx.now());
  if (!created.empty()) draft.set("converted_created", created);
  if (contact) draft.set("contact_id", contact->id());
  if (opportunity) draft.set("opportunity_id", opportunity->id());
  tx.transition(lead, "convert", std::move(draft), context.options);
  record::Event event;
  event.kind = "converted";
  event.object = "lead";
  event.record_id = lead.id();
  event.version = lead.version();
  tx.emit(std::move(event));
  base::JsonObject result;
  result["account_id"] = account.id();
  if (contact) result["contact_id"] = contact->id();
  if (opportunity) result["opportunity_id"] = opportunity->id();
  context.result = boost::json::serialize(result);
}

bool is_decided(Tx& tx, std::int64_t opportunity) {
  const auto deal = tx.find("opportunity", opportunity);
  return deal && deal->text("status") != "open";
}

// Back to whoever had it when it was converted; to a pool when that person is not at work any more.
void give_back(record::ActionContext& context, const Holding& holding) {
  auto& tx = context.tx;
  auto& lead = *context.record;
  const std::int64_t owner = lead.integer("owner_id");
  Draft draft;
  for (const auto* field :
       {"account_id", "contact_id", "opportunity_id", "converted_at", "converted_created"}) {
    draft.set(field, Value());
  }
  if (is_at_work(tx, owner)) {
    const auto options = holding.check_capacity(tx, *holding.kind("lead"), owner, context.options);
    tx.transition(lead, "undo_convert", std::move(draft), options);
  } else {
    put_without_owner(tx, holding, lead, 0, owner, draft);
    tx.update(lead, std::move(draft), context.options);
  }
}

void undo_convert(record::ActionContext& context, const Holding& holding) {
  auto& tx = context.tx;
  auto& lead = *context.record;
  if (lead.text("status") != "converted") {
    throw Error(ErrorKind::Conflict, "lead.bad_transition",
                {{"action", "undo_convert"}, {"status", lead.text("status")}});
  }
  if (tx.now() - lead.integer("converted_at") > kUndoDays)
    throw Error(ErrorKind::Conflict, "lead.undo_too_late");
  const std::string created = lead.text("converted_created");
  const auto was_created = [&](std::string_view object) {
    return created.find(object) != std::string::npos;
  };
  const auto kept = [&](const std::string& object) {
    return was_created(object) && has_own_children(tx, lead, object + "_id");
  };
  if (kept("account") || kept("contact") || kept("opportunity") ||
      (was_created("opportunity") && is_decided(tx, lead.integer("opportunity_id")))) {
    throw Error(ErrorKind::Conflict, "lead.undo_has_children");
  }
  link_activities(tx, lead, Value());
  if (!was_created("account")) unlink_origin(tx, lead, was_created("campaign"));
  const Record converted = lead;
  give_back(context, holding);
  for (const std::string object : {"opportunity", "contact", "account"}) {
    const std::int64_t id = converted.integer(object + "_id");
    if (!was_created(object) || id == 0) continue;
    if (auto record = tx.find(object, id, record::Lock::ForUpdate)) tx.erase(*record, linking());
  }
}

}  // namespace

record::Action convert_action(const platform::Dedupe& dedupe) {
  record::Action action;
  action.object = "lead";
  action.name = "convert";
  action.labels = {{"转换", "轉換", "Convert"}};
  action.icon = "circle-check-big";
  action.bulk = false;
  action.enabled_when = "status in ('pending','following')";
  action.input = {
      input_field(
          R"({"name":"account_id","type":"reference","target":"account","label":{"zh-CN":"归入已有客户","zh-TW":"歸入既有客戶","en":"Existing customer"}})"),
      input_field(
          R"({"name":"account_name","type":"text","label":{"zh-CN":"新客户名称","zh-TW":"新客戶名稱","en":"New customer's name"}})"),
      input_field(
          R"({"name":"create_contact","type":"boolean","default":true,"label":{"zh-CN":"创建联系人","zh-TW":"建立聯絡人","en":"Create contact"}})"),
      input_field(
          R"({"name":"create_opportunity","type":"boolean","default":false,"label":{"zh-CN":"创建商机","zh-TW":"建立商機","en":"Create opportunity"}})"),
      input_field(
          R"({"name":"opportunity_name","type":"text","label":{"zh-CN":"商机名称","zh-TW":"商機名稱","en":"Opportunity name"}})"),
      input_field(
          R"({"name":"amount","type":"money","minimum":0,"label":{"zh-CN":"预计金额","zh-TW":"預計金額","en":"Amount"}})"),
      input_field(
          R"({"name":"expected_close_date","type":"date","label":{"zh-CN":"预计成交日期","zh-TW":"預計成交日期","en":"Expected close"}})")};
  action.run = [&dedupe](record::ActionContext& context) { convert(context, dedupe); };
  return action;
}

record::Action undo_convert_action(std::shared_ptr<Holding> holding) {
  record::Action action;
  action.object = "lead";
  action.name = "undo_convert";
  action.labels = {{"撤销转换", "撤銷轉換", "Undo conversion"}};
  action.icon = "undo-2";
  action.right = "unvoid";
  action.bulk = false;
  action.danger = true;
  action.enabled_when = "status eq 'converted'";
  action.run = [holding](record::ActionContext& context) { undo_convert(context, *holding); };
  return action;
}

}  // namespace kehai::modules
