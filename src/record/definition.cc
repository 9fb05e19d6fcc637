#include "record/definition.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "query/parser.h"

namespace kehai::record {

namespace {

constexpr std::array<std::string_view, 21> kTypeNames = {
    "text",      "long_text", "integer",    "decimal",      "money",   "percent", "date",
    "datetime",  "boolean",   "select",     "multi_select", "phone",   "email",   "url",
    "reference", "user",      "department", "region",       "address", "serial",  "file"};

constexpr std::int64_t kMostFiles = 10;  // of one field that does not say another number

[[noreturn]] void invalid(const std::string& object, const std::string& reason) {
  throw base::Error(base::ErrorKind::Invalid, "definition.invalid",
                    {{"object", object}, {"reason", reason}});
}

SerialReset parse_reset(const std::string& object, std::string_view name) {
  if (name == "never") return SerialReset::Never;
  if (name == "yearly") return SerialReset::Yearly;
  if (name == "monthly") return SerialReset::Monthly;
  if (name != "daily") invalid(object, "unknown reset " + std::string(name));
  return SerialReset::Daily;
}

FieldType parse_type(const std::string& object, std::string_view name) {
  const auto found = std::find(kTypeNames.begin(), kTypeNames.end(), name);
  if (found == kTypeNames.end()) invalid(object, "unknown type " + std::string(name));
  return static_cast<FieldType>(found - kTypeNames.begin());
}

std::vector<std::string> strings(const base::JsonObject& object, std::string_view key) {
  std::vector<std::string> out;
  if (const auto* array = object.if_contains(key); array != nullptr && array->is_array()) {
    for (const auto& element : array->get_array()) out.emplace_back(element.as_string());
  }
  return out;
}

Option parse_option(const base::JsonObject& json) {
  Option option;
  option.value = base::json_text(json, "value");
  option.labels =
      json.contains("label") ? base::Labels::from_json(json.at("label")) : base::Labels{};
  if (option.labels.empty()) option.labels.texts.fill(option.value);
  option.color = base::json_text(json, "color");
  option.active = base::json_bool(json, "active", true);
  return option;
}

void apply_type_defaults(FieldDefinition& field) {
  switch (field.type) {
    case FieldType::Text:
      if (field.max_length == 0) field.max_length = 200;
      break;
    case FieldType::LongText:
      if (field.max_length == 0) field.max_length = 20'000;
      field.sortable = false;
      break;
    case FieldType::Money:
    case FieldType::Percent:
      field.scale = 2;
      break;
    case FieldType::Phone:
      field.max_length = 40;
      field.mask = "phone";
      break;
    case FieldType::Email:
      field.max_length = 254;
      field.mask = "email";
      break;
    case FieldType::Url:
    case FieldType::Address:
      if (field.max_length == 0) field.max_length = 500;
      break;
    case FieldType::MultiSelect:
      field.multiple = true;
      break;
    case FieldType::File:
      field.sortable = field.filterable = false;
      if (field.multiple && !field.maximum) field.maximum = kMostFiles;
      break;
    default:
      break;
  }
  if (field.multiple) field.sortable = false;
}

// Names and the time, anywhere in the tree: what makes the answer depend on more than the row.
bool depends_on_reader(const query::NodePtr& node) {
  if (node->kind == query::NodeKind::Alias) return true;
  if (node->kind == query::NodeKind::Path && node->path.size() > 1) return true;
  if (node->kind == query::NodeKind::Call && node->name == "now") return true;
  return std::any_of(node->children.begin(), node->children.end(), depends_on_reader);
}

void apply_formula(const std::string& object, FieldDefinition& field) {
  const bool wrong = field.multiple || field.is_reference() || field.unique || field.required ||
                     field.sort_key || field.fold || field.search_class != 0 ||
                     field.type == FieldType::Region || field.type == FieldType::File ||
                     field.type == FieldType::Serial;
  if (wrong) invalid(object, field.name + " cannot be computed");
  field.formula_tree = query::parse_expression(field.formula);
  field.at_read = depends_on_reader(field.formula_tree);
  const auto& tree = *field.formula_tree;
  field.kept = tree.kind == query::NodeKind::Lambda && tree.name == "any" &&
               tree.children.empty() && tree.path.size() == 1 && field.type == FieldType::Boolean;
  field.read_only = true;
  field.audited = false;
  if (field.at_read) field.sortable = field.filterable = false;
}

FieldDefinition system_field(std::string name, FieldType type, base::Labels labels,
                             std::string target = {}) {
  FieldDefinition field;
  field.name = std::move(name);
  field.type = type;
  field.labels = std::move(labels);
  field.target = std::move(target);
  field.read_only = true;
  field.system = true;
  field.audited = false;
  return field;
}

void add_system_fields(ObjectDefinition& object) {
  auto& out = object.fields;
  out.push_back(system_field("id", FieldType::Integer, {{"编号ID", "識別碼", "ID"}}));
  if (!object.code_prefix.empty()) {
    out.push_back(system_field("code", FieldType::Serial, {{"编号", "編號", "Code"}}));
    out.back().search_class = 'c';
    out.back().serial_prefix = object.code_prefix;
  }
  out.push_back(
      system_field("created_at", FieldType::DateTime, {{"创建时间", "建立時間", "Created"}}));
  out.push_back(
      system_field("created_by", FieldType::User, {{"创建人", "建立者", "Created by"}}, "user"));
  out.push_back(
      system_field("updated_at", FieldType::DateTime, {{"更新时间", "更新時間", "Updated"}}));
  out.push_back(
      system_field("updated_by", FieldType::User, {{"更新人", "更新者", "Updated by"}}, "user"));
  out.push_back(system_field("version", FieldType::Integer, {{"版本", "版本", "Version"}}));
  out.push_back(
      system_field("deleted_at", FieldType::DateTime, {{"删除时间", "刪除時間", "Deleted"}}));
  out.push_back(
      system_field("deleted_by", FieldType::User, {{"删除人", "刪除者", "Deleted by"}}, "user"));
  if (object.owned) {
    out.push_back(
        system_field("owner_id", FieldType::User, {{"负责人", "負責人", "Owner"}}, "user"));
    out.back().state = true;
    out.back().audited = true;
    out.push_back(system_field("scope_department_id", FieldType::Department,
                               {{"所属部门", "所屬部門", "Department"}}, "department"));
    out.push_back(system_field("owner_department_id", FieldType::Department,
                               {{"归属部门", "歸屬部門", "Owner's department"}}, "department"));
  }
  if (!object.parent_field.empty()) {
    out.push_back(system_field("parent_owner_id", FieldType::User,
                               {{"上级负责人", "上層負責人", "Parent's owner"}}, "user"));
  }
}

void parse_transitions(ObjectDefinition& object, const base::JsonObject& json) {
  if (const auto* transitions = json.if_contains("transitions")) {
    for (const auto& element : transitions->as_array()) {
      const auto& item = element.as_object();
      object.transitions.push_back(
          {base::json_text(item, "action"), strings(item, "from"), base::json_text(item, "to")});
    }
  }
}

// A section without a list of fields has those whose group it is, in the order of the definition.
void complete_layout(ObjectDefinition& object) {
  if (!object.layout.is_array()) return;
  for (auto& element : object.layout.get_array()) {
    auto& section = element.as_object();
    if (section.contains("fields")) continue;
    const std::string name = base::json_text(section, "name");
    base::JsonArray fields;
    for (const auto& field : object.fields) {
      if (field.group == name) fields.emplace_back(field.name);
    }
    section["fields"] = std::move(fields);
  }
}

// The fields of the object that a formula looks at; computed ones are none of them, so that no
// formula can run in a circle. What follows the children is like a field that somebody typed.
void collect_reads(const ObjectDefinition& object, const query::NodePtr& node,
                   FieldDefinition& field) {
  if (node->kind == query::NodeKind::Lambda)
    invalid(object.name, field.name + " reads many records");
  if (node->kind == query::NodeKind::Path) {
    const auto& first = node->path.front();
    const auto found =
        std::find_if(object.fields.begin(), object.fields.end(), [&](const FieldDefinition& other) {
          if (other.multiple || (other.is_computed() && !other.kept)) return false;
          return node->path.size() == 1 ? other.name == first
                                        : other.is_reference() && other.navigation() == first;
        });
    if (found == object.fields.end() || node->path.back() == "$count")
      invalid(object.name, field.name + " reads what it cannot: " + first);
    field.reads.push_back(found->name);
  }
  for (const auto& child : node->children) collect_reads(object, child, field);
}

void check(const ObjectDefinition& object) {
  if (object.name.empty() || object.collection.empty())
    invalid(object.name, "name or collection is missing");
  for (std::size_t i = 0; i < object.fields.size(); ++i) {
    for (std::size_t j = i + 1; j < object.fields.size(); ++j) {
      if (object.fields[i].name == object.fields[j].name)
        invalid(object.name, "field twice: " + object.fields[i].name);
    }
  }
  if (!object.title_field.empty() && object.field(object.title_field) == nullptr) {
    invalid(object.name, "title_field is unknown");
  }
  for (const auto& field : object.fields) {
    if (!field.copy_of.empty() && object.parent_field.empty())
      invalid(object.name, field.name + " copies without a parent");
  }
  for (const auto& name : object.member_fields) {
    const auto* field = object.field(name);
    if (field == nullptr || !field->is_reference() || field->multiple)
      invalid(object.name, "member field is no reference: " + name);
  }
  for (const auto& order : object.list_orders) {
    if (object.field(order) == nullptr) invalid(object.name, "list order is unknown: " + order);
  }
  for (const auto& index : object.indexes) {
    if (index.columns.empty()) invalid(object.name, "an index has no columns");
    for (const auto* columns : {&index.columns, &index.include}) {
      for (const auto& column : *columns) {
        if (object.field(column) == nullptr)
          invalid(object.name, "an index names an unknown field: " + column);
      }
    }
  }
}

void check_totals(const ObjectDefinition& object) {
  if (!object.totals.empty() && object.configuration)
    invalid(object.name, "totals of configuration");
  for (const auto& totals : object.totals) {
    if (totals.name.empty() || totals.by.empty())
      invalid(object.name, "totals without a name or key");
    auto columns = totals.by;
    columns.insert(columns.end(), totals.sums.begin(), totals.sums.end());
    if (!totals.month.empty()) columns.push_back(totals.month);
    for (const auto& column : columns) {
      const auto* field = object.field(column);
      if (field == nullptr || !field->is_stored())
        invalid(object.name, "totals name an unknown field: " + column);
    }
    if (totals.month.empty()) continue;
    const FieldType type = object.field(totals.month)->type;
    if (type != FieldType::DateTime && type != FieldType::Date)
      invalid(object.name, "totals by month of no day and no point in time: " + totals.month);
  }
}

void parse_totals(ObjectDefinition& object, const base::JsonObject& json) {
  const auto* totals = json.if_contains("totals");
  if (totals == nullptr) return;
  for (const auto& element : totals->as_array()) {
    const auto& item = element.as_object();
    object.totals.push_back({base::json_text(item, "name"), strings(item, "by"),
                             base::json_text(item, "month"), strings(item, "sum")});
  }
}

}  // namespace

FieldDefinition parse_field_definition(const std::string& object, const base::JsonObject& json) {
  FieldDefinition field;
  field.name = base::json_text(json, "name");
  if (field.name.empty()) invalid(object, "a field has no name");
  field.formula = base::json_text(json, "formula");
  const std::string type = base::json_text(json, "type", "text");
  if ((type == "formula") != field.is_computed())
    invalid(object, field.name + ": type formula and a formula belong together");
  field.type =
      parse_type(object, field.is_computed() ? base::json_text(json, "result", "text") : type);
  if (json.contains("label")) field.labels = base::Labels::from_json(json.at("label"));
  if (field.labels.empty()) field.labels.texts.fill(field.name);
  if (json.contains("help")) field.help = base::Labels::from_json(json.at("help"));
  field.group = base::json_text(json, "group");
  field.required = base::json_bool(json, "required");
  field.unique = base::json_bool(json, "unique");
  field.read_only = base::json_bool(json, "read_only");
  field.state = base::json_bool(json, "state");
  field.sortable = base::json_bool(json, "sortable", true);
  field.filterable = base::json_bool(json, "filterable", true);
  field.multiple = base::json_bool(json, "multiple");
  field.sort_key = base::json_bool(json, "sort_key");
  field.fold = base::json_bool(json, "fold");
  field.audited = base::json_bool(json, "audited", true);
  const std::string search = base::json_text(json, "search");
  field.search_class = search.empty() ? '\0' : search[0];
  field.max_length = static_cast<int>(base::json_int(json, "max_length"));
  field.scale = static_cast<int>(base::json_int(json, "scale"));
  if (json.contains("minimum")) field.minimum = json.at("minimum").as_int64();
  if (json.contains("maximum")) field.maximum = json.at("maximum").as_int64();
  if (const auto pattern = base::json_text(json, "pattern"); !pattern.empty()) {
    field.pattern = text::Pattern::make(pattern);
    if (!field.pattern) invalid(object, field.name + " has a wrong pattern");
  }
  field.serial_prefix = base::json_text(json, "prefix");
  field.serial_reset = parse_reset(object, base::json_text(json, "reset", "daily"));
  if (json.contains("default")) field.default_value = json.at("default");
  field.picklist = base::json_text(json, "picklist");
  field.target = base::json_text(json, "target");
  field.on_delete = base::json_text(json, "on_delete", "restrict");
  field.copy_of = base::json_text(json, "copy_of");
  if (const auto* options = json.if_contains("options")) {
    for (const auto& option : options->as_array())
      field.options.push_back(parse_option(option.as_object()));
  }
  apply_type_defaults(field);
  if (field.is_computed()) apply_formula(object, field);
  if (field.type == FieldType::Serial) field.read_only = true;
  if (field.type == FieldType::User) field.target = "user";
  if (field.type == FieldType::Department) field.target = "department";
  if (field.type == FieldType::Reference && field.target.empty())
    invalid(object, field.name + " has no target");
  if (field.is_reference() && !field.name.ends_with(field.multiple ? "_ids" : "_id") &&
      !field.name.ends_with("_by")) {
    invalid(object, field.name + " is a reference and must end in _id (_ids when it is multiple)");
  }
  return field;
}

std::string_view field_type_name(FieldType type) {
  return kTypeNames[static_cast<std::size_t>(type)];
}

std::string FieldDefinition::navigation() const {
  if (name.ends_with("_id")) return name.substr(0, name.size() - 3);
  // created_by and the like keep a name of their own, because the column already has the plain
  // word.
  return name + "_user";
}

const Option* FieldDefinition::option(std::string_view value) const {
  for (const auto& candidate : options) {
    if (candidate.value == value) return &candidate;
  }
  return nullptr;
}

const FieldDefinition* ObjectDefinition::field(std::string_view field_name) const {
  const int index = field_index(field_name);
  return index < 0 ? nullptr : &fields[static_cast<std::size_t>(index)];
}

int ObjectDefinition::field_index(std::string_view field_name) const {
  if (!field_indexes_.empty()) {
    const auto found = field_indexes_.find(field_name);
    return found == field_indexes_.end() ? -1 : found->second;
  }
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].name == field_name) return static_cast<int>(i);
  }
  return -1;
}

