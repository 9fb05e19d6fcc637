#include "record/expand.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/region.h"
#include "record/formulas.h"
#include "record/list_query.h"

namespace kehai::record {

namespace {

constexpr int kExpandedRows = 20;  // of a to-many expansion without $top
constexpr int kMaximumExpandedRows = 100;

[[noreturn]] void throw_unknown(const std::string& field, std::size_t position) {
  throw base::Error(base::ErrorKind::Invalid, "query.unknown_field",
                    {{"field", field}, {"position", std::to_string(position)}});
}

// Conditions, order and number mean nothing for the one record behind a reference.
void refuse_collection_options(const query::ExpandItem& item, bool may_expand) {
  const char* option = item.filter           ? "$filter"
                       : !item.order.empty() ? "$orderby"
                       : item.top >= 0       ? "$top"
                       : item.count          ? "$count"
                       : item.expand.empty() ? nullptr
                       : may_expand          ? nullptr
                                             : "$expand";
  if (option == nullptr) return;
  throw base::Error(base::ErrorKind::NotImplemented, "query.not_supported",
                    {{"name", std::string(option) + " inside $expand=" + item.navigation},
                     {"position", std::to_string(item.position)}});
}

query::QueryOptions options_inside(const query::ExpandItem& item,
                                   const query::QueryOptions& outer) {
  query::QueryOptions inner;
  inner.select = item.select;
  inner.expand = item.expand;
  inner.filter = item.filter;
  inner.order = item.order;
  inner.count = item.count;
  inner.aliases = outer.aliases;
  if (item.top >= 0) inner.top = item.top;
  return inner;
}

// The id in a reference of a row; 0 when there is none or the row does not show it.
RecordId reference(const TypedRow& row, const std::string& field) {
  const bool is_hidden = std::find(row.hidden.begin(), row.hidden.end(), field) != row.hidden.end();
  return is_hidden ? 0 : row.record.integer(field);
}

std::string region_json(const base::Region& region, const std::vector<std::string>& select) {
  const auto wants = [&](const char* name) {
    return select.empty() || std::find(select.begin(), select.end(), name) != select.end();
  };
  std::string json;
  base::JsonWriter writer(json);
  writer.begin_object();
  if (wants("id")) writer.key("id").integer(region.code);
  if (wants("name")) writer.key("name").text(region.name);
  if (wants("full_name")) writer.key("full_name").text(base::region_full_name(region.code));
  writer.end_object();
  return json;
}

ListRequest children_of(RecordId id, const std::string& field, const query::QueryOptions& options) {
  ListRequest request;
  request.options = options;
  request.default_top = kExpandedRows;
  request.maximum_top = kMaximumExpandedRows;
  request.fixed = {{field, Value(id)}};
  return request;
}

}  // namespace

Engine::Rendering::Rendering(Engine& engine, const Actor& actor, const ObjectSchema& object,
                             const query::QueryOptions& options)
    : engine_(engine),
      actor_(actor),
      schema_(engine.schema()),
      object_(object),
      writer_(engine.fields_cache_->of(actor, schema_, object), object, options.select) {
  for (const auto& item : options.expand) expansions_.push_back(expansion(item, options));
}

Engine::Rendering::Expansion Engine::Rendering::expansion(
    const query::ExpandItem& item, const query::QueryOptions& options) const {
  const auto& access = engine_.parts_.access;
  // Regions are compiled in, no table: their expansion needs no look-up.
  if (const auto* region = object_.definition().field(item.navigation + "_id");
      region != nullptr && region->type == FieldType::Region &&
      access.field_access(actor_, object_.definition(), *region) != FieldAccess::Hidden) {
    return region_expansion(item, region->name);
  }
  const auto* navigation = object_.navigation(item.navigation);
  const auto* target = navigation == nullptr ? nullptr : schema_->find(navigation->target->name());
  if (target == nullptr) throw_unknown(item.navigation, item.position);
  // The field behind the navigation is ours, or the target's when many of its records point at one
  // of ours.
  const auto& through = navigation->to_many ? target->definition() : object_.definition();
  if (!access.may(actor_, target->definition(), "read") ||
      access.field_access(actor_, through, *through.field(navigation->foreign_key)) ==
          FieldAccess::Hidden) {
    throw_unknown(item.navigation, item.position);
  }
  Expansion out{item.navigation,
                navigation->foreign_key,
                target,
                navigation->to_many,
                {},
                options_inside(item, options),
                {}};
  if (navigation->to_many) {
    // Its conditions and its order are checked, whether or not there are rows to apply them to.
    const auto request = children_of(0, out.field, out.options);
    const Query checked(engine_, actor_, *target, request);
  } else {
    refuse_collection_options(item, true);
  }
  out.inner = std::make_unique<Rendering>(engine_, actor_, *target, out.options);
  return out;
}

Engine::Rendering::Expansion Engine::Rendering::region_expansion(const query::ExpandItem& item,
                                                                 const std::string& field) const {
  refuse_collection_options(item, false);
  Expansion out{item.navigation, field, nullptr, false, {}, {}, {}};
  for (const auto& chosen : item.select) {
    const std::string name = chosen.path.size() == 1 ? chosen.path[0] : "";
    if (name == "*") continue;
    if (name != "id" && name != "name" && name != "full_name")
      throw_unknown(chosen.path.front(), chosen.position);
    out.select.push_back(name);
  }
  return out;
}

std::vector<std::string> Engine::Rendering::render(db::Reader& reader,
                                                   const std::vector<TypedRow>& rows,
                                                   bool with_tags) const {
  std::vector<const Record*> records;
  for (const auto& row : rows) records.push_back(&row.record);
  const FileInfos files = writer_.files_of(reader, records);
  std::vector<Expanded> all;
  for (const auto& expansion : expansions_) all.push_back(expanded(reader, expansion, rows));
  std::vector<std::string> out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& row = rows[i];
    std::string json;
    base::JsonWriter writer(json);
    writer.begin_object();
    if (with_tags)
      writer.key("@odata.etag").text("W/\"" + std::to_string(row.record.version()) + "\"");
    writer_.write(writer, row.record, row.hidden, files);
    for (std::size_t k = 0; k < all.size(); ++k) {
      const auto& expansion = expansions_[k];
      if (!expansion.to_many) {
        const auto found = all[k].by_id.find(reference(row, expansion.field));
        writer.key(expansion.name);
        found == all[k].by_id.end() ? writer.null() : writer.raw(found->second);
        continue;
      }
      const auto& children = all[k].children[i];
      if (children.count) writer.key(expansion.name + "@odata.count").integer(*children.count);
      writer.key(expansion.name).raw("[" + children.elements + "]");
      if (!children.link.empty())
        writer.key(expansion.name + "@odata.nextLink").text(children.link);
    }
    writer.end_object();
    out.push_back(std::move(json));
  }
  return out;
}

