#include "record/toy_company.h"

#include "base/error.h"

namespace kehai::record {

namespace {

constexpr std::string_view kUser =
    R"({"object":"user","collection":"users","configuration":true,"title_field":"name",
  "fields":[{"name":"name","type":"text"},{"name":"pay","type":"integer"}]})";
constexpr std::string_view kDepartment =
    R"({"object":"department","collection":"departments","configuration":true,
  "title_field":"name","fields":[{"name":"name","type":"text"}]})";
constexpr std::string_view kColour =
    R"({"object":"colour","collection":"colours","configuration":true,
  "title_field":"name","list_orders":["name"],"fields":[{"name":"name","type":"text","sort_key":true}]})";
constexpr std::string_view kFolder =
    R"json({"object":"folder","collection":"folders","owned":true,"title_field":"name",
  "status_field":"status","code_prefix":"F","branch_columns":["shelf_id"],
  "list_orders":["updated_at","name","due","amount"],
  "totals":[{"name":"sizes","by":["status","size","shelf_id"],"sum":["amount","secret"]},
            {"name":"months","by":["status"],"month":"seen_at","sum":["amount"]},
            {"name":"owners","by":["owner_id"],"month":"due","sum":["amount"]}],
  "fields":[
  {"name":"name","type":"text","required":true,"sort_key":true,"fold":true,"search":"name","max_length":20},
  {"name":"serial","type":"text","unique":true},
  {"name":"amount","type":"money","minimum":0,"maximum":1000000},
  {"name":"size","type":"integer","default":7,"minimum":1,"maximum":99},
  {"name":"due","type":"date"},
  {"name":"seen_at","type":"datetime"},
  {"name":"secret","type":"integer"},
  {"name":"mobile","type":"phone"},
  {"name":"is_thick","type":"boolean","default":false},
  {"name":"status","type":"select","state":true,"default":"open","options":[{"value":"open"},{"value":"shut"}]},
  {"name":"level","type":"select","picklist":"level"},
  {"name":"shelf_id","type":"integer"},
  {"name":"tint","type":"multi_select","options":[{"value":"red"},{"value":"green"},{"value":"blue"}]},
  {"name":"colour_id","type":"reference","target":"colour","on_delete":"restrict"},
  {"name":"above_id","type":"reference","target":"folder","on_delete":"keep"},
  {"name":"number","type":"serial","prefix":"N","reset":"yearly"},
  {"name":"postcode","type":"text","pattern":"[0-9]{6}"},
  {"name":"volume","type":"formula","result":"money","formula":"amount mul size"},
  {"name":"hint","type":"formula","result":"integer","formula":"secret mul 2"},
  {"name":"is_late","type":"formula","result":"boolean","formula":"due lt @today"},
  {"name":"colour_name","type":"formula","result":"text","formula":"colour/name"},
  {"name":"has_notes","type":"formula","result":"boolean","formula":"notes/any()"},
  {"name":"is_bare","type":"formula","result":"boolean","formula":"case(secret eq null:true,has_notes eq true:false,true:true)"}],
  "transitions":[{"action":"close","from":["open"],"to":"shut"}]})json";
constexpr std::string_view kNote =
    R"({"object":"note","collection":"notes","owned":true,"title_field":"text",
  "parent_field":"folder_id","fields":[
  {"name":"text","type":"text"},
  {"name":"points","type":"integer"},
  {"name":"note_id","type":"reference","target":"note","on_delete":"cascade"},
  {"name":"folder_id","type":"reference","target":"folder","on_delete":"cascade"}]})";

const ToyRights kNobody;

}  // namespace

bool ToyPolicy::may(const Actor& actor, const ObjectDefinition& object,
                    std::string_view right) const {
  if (actor.system) return true;
  const auto user = users.find(actor.user_id);
  return user != users.end() && !user->second.denied.contains({object.name, std::string(right)});
}

RowScope ToyPolicy::scope(const Actor& actor, const ObjectDefinition& object,
                          std::string_view right) const {
  if (actor.system || object.configuration) return everything();
  const auto user = users.find(actor.user_id);
  if (user == users.end()) return {};
  if (right != "read") {
    if (const auto found = user->second.edit.find(object.name); found != user->second.edit.end())
      return found->second;
  }
  const auto found = user->second.read.find(object.name);
  return found == user->second.read.end() ? RowScope{} : found->second;
}

FieldAccess ToyPolicy::field_access(const Actor& actor, const ObjectDefinition& object,
                                    const FieldDefinition& field) const {
  if (actor.system) return FieldAccess::Edit;
  const auto user = users.find(actor.user_id);
  const bool hides = user == users.end() || user->second.hidden.contains({object.name, field.name});
  return hides ? FieldAccess::Hidden : FieldAccess::Edit;
}

bool ToyPolicy::is_masked(const Actor& actor, const ObjectDefinition& object,
                          const FieldDefinition& field) const {
  if (actor.system) return false;
  const auto user = users.find(actor.user_id);
  return user == users.end() || user->second.masked.contains({object.name, field.name});
}

Identity ToyPolicy::identity(const Actor& actor) const {
  const auto user = users.find(actor.user_id);
  Identity identity = user == users.end() ? kNobody.identity : user->second.identity;
  identity.user_id = actor.user_id;
  return identity;
}

std::int64_t ToyDirectory::department_of(db::Reader&, std::int64_t user_id) const {
  const auto found = departments.find(user_id);
  return found == departments.end() ? 0 : found->second;
}

ToyCompany::ToyCompany(db::Database& database) : database_(database) {
  for (const auto definition : {kUser, kDepartment, kColour, kFolder, kNote})
    registry_.add_definition(definition);
  engine_ =
      std::make_unique<Engine>(Engine::Parts{database_, registry_, policy_, directory_, clock_,
                                             zone_, "0123456789abcdef0123456789abcdef"});
  engine_->migrate();
}

Actor ToyCompany::system() {
  return system_actor("test");
}

Actor ToyCompany::actor(std::int64_t user) {
  Actor actor;
  actor.user_id = user;
  actor.via = "test";
  actor.request_id = "request-7";
  return actor;
}

RecordId ToyCompany::create(const std::string& object, Draft draft) {
  RecordId id = 0;
  write([&](Tx& tx) { id = tx.create(object, draft).id(); });
  return id;
}

RecordId ToyCompany::person(const std::string& name) {
  return create("user", Draft().set("name", name));
}

RowScope everything() {
  RowScope scope;
  scope.all = true;
  return scope;
}

RowScope where(std::vector<Branch> branches) {
  RowScope scope;
  scope.branches = std::move(branches);
  return scope;
}

base::JsonObject body(std::string_view json) {
  return base::parse_json(json).as_object();
}

std::string error_code(const std::function<void()>& fn) {
  try {
    fn();
  } catch (const base::Error& error) {
    return error.field_errors().empty() ? error.code() : error.field_errors()[0].code;
  }
  return "";
}

}  // namespace kehai::record