void ObjectDefinition::index_fields() {
  field_indexes_.clear();
  for (std::size_t i = 0; i < fields.size(); ++i)
    field_indexes_.emplace(fields[i].name, static_cast<int>(i));
}

ObjectDefinition parse_definition(const base::Json& json) {
  const auto& root = json.as_object();
  ObjectDefinition object;
  object.name = base::json_text(root, "object");
  object.collection = base::json_text(root, "collection");
  if (root.contains("label")) object.labels = base::Labels::from_json(root.at("label"));
  object.plural_labels = root.contains("label_plural")
                             ? base::Labels::from_json(root.at("label_plural"))
                             : object.labels;
  object.group = base::json_text(root, "group");
  object.icon = base::json_text(root, "icon");
  object.title_field = base::json_text(root, "title_field");
  object.owned = base::json_bool(root, "owned");
  object.configuration = base::json_bool(root, "configuration");
  object.internal = base::json_bool(root, "internal");
  object.history = base::json_bool(root, "history");
  object.audited = base::json_bool(root, "audited", true);
  object.personal_field = base::json_text(root, "personal_field");
  object.parent_field = base::json_text(root, "parent_field");
  object.rights_from = base::json_text(root, "rights_from");
  object.members = base::json_bool(root, "members");
  object.member_fields = strings(root, "member_fields");
  if (object.member_fields.empty() && !object.parent_field.empty())
    object.member_fields = {object.parent_field};
  object.status_field = base::json_text(root, "status_field");
  object.code_prefix = base::json_text(root, "code_prefix");
  add_system_fields(object);
  if (const auto* fields = root.if_contains("fields")) {
    for (const auto& field : fields->as_array())
      object.fields.push_back(parse_field_definition(object.name, field.as_object()));
  }
  object.index_fields();
  for (auto& field : object.fields) {
    if (field.is_computed() && !field.kept) collect_reads(object, field.formula_tree, field);
  }
  parse_transitions(object, root);
  object.list_orders = strings(root, "list_orders");
  if (object.list_orders.empty()) object.list_orders = {"updated_at"};
  if (object.owned) object.branch_columns = {"owner_id", "scope_department_id"};
  if (!object.parent_field.empty()) object.branch_columns.emplace_back("parent_owner_id");
  if (!object.personal_field.empty()) object.branch_columns.push_back(object.personal_field);
  for (auto& column : strings(root, "branch_columns"))
    object.branch_columns.push_back(std::move(column));
  if (const auto* indexes = root.if_contains("indexes")) {
    for (const auto& index : indexes->as_array()) {
      IndexDefinition definition;
      if (const auto* columns = index.if_array()) {
        for (const auto& column : *columns) definition.columns.emplace_back(column.as_string());
      } else {
        definition.columns = strings(index.as_object(), "columns");
        definition.include = strings(index.as_object(), "include");
        definition.per_branch = base::json_bool(index.as_object(), "per_branch");
      }
      object.indexes.push_back(std::move(definition));
    }
  }
  if (const auto* related = root.if_contains("related")) {
    for (const auto& element : related->as_array()) {
      const auto& item = element.as_object();
      object.related.push_back({base::json_text(item, "object"), base::json_text(item, "field"),
                                base::Labels::from_json(item.at("label"))});
    }
  }
  if (root.contains("layout")) object.layout = root.at("layout");
  if (root.contains("list")) object.list = root.at("list");
  if (root.contains("views")) object.views = root.at("views");
  object.rights = strings(root, "rights");
  parse_totals(object, root);
  complete_layout(object);
  check(object);
  check_totals(object);
  return object;
}

}  // namespace kehai::record
