#include "scenario_toys.h"

#include "base/error.h"
#include "record/engine.h"
#include "record/tx.h"

namespace kehai::scenario {

namespace {

using record::ActionContext;

constexpr std::string_view kLevel = R"({
  "object": "toy_level", "collection": "toy_levels", "configuration": true, "group": "settings", "title_field": "name",
  "label": {"zh-CN": "玩具级别", "zh-TW": "玩具級別", "en": "Toy level"},
  "fields": [{"name": "name", "type": "text", "required": true, "unique": true, "label": {"zh-CN": "名称", "zh-TW": "名稱", "en": "Name"}}]})";

constexpr std::string_view kCustomer = R"({
  "object": "toy_customer", "collection": "toy_customers", "owned": true, "group": "sales", "title_field": "name", "rights": ["merge"],
  "label": {"zh-CN": "玩具客户", "zh-TW": "玩具客戶", "en": "Toy customer"},
  "fields": [
    {"name": "name", "type": "text", "required": true, "sort_key": true, "fold": true, "label": {"zh-CN": "名称", "zh-TW": "名稱", "en": "Name"}},
    {"name": "level_id", "type": "reference", "target": "toy_level", "label": {"zh-CN": "级别", "zh-TW": "級別", "en": "Level"}}],
  "related": [{"object": "toy_ticket", "field": "customer_id", "label": {"zh-CN": "工单", "zh-TW": "案件", "en": "Tickets"}}]})";

