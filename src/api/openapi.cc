// GET /openapi.json: OpenAPI 3.1 from the definitions, the actions and the table of routes. Shows
// what the caller may do.
#include <algorithm>

#include "api/meta.h"
#include "api/odata.h"
#include "api/route_table.h"
#include "api/visible.h"

namespace kehai::api {

namespace {

using base::JsonArray;
using base::JsonObject;
using record::FieldType;

JsonObject reference(const std::string& schema) {
  return {{"$ref", "#/components/schemas/" + schema}};
}

JsonObject content(JsonObject schema, std::string_view type = "application/json") {
  return {{type, JsonObject{{"schema", std::move(schema)}}}};
}

JsonObject answer(std::string_view description, JsonObject schema) {
  return {{"description", description}, {"content", content(std::move(schema))}};
}

JsonObject empty_answer(std::string_view description) {
  return {{"description", description}};
}

JsonObject problem_answer() {
  return {{"description", "A problem"},
          {"content", content(reference("problem"), "application/problem+json")}};
}

JsonObject value_schema(const record::FieldDefinition& field, bool masked) {
  if (masked) return {{"type", JsonArray{"string", "null"}}};
  switch (field.type) {
    case FieldType::Integer:
    case FieldType::Region:
    case FieldType::Reference:
    case FieldType::User:
    case FieldType::Department:
      return {{"type", JsonArray{"integer", "null"}}, {"format", "int64"}};
    case FieldType::Decimal:
    case FieldType::Money:
    case FieldType::Percent:
      return {{"type", JsonArray{"number", "null"}}, {"x-scale", field.scale}};
    case FieldType::Date:
      return {{"type", JsonArray{"string", "null"}}, {"format", "date"}};
    case FieldType::DateTime:
      return {{"type", JsonArray{"string", "null"}}, {"format", "date-time"}};
    case FieldType::Boolean:
      return {{"type", JsonArray{"boolean", "null"}}};
    case FieldType::File:  // written as it is read, or as the id alone
      return {{"type", JsonArray{"object", "null"}},
              {"required", JsonArray{"id"}},
              {"properties",
               {{"id", {{"type", "integer"}, {"format", "int64"}}},
                {"name", {{"type", "string"}}},
                {"size", {{"type", "integer"}, {"format", "int64"}}},
                {"media_type", {{"type", "string"}}}}}};
    case FieldType::Email:
      return {{"type", JsonArray{"string", "null"}}, {"format", "email"}};
    default:
      break;
  }
  JsonObject out{{"type", JsonArray{"string", "null"}}};
  if (field.max_length > 0) out["maxLength"] = field.max_length;
  if (!field.options.empty()) {
    JsonArray values;
    for (const auto& option : field.options) values.emplace_back(option.value);
    values.emplace_back(nullptr);
    out["enum"] = std::move(values);
  }
  return out;
}

JsonObject field_schema(const record::FieldDefinition& field, bool masked,
                        base::Language language) {
  auto out = value_schema(field, masked);
  if (field.multiple) {
    auto& type = out["type"].as_array();
    const base::Json item = type.front();
    out["type"] = item;
    if (auto* values = out.if_contains("enum")) values->as_array().pop_back();
    out = JsonObject{{"type", "array"}, {"items", std::move(out)}};
  }
  out["title"] = field.labels.in(language);
  if (!field.help.empty()) out["description"] = field.help.in(language);
  return out;
}

JsonObject record_schema(const VisibleObject& object, base::Language language) {
  JsonObject properties;
  for (const auto& field : object.fields) {
    auto schema = field_schema(*field.definition, field.masked, language);
    if (field.read_only) schema["readOnly"] = true;
    properties[field.definition->name] = std::move(schema);
  }
  properties["@odata.etag"] = JsonObject{{"type", "string"}, {"readOnly", true}};
  return {{"type", "object"},
          {"title", object.definition().labels.in(language)},
          {"properties", std::move(properties)}};
}

JsonObject input_schema(const std::vector<record::FieldDefinition>& fields,
                        base::Language language) {
  JsonObject properties;
  JsonArray required;
  for (const auto& field : fields) {
    properties[field.name] = field_schema(field, false, language);
    if (field.required) required.emplace_back(field.name);
  }
  JsonObject out{{"type", "object"}, {"properties", std::move(properties)}};
  if (!required.empty()) out["required"] = std::move(required);
  return out;
}

JsonObject parameter(std::string_view name, std::string_view in, bool required, JsonObject schema) {
  return {{"name", name}, {"in", in}, {"required", required}, {"schema", std::move(schema)}};
}

JsonObject operation(const std::string& id, std::string_view tag, std::string_view summary,
                     JsonObject responses, JsonArray parameters = {}) {
  responses["default"] = problem_answer();
  JsonObject out{{"operationId", id}, {"tags", JsonArray{tag}}, {"summary", summary}};
  if (!parameters.empty()) out["parameters"] = std::move(parameters);
  out["responses"] = std::move(responses);
  return out;
}

JsonObject with_body(JsonObject operation, JsonObject schema) {
  operation["requestBody"] =
      JsonObject{{"required", true}, {"content", content(std::move(schema))}};
  return operation;
}

JsonArray query_parameters() {
  JsonArray out;
  for (const auto* name : {"$filter", "$orderby", "$select", "$expand", "$search", "$apply",
                           "$format", "$skiptoken"}) {
    out.emplace_back(parameter(name, "query", false, {{"type", "string"}}));
  }
  out.emplace_back(parameter("$top", "query", false, {{"type", "integer"}, {"maximum", 500}}));
  out.emplace_back(parameter("$skip", "query", false, {{"type", "integer"}}));
  out.emplace_back(parameter("$count", "query", false, {{"type", "boolean"}}));
  out.emplace_back(
      parameter("count", "query", false, {{"type", "string"}, {"enum", JsonArray{"bounded"}}}));
  out.emplace_back(parameter("deleted", "query", false, {{"type", "boolean"}}));
  return out;
}

JsonObject page_schema(const std::string& name) {
  return {{"type", "object"},
          {"properties",
           JsonObject{{"value", JsonObject{{"type", "array"}, {"items", reference(name)}}},
                      {"@odata.nextLink", JsonObject{{"type", "string"}}},
                      {"@odata.count", JsonObject{{"type", "integer"}}}}}};
}

JsonObject id_schema() {
  return {{"type", "integer"}, {"format", "int64"}};
}

// The number of records, and what hangs on one.
void add_reading_paths(JsonObject& paths, const std::string& collection, const std::string& name,
                       const std::string& tag) {
  const auto get = [&](const std::string& id, std::string_view summary, JsonObject answers,
                       JsonArray parameters) {
    return JsonObject{
        {"get", operation(id, tag, summary, std::move(answers), std::move(parameters))}};
  };
  const JsonObject text{{"type", "string"}};
  paths[collection + "/$count"] =
      get("count_" + tag, "The number of records",
          {{"200",
            JsonObject{{"description", "The number"}, {"content", content(text, "text/plain")}}}},
          query_parameters());
  const JsonObject id = parameter("id", "path", true, id_schema());
  paths[collection + "/{id}/{navigation}"] =
      get("navigate_" + name, "The record or the records at the other end of a reference",
          {{"200", answer("A record or a page", {{"type", "object"}})}},
          {id, parameter("navigation", "path", true, text)});
}

// The input of an action on many records.
JsonObject with_ids(JsonObject input) {
  input["properties"].as_object()["ids"] =
      JsonObject{{"type", "array"}, {"maxItems", 1000}, {"items", id_schema()}};
  auto& required = input["required"];
  if (!required.is_array()) required = JsonArray();
  required.as_array().emplace_back("ids");
  return input;
}

void add_record_paths(JsonObject& paths, const VisibleObject& object, base::Language language) {
  const auto& definition = object.definition();
  const auto& name = definition.name;
  const auto& tag = definition.collection;
  const std::string collection = std::string(kRoot) + "/" + definition.collection;
  const JsonArray id{parameter("id", "path", true, id_schema())};
  JsonArray id_and_tag = id;
  id_and_tag.emplace_back(parameter("If-Match", "header", true, {{"type", "string"}}));

  JsonObject all{
      {"get", operation("list_" + tag, tag, "One page of records",
                        {{"200", answer("A page", page_schema(name))}}, query_parameters())}};
  JsonObject one{{"get", operation("get_" + name, tag, "One record",
                                   {{"200", answer("The record", reference(name))}}, id)}};
  if (object.has("create") || object.has("configure")) {
    all["post"] = with_body(operation("create_" + name, tag, "Creates a record",
                                      {{"201", answer("The record", reference(name))}}),
                            reference(name));
  }
  if (object.has("edit") || object.has("configure")) {
    one["patch"] =
        with_body(operation("update_" + name, tag, "Changes a record",
                            {{"200", answer("The record", reference(name))}}, id_and_tag),
                  reference(name));
  }
  if (object.has("delete") || object.has("configure")) {
    one["delete"] = operation("delete_" + name, tag, "Deletes a record",
                              {{"204", empty_answer("Deleted")}}, id_and_tag);
    paths[collection + "/{id}/restore"] = JsonObject{
        {"post", operation("restore_" + name, tag, "Takes a record out of the recycle bin",
                           {{"200", answer("The record", reference(name))}}, id)}};
  }
  paths[collection] = std::move(all);
  paths[collection + "/{id}"] = std::move(one);
  add_reading_paths(paths, collection, name, tag);
  for (const auto* action : object.actions) {
    const auto label = action->labels.in(language);
    const auto input = input_schema(action->input, language);
    const auto add = [&](const std::string& path, JsonObject made, JsonObject schema) {
      paths[path] = JsonObject{{"post", with_body(std::move(made), std::move(schema))}};
    };
    add(collection + (action->on_collection ? "/" : "/{id}/") + action->name,
        operation(action->name + "_" + name, tag, label,
                  {{"200", answer("The record", reference(name))}},
                  action->on_collection ? JsonArray() : id),
        input);
    if (action->on_collection || !action->bulk) continue;
    add(collection + "/" + action->name,
        operation(action->name + "_many_" + tag, tag, label,
                  {{"200", answer("What became of each", {{"type", "object"}})}}),
        with_ids(input));
  }
}

// A route as its table describes it; `pattern` with a collection's name where the route has one for
// all of them.
void add_route(JsonObject& paths, const Route& route, const std::string& pattern,
               std::string_view tag) {
  const std::string path = (route.at_root ? "" : std::string(kRoot)) + pattern;
  std::string id = route.method;
  for (const char c : pattern) id += (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '_';
  std::transform(id.begin(), id.end(), id.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  JsonArray parameters;
  for (std::size_t at = 0; (at = path.find('{', at)) != std::string::npos; ++at) {
    const auto name = path.substr(at + 1, path.find('}', at) - at - 1);
    parameters.emplace_back(parameter(name, "path", true, {{"type", "string"}}));
  }
  for (const auto& name : route.parameters) {
    parameters.emplace_back(parameter(name, "query", false, {{"type", "string"}}));
  }
  std::string method = route.method;
  std::transform(method.begin(), method.end(), method.begin(),
                 [](char c) { return static_cast<char>(c + 32); });
  auto made =
      operation(id, tag, route.summary, {{"2XX", empty_answer("Done")}}, std::move(parameters));
  if (route.door == Door::Open) made["security"] = JsonArray();
  auto& item = paths[path];
  if (!item.is_object()) item = JsonObject();
  item.as_object()[method] = std::move(made);
}

// Routes that are not about one object (session, search, imports …), and those that modules add to
// every object (timelines, merging); what the general ones do with records is described per object.
void add_other_paths(JsonObject& paths, const RouteTable& routes,
                     const std::vector<VisibleObject>& objects) {
  constexpr std::string_view kEveryRecord = "/{collection}/{id}/";
  constexpr std::string_view kMerging = "/{collection}/merge";
  for (const auto& route : routes.routes()) {
    if (route.pattern.starts_with(kEveryRecord)) {
      const std::string part = route.pattern.substr(kEveryRecord.size());
      for (const auto& object : objects) {
        const auto& collection = object.definition().collection;
        add_route(paths, route, "/" + collection + "/{id}/" + part, collection);
      }
    } else if (route.pattern.starts_with(kMerging)) {
      const std::string part = route.pattern.substr(route.pattern.rfind('/'));
      for (const auto& object : objects) {
        const auto& collection = object.definition().collection;
        if (object.has("merge")) add_route(paths, route, "/" + collection + part, collection);
      }
    } else if (!route.pattern.starts_with("/{") && !route.pattern.empty() && route.pattern != "/") {
      add_route(paths, route, route.pattern, "service");
    }
  }
}

JsonObject problem_schema() {
  const JsonObject text{{"type", "string"}};
  const JsonObject detail{
      {"type", "object"},
      {"properties", JsonObject{{"field", text}, {"code", text}, {"message", text}}}};
  return {{"type", "object"},
          {"properties", JsonObject{{"type", text},
                                    {"status", JsonObject{{"type", "integer"}}},
                                    {"title", text},
                                    {"code", text},
                                    {"request_id", text},
                                    {"fields", JsonObject{{"type", "array"}, {"items", detail}}}}},
          {"required", JsonArray{"status", "title", "code"}}};
}

http::Response get_openapi(ApiContext& context, const RouteTable& routes) {
  context.allow_parameters({});
  JsonObject paths;
  JsonObject schemas{{"problem", problem_schema()}};
  const auto objects = visible_objects(context);
  for (const auto& object : objects) {
    schemas[object.definition().name] = record_schema(object, context.language);
    add_record_paths(paths, object, context.language);
  }
  add_other_paths(paths, routes, objects);
  const JsonObject bearer{{"type", "http"}, {"scheme", "bearer"}};
  const JsonObject cookie{{"type", "apiKey"}, {"in", "cookie"}, {"name", "kehai_session"}};
  JsonObject document{
      {"openapi", "3.1.0"},
      {"info", JsonObject{{"title", "Kehai"}, {"version", "1"}}},
      {"servers", JsonArray{JsonObject{{"url", context.parts.settings.public_origin.empty()
                                                   ? std::string("/")
                                                   : context.parts.settings.public_origin}}}},
      {"security",
       JsonArray{JsonObject{{"token", JsonArray()}}, JsonObject{{"session", JsonArray()}}}},
      {"paths", std::move(paths)},
      {"components",
       JsonObject{{"schemas", std::move(schemas)},
                  {"securitySchemes", JsonObject{{"token", bearer}, {"session", cookie}}}}}};
  return context.json(document);
}

}  // namespace

void add_openapi_routes(RouteTable& routes) {
  routes.add({"GET", "/openapi.json",
              [&routes](ApiContext& context) { return get_openapi(context, routes); },
              "This interface as OpenAPI 3.1"});
}

}  // namespace kehai::api
