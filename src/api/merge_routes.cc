#include "api/merge_routes.h"

#include "api/problem.h"
#include "api/visible.h"

namespace kehai::api {

namespace {

using base::Error;
using base::ErrorKind;
using platform::MergeRequest;
using record::RecordId;

RecordId to_id(const base::Json& json, const char* field) {
  std::optional<RecordId> id;
  if (json.is_int64()) id = parse_id(std::to_string(json.get_int64()));
  if (json.is_string()) id = parse_id(json.get_string());
  if (!id) throw Error::fields({{field, "field.ids", {}}});
  return *id;
}

void read_records(const base::JsonObject& body, MergeRequest& request) {
  const auto* list = body.if_contains("records");
  if (list == nullptr || !list->is_array()) throw Error::fields({{"records", "field.list", {}}});
  for (const auto& element : list->get_array()) {
    if (!element.is_object() || !element.get_object().contains("id"))
      throw Error::fields({{"records", "field.ids", {}}});
    const auto& item = element.get_object();
    std::optional<std::int64_t> version;
    if (const auto* given = item.if_contains("version"); given != nullptr && given->is_int64())
      version = given->get_int64();
    request.records.emplace_back(to_id(item.at("id"), "records"), version);
  }
}

MergeRequest read_request(ApiContext& context, bool needs_master) {
  context.allow_parameters({});
  const auto& object = context.object(context.captures["collection"]);
  const auto body = context.body();
  for (const auto& member : body) {
    const std::string name(member.key());
    if (name != "master_id" && name != "records" && name != "values")
      throw Error::fields({{name, "field.unknown", {}}});
  }
  MergeRequest request;
  request.object = object.name();
  read_records(body, request);
  if (const auto* master = body.if_contains("master_id"); master != nullptr && !master->is_null()) {
    request.master = to_id(*master, "master_id");
  } else if (needs_master) {
    throw Error::fields({{"master_id", "field.required", {}}});
  } else if (!request.records.empty()) {
    request.master = request.records.front().first;
  }
  if (const auto* values = body.if_contains("values"); values != nullptr && !values->is_null()) {
    if (!values->is_object()) throw Error::fields({{"values", "field.list", {}}});
    for (const auto& member : values->get_object())
      request.choices[std::string(member.key())] = to_id(member.value(), "values");
  }
  return request;
}

void write_child(base::JsonWriter& writer, const ApiContext& context, const std::string& object,
                 std::int64_t count) {
  const auto* found = context.schema().find(object);
  writer.begin_object().key("object").text(object).key("label");
  writer.text(found == nullptr ? object : found->definition().labels.in(context.language));
  writer.key("count").integer(count);
}

void write_records(base::JsonWriter& writer, const platform::MergePreview& preview) {
  writer.key("records").begin_array();
  for (std::size_t i = 0; i < preview.records.size(); ++i) {
    const auto& record = preview.records[i];
    writer.begin_object().key("id").integer(record.id()).key("version").integer(record.version());
    writer.key("title").text(preview.titles[i]).key("owner").text(preview.owners[i]);
    writer.key("created_at").text(base::format_instant(record.integer("created_at")));
    writer.key("updated_at").text(base::format_instant(record.integer("updated_at")));
    writer.end_object();
  }
  writer.end_array();
}

void write_fields(base::JsonWriter& writer, const ApiContext& context,
                  const platform::MergePreview& preview) {
  writer.key("fields").begin_array();
  for (const auto& field : preview.fields) {
    const auto& definition = *field.definition;
    writer.begin_object().key("name").text(definition.name);
    writer.key("label").text(definition.labels.in(context.language));
    writer.key("multiple").boolean(definition.multiple).key("differs").boolean(field.differs);
    writer.key("choosable").boolean(field.choosable).key("values").begin_array();
    for (const auto& text : field.texts) writer.text(text);
    writer.end_array().key("chosen").begin_array();
    for (const auto id : field.chosen) writer.integer(id);
    writer.end_array().end_object();
  }
  writer.end_array();
}

http::Response preview(ApiContext& context, const platform::Merges& merges) {
  const auto request = read_request(context, false);
  const auto preview = merges.preview(context.engine(), context.actor(), request);
  std::string out;
  base::JsonWriter writer(out);
  writer.begin_object().key("master_id").integer(request.master);
  write_records(writer, preview);
  write_fields(writer, context, preview);
  writer.key("children").begin_array();
  for (const auto& child : preview.children) {
    write_child(writer, context, child.object, child.count);
    writer.key("equal").integer(child.equal).end_object();
  }
  writer.end_array().key("refusals").begin_array();
  for (const auto& refusal : preview.refusals) {
    writer.begin_object().key("code").text(refusal.code());
    writer.key("message")
        .text(message_of(context.texts, context.language, refusal.code(), refusal.params()))
        .end_object();
  }
  writer.end_array().end_object();
  return context.json(std::move(out));
}

http::Response merge(ApiContext& context, const platform::Merges& merges) {
  const auto request = read_request(context, true);
  const auto result = merges.merge(context.engine(), context.actor(), request);
  std::string out;
  base::JsonWriter writer(out);
  writer.begin_object().key("merge_id").integer(result.merge_id);
  writer.key("master_id").integer(result.master).key("version").integer(result.version);
  writer.key("undoable_until").text(base::format_instant(result.undoable_until));
  writer.key("children").begin_array();
  for (const auto& [object, count] : result.children) {
    const auto* found = context.schema().find(object);
    if (found == nullptr || found->definition().internal ||
        !context.engine().access().may(context.actor(), found->definition(), "read"))
      continue;
    write_child(writer, context, object, count);
    writer.end_object();
  }
  writer.end_array().end_object();
  return context.json(std::move(out));
}

http::Response undo(ApiContext& context, const platform::Merges& merges) {
  context.allow_parameters({});
  const auto [object, master] = merges.undo(context.engine(), context.actor(), context.id());
  base::JsonObject out;
  out["object"] = object;
  out["collection"] = context.schema().at(object).definition().collection;
  out["master_id"] = master;
  return context.json(out);
}

// "/api/v1/accounts/7/timeline" with another id.
std::string with_id(std::string_view path, std::string_view old_id, RecordId id) {
  const std::size_t collection = path.find('/', kRoot.size() + 1);
  std::string out(path.substr(0, collection + 1));
  out += std::to_string(id);
  out += path.substr(collection + 1 + old_id.size());
  return out;
}

}  // namespace

std::optional<http::Response> merged_answer(ApiContext& context, const Error& error) {
  if (error.kind() != ErrorKind::NotFound || error.code() != "record.not_found" ||
      !context.session || context.captures.size() < 2)
    return std::nullopt;
  auto text = context.captures["key"];
  if (text.empty()) text = context.captures["id"];
  const auto id = parse_id(text);
  const auto* object = context.schema().by_collection(context.captures["collection"]);
  if (!id || object == nullptr || !platform::is_mergeable(object->definition()))
    return std::nullopt;
  std::optional<RecordId> master;
  context.engine().database().read([&](db::Reader& reader) {
    master = platform::master_of(reader, object->name(), *id);
    if (master && !context.engine().can_see(reader, context.actor(), *object, *master))
      master.reset();
  });
  if (!master) return std::nullopt;
  if (context.request.method == "GET" || context.request.method == "HEAD") {
    const auto& target = context.request.target;
    const auto query = std::min(target.find('?'), target.size());
    http::Response response;
    response.status = 307;
    response.header("Location", context.parts.settings.public_origin +
                                    with_id(context.path, text, *master) + target.substr(query));
    return response;
  }
  base::JsonObject named;
  named["object"] = object->name();
  named["id"] = *master;
  base::JsonObject data;
  data["master"] = std::move(named);
  const Error merged =
      Error(ErrorKind::Conflict, "record.merged").with_data(boost::json::serialize(data));
  context.problem_code = merged.code();
  return problem(
      merged, {context.texts, context.language, context.request_id, context.has_cookie_session()});
}

std::vector<Route> merge_routes(const platform::Merges& merges) {
  const auto with = [&merges](http::Response (*handler)(ApiContext&, const platform::Merges&)) {
    return [&merges, handler](ApiContext& context) { return handler(context, merges); };
  };
  return {
      make_route("POST", "/{collection}/merge_preview", "What merging records into one would do",
                 with(preview)),
      make_route("POST", "/{collection}/merge", "Merges two to five records into one of them",
                 with(merge)),
      make_route("POST", "/merges/{id}/undo", "Takes a merge back within seven days", with(undo))};
}

}  // namespace kehai::api