constexpr std::string_view kTicket = R"({
  "object": "toy_ticket", "collection": "toy_tickets", "owned": true, "history": true, "group": "service", "icon": "bug",
  "title_field": "title", "code_prefix": "TT", "status_field": "status",
  "label": {"zh-CN": "玩具工单", "zh-TW": "玩具案件", "en": "Toy ticket"},
  "label_plural": {"zh-CN": "玩具工单", "zh-TW": "玩具案件", "en": "Toy tickets"},
  "fields": [
    {"name": "title", "type": "text", "required": true, "max_length": 20, "sort_key": true, "fold": true, "search": "name",
     "label": {"zh-CN": "标题", "zh-TW": "標題", "en": "Title"}, "help": {"zh-CN": "一句话", "zh-TW": "一句話", "en": "One sentence"}},
    {"name": "serial_number", "type": "text", "unique": true, "label": {"zh-CN": "序列号", "zh-TW": "序號", "en": "Serial number"}},
    {"name": "story", "type": "long_text", "label": {"zh-CN": "描述", "zh-TW": "描述", "en": "Story"}},
    {"name": "pieces", "type": "integer", "minimum": 0, "maximum": 1000, "label": {"zh-CN": "件数", "zh-TW": "件數", "en": "Pieces"}},
    {"name": "weight", "type": "decimal", "scale": 3, "label": {"zh-CN": "重量", "zh-TW": "重量", "en": "Weight"}},
    {"name": "price", "type": "money", "label": {"zh-CN": "价格", "zh-TW": "價格", "en": "Price"}},
    {"name": "discount", "type": "percent", "label": {"zh-CN": "折扣", "zh-TW": "折扣", "en": "Discount"}},
    {"name": "due_on", "type": "date", "label": {"zh-CN": "期限", "zh-TW": "期限", "en": "Due on"}},
    {"name": "call_at", "type": "datetime", "label": {"zh-CN": "回电时间", "zh-TW": "回電時間", "en": "Call at"}},
    {"name": "urgent", "type": "boolean", "label": {"zh-CN": "紧急", "zh-TW": "緊急", "en": "Urgent"}},
    {"name": "kind", "type": "select", "default": "question", "label": {"zh-CN": "类型", "zh-TW": "類型", "en": "Kind"},
     "options": [{"value": "question", "label": {"zh-CN": "咨询", "zh-TW": "諮詢", "en": "Question"}, "color": "blue"},
                 {"value": "fault", "label": {"zh-CN": "故障", "zh-TW": "故障", "en": "Fault"}, "color": "red"}]},
    {"name": "marks", "type": "multi_select", "label": {"zh-CN": "标记", "zh-TW": "標記", "en": "Marks"},
     "options": [{"value": "red", "label": "red"}, {"value": "green", "label": "green"}, {"value": "blue", "label": "blue"}]},
    {"name": "mobile", "type": "phone", "search": "phone", "label": {"zh-CN": "手机", "zh-TW": "手機", "en": "Mobile"}},
    {"name": "email", "type": "email", "label": {"zh-CN": "邮箱", "zh-TW": "電子郵件", "en": "E-mail"}},
    {"name": "website", "type": "url", "label": {"zh-CN": "网址", "zh-TW": "網址", "en": "Website"}},
    {"name": "customer_id", "type": "reference", "target": "toy_customer", "label": {"zh-CN": "客户", "zh-TW": "客戶", "en": "Customer"}},
    {"name": "also_for_ids", "type": "reference", "target": "toy_customer", "multiple": true, "on_delete": "keep", "label": {"zh-CN": "也涉及", "zh-TW": "也涉及", "en": "Also about"}},
    {"name": "helper_id", "type": "user", "label": {"zh-CN": "协助人", "zh-TW": "協助者", "en": "Helper"}},
    {"name": "team_id", "type": "department", "label": {"zh-CN": "小组", "zh-TW": "小組", "en": "Team"}},
    {"name": "region_id", "type": "region", "label": {"zh-CN": "地区", "zh-TW": "地區", "en": "Region"}},
    {"name": "place", "type": "address", "label": {"zh-CN": "地址", "zh-TW": "地址", "en": "Address"}},
    {"name": "verdict", "type": "text", "label": {"zh-CN": "内部结论", "zh-TW": "內部結論", "en": "Internal verdict"}},
    {"name": "closed_reason", "type": "text", "read_only": true, "label": {"zh-CN": "关闭原因", "zh-TW": "關閉原因", "en": "Reason"}},
    {"name": "status", "type": "select", "state": true, "default": "open", "label": {"zh-CN": "状态", "zh-TW": "狀態", "en": "Status"},
     "options": [{"value": "open", "label": {"zh-CN": "处理中", "zh-TW": "處理中", "en": "Open"}},
                 {"value": "closed", "label": {"zh-CN": "已关闭", "zh-TW": "已關閉", "en": "Closed"}}]}],
  "transitions": [{"action": "close", "from": ["open"], "to": "closed"}, {"action": "reopen", "from": ["closed"], "to": "open"}],
  "list_orders": ["updated_at", "due_on"],
  "rights": ["close", "reopen", "hand_over", "tidy"],
  "layout": [
    {"label": {"zh-CN": "基本信息", "zh-TW": "基本資料", "en": "General"}, "fields": ["title", "kind", "status", "verdict"]},
    {"label": {"zh-CN": "其他", "zh-TW": "其他", "en": "More"}, "fields": ["mobile", "price"]}],
  "list": {"columns": ["title", "status", "verdict", "owner_id"], "orderby": "updated_at desc"},
  "views": [{"name": "mine", "label": {"zh-CN": "我的工单", "zh-TW": "我的案件", "en": "My tickets"}, "filter": "owner_id eq @me"}]})";

record::FieldDefinition input(std::string_view json) {
  return record::parse_field_definition("toy_ticket", base::parse_json(json).as_object());
}

void close(ActionContext& context) {
  record::Draft draft;
  const auto reason = context.input.values.find("reason");
  draft.set("closed_reason", reason->second);
  if (reason->second.text_or("") == "slow")
    throw base::Error(base::ErrorKind::Internal, "internal", {}, "top secret detail");
  context.tx.transition(*context.record, "close", std::move(draft), context.options);
}

void reopen(ActionContext& context) {
  context.tx.transition(*context.record, "reopen", {}, context.options);
}

