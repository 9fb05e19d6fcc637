// OData's description of the service: $metadata as CSDL XML or JSON, and the service document.
#include <algorithm>

#include "api/meta.h"
#include "api/odata.h"
#include "api/route_table.h"
#include "api/visible.h"
#include "base/error.h"
#include "record/entity_view.h"

namespace kehai::api {

namespace {

constexpr std::string_view kNamespace = "kehai.";
constexpr std::string_view kFileType = "kehai.attached_file";  // what a field names

struct EdmType {
  std::string name;  // "Edm.Decimal"
  int scale = 0;
  int max_length = 0;
  bool collection = false;
};

std::string_view edm_name(query::Type type) {
  switch (type) {
    case query::Type::Boolean:
      return "Edm.Boolean";
    case query::Type::Integer:
      return "Edm.Int64";
    case query::Type::Decimal:
      return "Edm.Decimal";
    case query::Type::Date:
      return "Edm.Date";
    case query::Type::Instant:
      return "Edm.DateTimeOffset";
    default:
      return "Edm.String";
  }
}

EdmType edm_type(const query::FieldType& type, const record::FieldDefinition& field, bool masked) {
  if (field.type == record::FieldType::File && !masked)
    return {std::string(kFileType), 0, 0, field.multiple};
  // A masked value is text, whatever it hides.
  const bool as_text = masked || edm_name(type.type) == "Edm.String";
  EdmType out;
  out.name = as_text ? "Edm.String" : edm_name(type.type);
  out.scale = out.name == "Edm.Decimal" ? type.scale : 0;
  out.max_length = as_text && !masked ? field.max_length : 0;
  out.collection = field.multiple;
  return out;
}

query::FieldType input_type(const record::FieldDefinition& field) {
  switch (field.type) {
    case record::FieldType::Integer:
    case record::FieldType::Reference:
    case record::FieldType::User:
    case record::FieldType::Department:
    case record::FieldType::Region:
      return {query::Type::Integer, 0};
    case record::FieldType::Decimal:
    case record::FieldType::Money:
    case record::FieldType::Percent:
      return {query::Type::Decimal, field.scale};
    case record::FieldType::Date:
      return {query::Type::Date, 0};
    case record::FieldType::DateTime:
      return {query::Type::Instant, 0};
    case record::FieldType::Boolean:
      return {query::Type::Boolean, 0};
    default:
      return {query::Type::Text, 0};
  }
}

struct Navigation {
  std::string name;
  std::string target;      // object
  std::string collection;  // of the target
  bool to_many = false;
};

struct Description {
  std::vector<VisibleObject> objects;
  std::vector<std::vector<Navigation>> navigations;  // by object
};

Description describe(const ApiContext& context) {
  Description out;
  out.objects = visible_objects(context);
  record::EntityView view(context.schema(), context.engine().access(), context.actor());
  for (const auto& object : out.objects) {
    auto& list = out.navigations.emplace_back();
    for (const auto& candidate : object.schema->navigations()) {
      const auto& target = context.schema().at(candidate.target->name()).definition();
      if (target.internal || view.entity(*object.schema).navigation(candidate.name) == nullptr)
        continue;
      list.push_back({candidate.name, target.name, target.collection, candidate.to_many});
    }
  }
  return out;
}

std::string qualified(std::string_view name) {
  return std::string(kNamespace) + std::string(name);
}

std::string type_name(const std::string& name, bool collection) {
  return collection ? "Collection(" + name + ")" : name;
}

// ---- XML

std::string attribute(std::string_view name, std::string_view value) {
  std::string out = " " + std::string(name) + "=\"";
  for (const char c : value) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out + "\"";
}

std::string type_attributes(const EdmType& type) {
  std::string out = attribute("Type", type_name(type.name, type.collection));
  if (type.name == "Edm.Decimal")
    out += attribute("Precision", "18") + attribute("Scale", std::to_string(type.scale));
  if (type.name == "Edm.DateTimeOffset") out += attribute("Precision", "3");
  if (type.max_length > 0) out += attribute("MaxLength", std::to_string(type.max_length));
  return out;
}

void append_entity_type(std::string& out, const VisibleObject& object,
                        const std::vector<Navigation>& navigations) {
  out += "<EntityType" + attribute("Name", object.definition().name) +
         "><Key><PropertyRef Name=\"id\"/></Key>";
  for (const auto& field : object.fields) {
    const auto& definition = *field.definition;
    out += "<Property" + attribute("Name", definition.name) +
           type_attributes(edm_type(field.property->type, definition, field.masked));
    if (definition.name == "id" || definition.name == "version")
      out += attribute("Nullable", "false");
    out += "/>";
  }
  for (const auto& navigation : navigations) {
    out += "<NavigationProperty" + attribute("Name", navigation.name) +
           attribute("Type", type_name(qualified(navigation.target), navigation.to_many)) + "/>";
  }
  out += "</EntityType>";
}

void append_actions(std::string& out, const VisibleObject& object) {
  for (const auto* action : object.actions) {
    const auto type = qualified(object.definition().name);
    out += "<Action" + attribute("Name", action->name) + attribute("IsBound", "true") +
           "><Parameter Name=\"it\"" + attribute("Type", type_name(type, action->on_collection)) +
           "/>";
    for (const auto& field : action->input) {
      out += "<Parameter" + attribute("Name", field.name) +
             type_attributes(edm_type(input_type(field), field, false)) +
             attribute("Nullable", field.required ? "false" : "true") + "/>";
    }
    if (!action->on_collection) out += "<ReturnType" + attribute("Type", type) + "/>";
    out += "</Action>";
  }
}

std::string csdl_xml(const Description& description, std::string_view version) {
  std::string out = "<?xml version=\"1.0\" encoding=\"utf-8\"?>";
  out += "<edmx:Edmx xmlns:edmx=\"http://docs.oasis-open.org/odata/ns/edmx\"" +
         attribute("Version", version) +
         "><edmx:DataServices><Schema xmlns=\"http://docs.oasis-open.org/odata/ns/edm\" "
         "Namespace=\"kehai\"><ComplexType Name=\"attached_file\"><Property Name=\"id\" "
         "Type=\"Edm.Int64\" Nullable=\"false\"/><Property Name=\"name\" "
         "Type=\"Edm.String\"/><Property "
         "Name=\"size\" Type=\"Edm.Int64\"/><Property Name=\"media_type\" "
         "Type=\"Edm.String\"/></ComplexType>";
  for (std::size_t i = 0; i < description.objects.size(); ++i) {
    append_entity_type(out, description.objects[i], description.navigations[i]);
    append_actions(out, description.objects[i]);
  }
  out += "<EntityContainer Name=\"service\">";
  for (std::size_t i = 0; i < description.objects.size(); ++i) {
    const auto& definition = description.objects[i].definition();
    out += "<EntitySet" + attribute("Name", definition.collection) +
           attribute("EntityType", qualified(definition.name)) + ">";
    for (const auto& navigation : description.navigations[i]) {
      out += "<NavigationPropertyBinding" + attribute("Path", navigation.name) +
             attribute("Target", navigation.collection) + "/>";
    }
    out += "</EntitySet>";
  }
  return out + "</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>";
}

// ---- JSON

base::JsonObject json_type(const EdmType& type) {
  base::JsonObject out;
  out["$Type"] = type.name;
  if (type.collection) out["$Collection"] = true;
  if (type.name == "Edm.Decimal") {
    out["$Precision"] = 18;
    out["$Scale"] = type.scale;
  }
  if (type.name == "Edm.DateTimeOffset") out["$Precision"] = 3;
  if (type.max_length > 0) out["$MaxLength"] = type.max_length;
  return out;
}

base::JsonObject json_entity_type(const VisibleObject& object,
                                  const std::vector<Navigation>& navigations) {
  base::JsonObject out;
  out["$Kind"] = "EntityType";
  out["$Key"] = base::JsonArray{"id"};
  for (const auto& field : object.fields) {
    auto type = json_type(edm_type(field.property->type, *field.definition, field.masked));
    const auto& name = field.definition->name;
    if (name != "id" && name != "version") type["$Nullable"] = true;
    out[name] = std::move(type);
  }
  for (const auto& navigation : navigations) {
    base::JsonObject property;
    property["$Kind"] = "NavigationProperty";
    property["$Type"] = qualified(navigation.target);
    property[navigation.to_many ? "$Collection" : "$Nullable"] = true;
    out[navigation.name] = std::move(property);
  }
  return out;
}

base::JsonObject json_action(const VisibleObject& object, const record::Action& action) {
  base::JsonObject out;
  out["$Kind"] = "Action";
  out["$IsBound"] = true;
  base::JsonObject self;
  self["$Name"] = "it";
  self["$Type"] = qualified(object.definition().name);
  if (action.on_collection) self["$Collection"] = true;
  base::JsonArray parameters{self};
  for (const auto& field : action.input) {
    auto parameter = json_type(edm_type(input_type(field), field, false));
    parameter["$Name"] = field.name;
    if (!field.required) parameter["$Nullable"] = true;
    parameters.emplace_back(std::move(parameter));
  }
  out["$Parameter"] = std::move(parameters);
  if (!action.on_collection) {
    base::JsonObject result;
    result["$Type"] = qualified(object.definition().name);
    out["$ReturnType"] = std::move(result);
  }
  return out;
}

std::string csdl_json(const Description& description) {
  base::JsonObject schema;
  base::JsonObject file{{"$Kind", "ComplexType"}, {"id", {{"$Type", "Edm.Int64"}}}};
  for (const auto* name : {"name", "media_type"}) file[name] = json_type({"Edm.String"});
  file["size"] = json_type({"Edm.Int64"});
  schema["attached_file"] = std::move(file);
  base::JsonObject container;
  container["$Kind"] = "EntityContainer";
  for (std::size_t i = 0; i < description.objects.size(); ++i) {
    const auto& object = description.objects[i];
    const auto& definition = object.definition();
    schema[definition.name] = json_entity_type(object, description.navigations[i]);
    for (const auto* action : object.actions) {
      // Overloads of one name share a list.
      auto& overloads = schema[action->name];
      if (overloads.is_object()) continue;  // an object has the name
      if (!overloads.is_array()) overloads = base::JsonArray();
      overloads.as_array().emplace_back(json_action(object, *action));
    }
    base::JsonObject set;
    set["$Collection"] = true;
    set["$Type"] = qualified(definition.name);
    base::JsonObject bindings;
    for (const auto& navigation : description.navigations[i])
      bindings[navigation.name] = navigation.collection;
    if (!bindings.empty()) set["$NavigationPropertyBinding"] = std::move(bindings);
    container[definition.collection] = std::move(set);
  }
  schema["service"] = std::move(container);
  base::JsonObject document;
  document["$Version"] = "4.01";
  document["$EntityContainer"] = "kehai.service";
  document["kehai"] = std::move(schema);
  return boost::json::serialize(document);
}

http::Response get_metadata(ApiContext& context) {
  context.allow_parameters({"$format", "format"});
  auto format = context.parameter("$format");
  if (format.empty()) format = context.parameter("format");
  const auto accept = context.request.header("accept");
  const bool json = format.empty() ? accept.find("application/json") != std::string_view::npos &&
                                         accept.find("xml") == std::string_view::npos
                                   : format == "json" || format.starts_with("application/json");
  if (!json && !format.empty() && format != "xml" && !format.starts_with("application/xml")) {
    throw base::Error(base::ErrorKind::Invalid, "query.bad_option", {{"name", "$format"}});
  }
  const auto description = describe(context);
  if (json) return odata_json(context, csdl_json(description));
  http::Response response;
  response.body = csdl_xml(description, odata_version(context.request));
  response.header("Content-Type", "application/xml; charset=utf-8");
  response.header("OData-Version", std::string(odata_version(context.request)));
  return response;
}

http::Response get_service(ApiContext& context) {
  context.allow_parameters({"$format", "format"});
  std::string body;
  base::JsonWriter writer(body);
  writer.begin_object();
  writer.key("@odata.context").text(context.link("/$metadata"));
  writer.key("value").begin_array();
  for (const auto& object : visible_objects(context)) {
    writer.begin_object();
    writer.key("name").text(object.definition().collection);
    writer.key("title").text(object.definition().plural_labels.in(context.language));
    writer.key("kind").text("EntitySet");
    writer.key("url").text(object.definition().collection);
    writer.end_object();
  }
  writer.end_array();
  writer.end_object();
  return odata_json(context, std::move(body));
}

}  // namespace

void add_metadata_routes(RouteTable& routes) {
  Route metadata{"GET", "/$metadata", get_metadata,
                 "OData's description of what the caller sees (XML or JSON)"};
  metadata.parameters = {"$format"};
  routes.add(std::move(metadata));
  routes.add({"GET", "", get_service, "OData's service document"});
  routes.add({"GET", "/", get_service, "OData's service document"});
}

}  // namespace kehai::api
