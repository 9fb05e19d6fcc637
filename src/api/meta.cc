// GET /meta, exactly as docs/dev/api.md has it.
#include "api/meta.h"

#include <algorithm>
#include <map>

#include "api/odata.h"
#include "api/route_table.h"
#include "api/visible.h"
#include "base/random.h"

namespace kehai::api {

namespace {

using base::JsonWriter;
using base::Language;
using record::FieldDefinition;

void write_options(JsonWriter& writer, const std::vector<record::Option>& options,
                   Language language) {
  writer.begin_array();
  for (const auto& option : options) {
    writer.begin_object();
    writer.key("value").text(option.value);
    writer.key("label").text(option.labels.in(language));
    writer.key("color");
    option.color.empty() ? writer.null() : writer.text(option.color);
    // Retired options still name what older records hold.
    if (!option.active) writer.key("active").boolean(false);
    writer.end_object();
  }
  writer.end_array();
}

std::string label_in(const base::JsonObject& object, Language language) {
  const auto* label = object.if_contains("label");
  return label == nullptr ? std::string() : base::Labels::from_json(*label).in(language);
}

// The heading of the layout section where the field stands.
std::string section_of(const record::ObjectDefinition& definition, const FieldDefinition& field,
                       Language language) {
  if (!definition.layout.is_array()) return {};
  for (const auto& element : definition.layout.get_array()) {
    const auto* section = element.if_object();
    const auto* fields = section == nullptr ? nullptr : section->if_contains("fields");
    if (fields == nullptr || !fields->is_array()) continue;
    const bool named = !field.group.empty() && base::json_text(*section, "name") == field.group;
    const auto& names = fields->get_array();
    const bool listed = std::any_of(names.begin(), names.end(), [&](const base::Json& name) {
      return name.is_string() && name.get_string() == field.name;
    });
    if (named || listed) return label_in(*section, language);
  }
  return {};
}

// What a field is, whether of a record or of an action's input. A reference whose target is not for
// the caller's eyes is a mere number: it cannot be expanded, chosen or named.
void write_field_kind(JsonWriter& writer, const FieldDefinition& field, Language language,
                      bool target_visible = true) {
  writer.key("name").text(field.name);
  writer.key("type").text(target_visible ? record::field_type_name(field.type) : "integer");
  writer.key("label").text(field.labels.in(language));
  writer.key("help").text(field.help.in(language));
  writer.key("required").boolean(field.required);
  if (field.max_length > 0) writer.key("max_length").integer(field.max_length);
  writer.key("scale").integer(field.scale);
  if (field.minimum) writer.key("minimum").decimal(*field.minimum, field.scale);
  if (field.maximum) writer.key("maximum").decimal(*field.maximum, field.scale);
  writer.key("options");
  write_options(writer, field.options, language);
  if (!field.picklist.empty()) writer.key("picklist").text(field.picklist);
  if (!field.target.empty() && target_visible) writer.key("target").text(field.target);
  writer.key("multiple").boolean(field.multiple);
  writer.key("default").raw(boost::json::serialize(field.default_value));
}

bool is_visible(const std::vector<VisibleObject>& all, std::string_view object) {
  return std::any_of(all.begin(), all.end(), [&](const VisibleObject& candidate) {
    return candidate.definition().name == object;
  });
}

void write_field(JsonWriter& writer, const VisibleObject& object, const VisibleField& field,
                 const std::vector<VisibleObject>& all, Language language) {
  const auto& definition = *field.definition;
  const bool target_visible = !definition.is_reference() || is_visible(all, definition.target);
  writer.begin_object();
  write_field_kind(writer, definition, language, target_visible);
  writer.key("read_only").boolean(field.read_only || !target_visible);
  writer.key("sortable").boolean(definition.sortable && !field.masked);
  writer.key("filterable").boolean(definition.filterable && !field.masked);
  writer.key("masked").boolean(field.masked);
  writer.key("system").boolean(definition.system);
  writer.key("group").text(section_of(object.definition(), definition, language));
  writer.end_object();
}

// The names in a JSON array that the caller may see.
void write_names(JsonWriter& writer, const VisibleObject& object, const base::Json* names) {
  writer.begin_array();
  if (names != nullptr && names->is_array()) {
    for (const auto& name : names->get_array()) {
      if (name.is_string() && object.field(name.get_string()) != nullptr)
        writer.text(name.get_string());
    }
  }
  writer.end_array();
}

// Own fields in the order of the definition: the form of an object that says nothing about it.
void write_own_fields(JsonWriter& writer, const VisibleObject& object, std::size_t limit) {
  writer.begin_array();
  std::size_t count = 0;
  for (const auto& field : object.fields) {
    if (field.definition->system || count == limit) continue;
    writer.text(field.definition->name);
    ++count;
  }
  writer.end_array();
}

void write_layout(JsonWriter& writer, const VisibleObject& object, Language language) {
  const auto& layout = object.definition().layout;
  writer.begin_array();
  if (layout.is_array()) {
    for (const auto& element : layout.get_array()) {
      const auto* section = element.if_object();
      if (section == nullptr) continue;
      writer.begin_object();
      writer.key("label").text(label_in(*section, language));
      writer.key("fields");
      write_names(writer, object, section->if_contains("fields"));
      writer.end_object();
    }
  } else {
    writer.begin_object();
    writer.key("label").text("");
    writer.key("fields");
    write_own_fields(writer, object, object.fields.size());
    writer.end_object();
  }
  writer.end_array();
}

void write_list(JsonWriter& writer, const VisibleObject& object) {
  constexpr std::size_t kDefaultColumns = 6;
  const auto* list = object.definition().list.if_object();
  writer.begin_object();
  writer.key("columns");
  if (list != nullptr && list->contains("columns")) {
    write_names(writer, object, list->if_contains("columns"));
  } else {
    write_own_fields(writer, object, kDefaultColumns);
  }
  auto order = list == nullptr ? std::string() : base::json_text(*list, "orderby");
  if (order.empty()) order = object.definition().list_orders.front() + " desc";
  writer.key("orderby").text(order);
  writer.end_object();
}

void write_views(JsonWriter& writer, const VisibleObject& object, Language language) {
  const auto& views = object.definition().views;
  writer.begin_array();
  if (views.is_array()) {
    for (const auto& element : views.get_array()) {
      const auto* view = element.if_object();
      if (view == nullptr) continue;
      writer.begin_object();
      writer.key("name").text(base::json_text(*view, "name"));
      writer.key("label").text(label_in(*view, language));
      if (view->contains("filter")) writer.key("filter").text(base::json_text(*view, "filter"));
      if (view->contains("columns")) {
        writer.key("columns");
        write_names(writer, object, view->if_contains("columns"));
      }
      if (view->contains("orderby")) writer.key("orderby").text(base::json_text(*view, "orderby"));
      writer.end_object();
    }
  }
  writer.end_array();
}

void write_related(JsonWriter& writer, const VisibleObject& object,
                   const std::vector<VisibleObject>& all, Language language) {
  writer.begin_array();
  for (const auto& related : object.definition().related) {
    const auto other = std::find_if(all.begin(), all.end(), [&](const VisibleObject& candidate) {
      return candidate.definition().name == related.object;
    });
    if (other == all.end() || other->field(related.field) == nullptr) continue;
    writer.begin_object();
    writer.key("object").text(related.object);
    writer.key("field").text(related.field);
    writer.key("label").text(related.labels.in(language));
    writer.end_object();
  }
  writer.end_array();
}

void write_actions(JsonWriter& writer, const VisibleObject& object, Language language) {
  writer.begin_array();
  for (const auto* action : object.actions) {
    writer.begin_object();
    writer.key("name").text(action->name);
    writer.key("label").text(action->labels.in(language));
    writer.key("bulk").boolean(action->bulk && !action->on_collection);
    writer.key("danger").boolean(action->danger);
    if (!action->listed) writer.key("listed").boolean(false);
    writer.key("icon").text(action->icon);
    writer.key("on").text(action->on_collection ? "collection" : "record");
    if (!action->enabled_when.empty()) writer.key("enabled_when").text(action->enabled_when);
    writer.key("input").begin_array();
    for (const auto& field : action->input) {
      writer.begin_object();
      write_field_kind(writer, field, language);
      writer.end_object();
    }
    writer.end_array();
    writer.end_object();
  }
  writer.end_array();
}

void write_object(JsonWriter& writer, const VisibleObject& object,
                  const std::vector<VisibleObject>& all, Language language) {
  const auto& definition = object.definition();
  writer.begin_object();
  writer.key("name").text(definition.name);
  writer.key("collection").text(definition.collection);
  writer.key("label").text(definition.labels.in(language));
  writer.key("label_plural").text(definition.plural_labels.in(language));
  writer.key("icon").text(definition.icon);
  writer.key("group").text(definition.group);
  writer.key("title_field").text(definition.title_field.empty() ? "id" : definition.title_field);
  writer.key("owned").boolean(definition.owned);
  writer.key("pooled");
  // Records with a pool belong to the pools of their own kind.
  object.field("pool_id") != nullptr ? writer.text(definition.name) : writer.null();
  writer.key("history").boolean(definition.history);
  writer.key("members").boolean(definition.members);
  writer.key("configuration").boolean(definition.configuration);
  writer.key("status_field");
  definition.status_field.empty() ? writer.null() : writer.text(definition.status_field);
  writer.key("rights").begin_array();
  for (const auto& right : object.rights) writer.text(right);
  writer.end_array();
  writer.key("fields").begin_array();
  for (const auto& field : object.fields) write_field(writer, object, field, all, language);
  writer.end_array();
  writer.key("layout");
  write_layout(writer, object, language);
  writer.key("list");
  write_list(writer, object);
  writer.key("views");
  write_views(writer, object, language);
  writer.key("related");
  write_related(writer, object, all, language);
  writer.key("actions");
  write_actions(writer, object, language);
  writer.end_object();
}

// What fields hold and what actions ask for.
void write_picklists(JsonWriter& writer, const record::Engine& engine,
                     const std::vector<VisibleObject>& objects, Language language) {
  std::map<std::string, std::vector<record::Option>> by_name;
  for (const auto& object : objects) {
    for (const auto& field : object.fields) {
      if (!field.definition->picklist.empty())
        by_name.emplace(field.definition->picklist, field.definition->options);
    }
    for (const auto* action : object.actions) {
      for (const auto& field : engine.action_input(*action)) {
        if (!field.picklist.empty()) by_name.emplace(field.picklist, field.options);
      }
    }
  }
  writer.begin_object();
  for (const auto& [name, options] : by_name) {
    writer.key(name);
    write_options(writer, options, language);
  }
  writer.end_object();
}

http::Response get_meta(ApiContext& context) {
  context.allow_parameters({});
  const auto objects = visible_objects(context);
  std::string body;
  JsonWriter writer(body);
  writer.begin_object();
  writer.key("language").text(base::language_name(context.language));
  writer.key("objects").begin_array();
  for (const auto& object : objects) write_object(writer, object, objects, context.language);
  writer.end_array();
  writer.key("file_size_limit").integer(context.parts.settings.file_bytes);
  writer.key("picklists");
  write_picklists(writer, context.parts.engine, objects, context.language);
  writer.end_object();
  // The body follows from schema, rights and language alone, so its digest changes when one of them
  // does.
  const auto tag = "\"" + base::sha256_hex(body).substr(0, 32) + "\"";
  if (matches_none(context.request.header("if-none-match"), tag)) {
    http::Response unchanged;
    unchanged.status = 304;
    unchanged.header("ETag", tag);
    return unchanged;
  }
  auto response = context.json(std::move(body));
  response.header("ETag", tag);
  response.header("Content-Language", std::string(base::language_name(context.language)));
  return response;
}

}  // namespace

void add_meta_routes(RouteTable& routes) {
  routes.add(
      {"GET", "/meta", get_meta, "Objects, fields, layouts and actions in the caller's language"});
}

}  // namespace kehai::api