void hand_over(ActionContext& context) {
  record::Draft draft;
  draft.set("owner_id", context.input.values.at("owner_id"));
  context.tx.update(*context.record, std::move(draft), context.options);
  context.result = R"({"handed_over":true})";
}

void tidy(ActionContext& context) {
  const auto open = context.tx.count("toy_ticket", "status eq 'open'", {});
  context.result = "{\"open\":" + std::to_string(open) + "}";
}

record::Action action(std::string name, base::Labels labels,
                      std::function<void(ActionContext&)> run) {
  record::Action out;
  out.object = "toy_ticket";
  out.name = std::move(name);
  out.labels = std::move(labels);
  out.run = std::move(run);
  return out;
}

void add_actions(record::Registry& registry) {
  auto closing = action("close", {{"关闭", "關閉", "Close"}}, close);
  closing.enabled_when = "status eq 'open'";
  closing.danger = true;
  closing.input = {input(
      R"({"name":"reason","type":"select","required":true,"label":{"zh-CN":"原因","zh-TW":"原因","en":"Reason"},
    "options":[{"value":"solved","label":{"zh-CN":"已解决","zh-TW":"已解決","en":"Solved"}},{"value":"slow","label":"slow"}]})")};
  registry.add_action(std::move(closing));
  auto reopening = action("reopen", {{"重新打开", "重新開啟", "Reopen"}}, reopen);
  reopening.bulk = false;
  registry.add_action(std::move(reopening));
  auto handing = action("hand_over", {{"移交", "移轉", "Hand over"}}, hand_over);
  handing.input = {input(
      R"({"name":"owner_id","type":"user","required":true,"label":{"zh-CN":"负责人","zh-TW":"負責人","en":"Owner"}})")};
  registry.add_action(std::move(handing));
  auto tidying = action("tidy", {{"整理", "整理", "Tidy up"}}, tidy);
  tidying.on_collection = true;
  registry.add_action(std::move(tidying));
}

// Whoever makes a toy owns it unless somebody else is named.
void own(record::Tx& tx, record::Change& change) {
  if (change.operation == record::Operation::Create && change.after->is_null("owner_id")) {
    change.after->set("owner_id", tx.actor().user_id);
  }
}

}  // namespace

void register_toys(platform::Registrar& registrar) {
  for (const auto definition : {kLevel, kCustomer, kTicket})
    registrar.registry.add_definition(definition);
  add_actions(registrar.registry);
  for (const auto* object : {"toy_customer", "toy_ticket"}) {
    record::Hooks hooks;
    hooks.object = object;
    hooks.name = "toy.owner";
    hooks.before_save = own;
    registrar.registry.add_hooks(std::move(hooks));
  }
}

std::map<std::string, platform::ObjectRights> toy_rights(const std::string& role) {
  using platform::Scope;
  platform::ObjectRights ticket;
  platform::ObjectRights customer;
  if (role == "manager") {
    ticket.scope = customer.scope = Scope::DepartmentBelow;
    ticket.actions = {"read",   "create",    "edit", "delete", "close",
                      "reopen", "hand_over", "tidy", "export"};
    customer.actions = {"read", "create", "edit", "delete", "merge"};
    return {{"toy_ticket", ticket}, {"toy_customer", customer}};
  }
  ticket.fields["verdict"] = {record::FieldAccess::Hidden, false};
  if (role == "sales") {
    ticket.scope = customer.scope = Scope::Own;
    ticket.actions = {"read", "create", "edit", "delete", "close", "hand_over"};
    customer.actions = {"read", "create", "edit"};
    ticket.fields["price"] = {record::FieldAccess::Read, false};
    return {{"toy_ticket", ticket}, {"toy_customer", customer}};
  }
  ticket.scope = Scope::All;
  ticket.actions = {"read"};
  ticket.fields["mobile"] = {record::FieldAccess::Read, true};
  return {{"toy_ticket", ticket}};
}

}  // namespace kehai::scenario
