// Users with their passwords, and the rights of roles.
#include <map>

#include "api/input.h"
#include "api/records.h"
#include "api/route_table.h"
#include "api/session.h"
#include "base/error.h"

namespace kehai::api {

namespace {

using base::Error;
using base::ErrorKind;
using platform::ObjectRights;

// Whoever may not configure users or roles does not learn more about them than their records say.
void require_configure(const ApiContext& context, std::string_view object) {
  if (!context.parts.access.may_configure(context.actor(), object)) {
    throw Error(ErrorKind::Forbidden, "access.denied");
  }
}

http::Response create_user(ApiContext& context) {
  require_configure(context, "user");
  Input input(context.body());
  platform::Identity::NewUser user;
  user.login = input.text("login");
  user.name = input.text("name");
  user.password = input.text("password");
  user.department_id = input.optional_id("department_id");
  user.superior_id = input.optional_id("superior_id");
  user.role_ids = input.ids("role_ids");
  user.language = input.choice("language", {"zh-CN", "zh-TW", "en"}).value_or("");
  input.finish();
  const auto id = context.parts.identity.create_user(context.actor(), user);
  auto response = record_answer(context, context.schema().at("user"), id, 201);
  response.header("Location", context.link("/users/" + std::to_string(id)));
  return response;
}

http::Response reset_password(ApiContext& context) {
  require_configure(context, "user");
  Input input(context.body());
  const auto password = input.text("password");
  input.finish();
  context.parts.identity.reset_password(context.actor(), context.id(), password);
  return context.no_content();
}

void write_rights(base::JsonWriter& writer, const std::string& object, const ObjectRights& rights) {
  writer.begin_object();
  writer.key("object").text(object);
  writer.key("actions").begin_array();
  for (const auto& action : rights.actions) writer.text(action);
  writer.end_array();
  writer.key("scope").text(platform::scope_name(rights.scope));
  writer.key("departments").begin_array();
  for (const auto department : rights.departments) writer.integer(department);
  writer.end_array();
  writer.key("fields").begin_array();
  for (const auto& [field, rule] : rights.fields) {
    writer.begin_object();
    writer.key("field").text(field);
    writer.key("rule").text(platform::field_access_name(rule.access));
    writer.key("mask").boolean(rule.mask);
    writer.end_object();
  }
  writer.end_array();
  writer.end_object();
}

http::Response rights_answer(ApiContext& context, record::RecordId role) {
  std::string body;
  base::JsonWriter writer(body);
  writer.begin_object();
  writer.key("objects").begin_array();
  for (const auto& [object, rights] : context.parts.access.role_rights(role))
    write_rights(writer, object, rights);
  writer.end_array();
  writer.end_object();
  return context.json(std::move(body));
}

http::Response get_rights(ApiContext& context) {
  context.allow_parameters({});
  require_configure(context, "role");
  context.engine().read(context.actor(), "role", context.id());
  return rights_answer(context, context.id());
}

// Names inside the list are given as "objects[2].scope", so that a form can show the error where it
// belongs.
class RightsReader {
 public:
  explicit RightsReader(const record::Schema& schema) : schema_(schema) {}

  std::map<std::string, ObjectRights> read(const base::JsonObject& body) {
    std::map<std::string, ObjectRights> out;
    const auto* objects = body.if_contains("objects");
    if (body.size() != 1 || objects == nullptr || !objects->is_array()) {
      wrong("objects", "field.list");
    } else {
      for (std::size_t i = 0; i < objects->get_array().size(); ++i) {
        read_object(objects->get_array()[i], "objects[" + std::to_string(i) + "]", out);
      }
    }
    if (!errors_.empty()) throw Error::fields(std::move(errors_));
    return out;
  }

 private:
  void wrong(std::string place, std::string code) {
    errors_.push_back({std::move(place), std::move(code), {}});
  }

  void read_object(const base::Json& json, const std::string& place,
                   std::map<std::string, ObjectRights>& out) {
    const auto* object = json.if_object();
    const auto name = object == nullptr ? std::string() : base::json_text(*object, "object");
    const auto* schema = schema_.find(name);
    if (schema == nullptr || out.contains(name)) return wrong(place + ".object", "field.option");
    ObjectRights rights;
    for (const auto& member : *object) {
      const std::string key(member.key());
      if (key == "actions") {
        read_actions(member.value(), place, rights);
      } else if (key == "scope") {
        read_scope(member.value(), place, rights);
      } else if (key == "departments") {
        read_departments(member.value(), place, rights);
      } else if (key == "fields") {
        read_fields(member.value(), place, schema->definition(), rights);
      } else if (key != "object") {
        wrong(place + "." + key, "field.unknown");
      }
    }
    out.emplace(name, std::move(rights));
  }

  void read_actions(const base::Json& json, const std::string& place, ObjectRights& rights) {
    if (!json.is_array()) return wrong(place + ".actions", "field.list");
    for (const auto& action : json.get_array()) {
      if (!action.is_string()) return wrong(place + ".actions", "field.option");
      rights.actions.emplace_back(action.get_string());
    }
  }

  void read_scope(const base::Json& json, const std::string& place, ObjectRights& rights) {
    const auto scope = json.is_string() ? platform::parse_scope(json.get_string()) : std::nullopt;
    if (!scope) return wrong(place + ".scope", "field.option");
    rights.scope = *scope;
  }

  void read_departments(const base::Json& json, const std::string& place, ObjectRights& rights) {
    if (!json.is_array()) return wrong(place + ".departments", "field.list");
    for (const auto& department : json.get_array()) {
      const auto id =
          department.is_int64() ? parse_id(std::to_string(department.get_int64())) : std::nullopt;
      if (!id) return wrong(place + ".departments", "field.reference");
      rights.departments.push_back(*id);
    }
  }

  void read_fields(const base::Json& json, const std::string& place,
                   const record::ObjectDefinition& definition, ObjectRights& rights) {
    if (!json.is_array()) return wrong(place + ".fields", "field.list");
    for (const auto& element : json.get_array()) {
      const auto* object = element.if_object();
      const auto name = object == nullptr ? std::string() : base::json_text(*object, "field");
      if (definition.field(name) == nullptr) return wrong(place + ".fields", "field.option");
      platform::FieldRule rule;
      const auto access = platform::parse_field_access(base::json_text(*object, "rule", "edit"));
      if (!access) return wrong(place + ".fields", "field.option");
      rule.access = *access;
      rule.mask = base::json_bool(*object, "mask");
      rights.fields[name] = rule;
    }
  }

  const record::Schema& schema_;
  std::vector<base::FieldError> errors_;
};

http::Response put_rights(ApiContext& context) {
  context.allow_parameters({});
  require_configure(context, "role");
  context.engine().read(context.actor(), "role", context.id());
  const auto rights = RightsReader(context.schema()).read(context.body());
  context.parts.access.set_role_rights(context.actor(), context.id(), rights);
  return rights_answer(context, context.id());
}

}  // namespace

void add_administration_routes(RouteTable& routes) {
  Route create{"POST", "/users", create_user, "Makes a user with a first password"};
  Route reset{"POST", "/users/{id}/reset_password", reset_password, "Sets a user's password"};
  // A fingerprint of the body would be a fast hash of the password.
  create.keeps_answer = false;
  reset.keeps_answer = false;
  routes.add(std::move(create));
  routes.add(std::move(reset));
  routes.add({"GET", "/roles/{id}/rights", get_rights, "What a role may do"});
  routes.add({"PUT", "/roles/{id}/rights", put_rights, "Sets what a role may do"});
}

}  // namespace kehai::api