Engine::Rendering::Expanded Engine::Rendering::expanded(db::Reader& reader,
                                                        const Expansion& expansion,
                                                        const std::vector<TypedRow>& rows) const {
  Expanded out;
  if (expansion.to_many) {
    for (const auto& row : rows)
      out.children.push_back(children(reader, expansion, row.record.id()));
  } else if (expansion.target != nullptr) {
    out.by_id = targets(reader, expansion, rows);
  } else {
    for (const auto& row : rows) {
      const RecordId code = reference(row, expansion.field);
      const auto* region = base::find_region(static_cast<std::uint32_t>(code));
      if (region != nullptr) out.by_id.emplace(code, region_json(*region, expansion.select));
    }
  }
  return out;
}

std::map<RecordId, std::string> Engine::Rendering::targets(
    db::Reader& reader, const Expansion& expansion, const std::vector<TypedRow>& rows) const {
  std::set<RecordId> ids;
  for (const auto& row : rows) {
    const RecordId id = reference(row, expansion.field);
    if (id != 0) ids.insert(id);
  }
  const auto& target = *expansion.target;
  const RowScope scope = engine_.parts_.access.scope(actor_, target.definition(), "read");
  std::vector<TypedRow> found;
  for (auto& record : engine_.store_.load_many(reader, target, {ids.begin(), ids.end()})) {
    std::vector<std::string> hidden;
    if (record.is_null("deleted_at") && admits(scope, record, &hidden))
      found.push_back({std::move(record), std::move(hidden)});
  }
  std::vector<Record*> loaded;
  for (auto& row : found) loaded.push_back(&row.record);
  engine_.store_.load_values(reader, loaded, expansion.options.select);
  compute_at_read(reader, engine_, actor_, target, found);
  auto rendered = expansion.inner->render(reader, found, false);
  std::map<RecordId, std::string> out;
  for (std::size_t i = 0; i < found.size(); ++i) out[found[i].record.id()] = std::move(rendered[i]);
  return out;
}

Engine::Rendering::Children Engine::Rendering::children(db::Reader& reader,
                                                        const Expansion& expansion,
                                                        RecordId id) const {
  const auto& options = expansion.options;
  const auto request = children_of(id, expansion.field, options);
  std::string next;
  const auto rows = engine_.page_rows(reader, actor_, *expansion.target, request, next);
  Children out;
  for (const auto& element : expansion.inner->render(reader, rows, false))
    out.elements += (out.elements.empty() ? "" : ",") + element;
  if (options.count) {
    const bool is_whole = next.empty() && options.top != 0;
    out.count = is_whole ? static_cast<std::int64_t>(rows.size())
                         : engine_.count_rows(reader, actor_, *expansion.target, request, 0);
  }
  if (!next.empty() && engine_.expansion_link_)
    out.link = engine_.expansion_link_(object_, id, expansion.name, options, next);
  return out;
}

std::string Engine::read_json(const Actor& actor, std::string_view object, RecordId id,
                              const query::QueryOptions& options, std::int64_t* version) {
  const auto snapshot = schema();
  const auto* found = snapshot->find(object);
  if (found == nullptr) throw base::Error(base::ErrorKind::NotFound, "record.not_found");
  const RowScope scope = scope_or_throw(actor, *found, "read");
  const Rendering rendering(*this, actor, *found, options);
  std::string out;
  parts_.database.read([&](db::Reader& reader) {
    if (!options.expand.empty()) reader.set_budget(kQueryBudget);
    const auto rows = read_row(reader, actor, *found, scope, id, false);
    if (rows.empty()) throw base::Error(base::ErrorKind::NotFound, "record.not_found");
    if (version != nullptr) *version = rows[0].record.version();
    out = std::move(rendering.render(reader, rows, true).front());
  });
  return out;
}

}  // namespace kehai::record
