// Object definitions: the one metadata from which tables, API, forms, lists, import, audit and
// rights follow. Read from *.object.json of the modules (embedded) and, later, from objects that a
// customer makes. Immutable after loading; safe from any thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/json.h"
#include "base/language.h"
#include "base/text/pattern.h"
#include "query/ast.h"

namespace kehai::record {

enum class FieldType {
  Text,
  LongText,
  Integer,
  Decimal,
  Money,
  Percent,
  Date,
  DateTime,
  Boolean,
  Select,
  MultiSelect,
  Phone,
  Email,
  Url,
  Reference,
  User,
  Department,
  Region,
  Address,
  Serial,
  File,
};

std::string_view field_type_name(FieldType type);

struct Option {
  std::string value;
  base::Labels labels;
  std::string color;  // a token of the UI's palette, may be empty
  bool active = true;
};

// When the numbers of a serial field begin anew, by the organisation's calendar.
enum class SerialReset { Never, Yearly, Monthly, Daily };

struct FieldDefinition {
  std::string name;  // column, API and CSV name
  FieldType type = FieldType::Text;
  base::Labels labels;
  base::Labels help;
  std::string group;  // key of the layout section
  bool required = false;
  bool unique = false;
  bool read_only = false;  // set by the engine, hooks and actions only
  bool state = false;      // changed by transitions only
  bool system = false;     // id, version, …
  bool sortable = true;
  bool filterable = true;
  bool multiple = false;  // child table <object>__<field>
  bool sort_key = false;  // has <name>__sort
  bool fold = false;      // has <name>__fold
  bool audited = true;
  char search_class = 0;  // 0 = not searched; 'n' name, 'p' phone, 'e' email, 't' text, 'c' code
  std::string mask;       // "phone", "email", … when the field may be masked
  int max_length = 0;     // code points
  int scale = 0;          // decimals
  std::optional<std::int64_t> minimum;           // storage units
  std::optional<std::int64_t> maximum;           // File: how many
  std::shared_ptr<const text::Pattern> pattern;  // of texts: what the whole value must match
  base::Json default_value;                      // null = none
  std::vector<Option> options;
  std::string serial_prefix;                      // Serial
  SerialReset serial_reset = SerialReset::Daily;  // Serial
  std::string picklist;  // options kept in the picklist table, changed in settings
  std::string target;    // Reference: object
  std::string on_delete =
      "restrict";  // what a live referrer does when its target is deleted: restrict, cascade, keep
  // Computed from other fields ("type": "formula", "result": the type of the value; formulas.h). A
  // formula over the record's own fields is kept in a column; one that asks for the time, the
  // reader or other records is answered when it is read: no column, no filter, no order.
  std::string formula;  // "" = not computed
  query::NodePtr formula_tree;
  bool at_read = false;
  // A stored formula of the form "children/any()": a column that follows the children. Tx writes it
  // when children come, go or change their parent; whoever moves children past Tx calls
  // Tx::refresh_kept().
  bool kept = false;
  std::vector<std::string> reads;  // own fields that the formula looks at
  std::string copy_of;  // field of the parent that this one repeats: whoever may not read that may
                        // not read this

  bool is_reference() const {
    return type == FieldType::Reference || type == FieldType::User || type == FieldType::Department;
  }
  bool is_computed() const { return !formula.empty(); }
  // Has a column in the object's own table.
  bool is_stored() const { return !multiple && !at_read; }
  // Name of the navigation property: the field without "_id".
  std::string navigation() const;
  const Option* option(std::string_view value) const;
};

struct Transition {
  std::string action;
  std::vector<std::string> from;
  std::string to;
};

// In a definition: ["status", "due_at"], or {"columns": […], "include": […], "per_branch": true};
// see indexes.h.
struct IndexDefinition {
  std::vector<std::string> columns;
  std::vector<std::string> include;  // values that conditions and sums need beside the columns
  bool per_branch = false;           // also one behind each access branch
};

// In a definition: {"name": "stages", "by": ["stage_id", "currency"], "month": "created_at", "sum":
// ["amount"]}; see totals.h.
struct TotalsDefinition {
  std::string name;
  std::vector<std::string> by;
  std::string month;  // a point in time of which only the month is kept; "" = none
  std::vector<std::string> sums;
};

struct RelatedList {
  std::string object;
  std::string field;
  base::Labels labels;
};

struct ObjectDefinition {
  std::string name;
  std::string collection;
  base::Labels labels;
  base::Labels plural_labels;
  std::string group;  // navigation group in the UI
  std::string icon;
  std::string title_field;
  bool owned = false;          // owner_id, scope_department_id, owner_department_id
  bool configuration = false;  // no soft delete, no owner, right "configure"
  bool internal = false;       // not in metadata or API (still audited, typed)
  bool history = false;        // has a timeline
  bool audited = true;         // writes audit rows
  std::string
      personal_field;  // user field: everybody has just the records that name him (notifications)
  std::string parent_field;  // reference whose owner sees this record: parent_owner_id
  // Its own rows hang on records of another object and are for whoever reads those: "activity" of
  // comments. They carry that object's access columns, which their module keeps equal; no role says
  // anything about them.
  std::string rights_from;
  bool members = false;  // people can be made members of single records
  // References to objects with members: members of the target read this record. Without it: the
  // parent field.
  std::vector<std::string> member_fields;
  std::string status_field;  // the field that `transitions` move
  std::string code_prefix;   // "" = records have no code
  std::string origin = "built_in";
  std::vector<FieldDefinition> fields;  // system fields first
  std::vector<Transition> transitions;
  std::vector<std::string> list_orders;  // sortable with index in every access branch
  std::vector<std::string>
      branch_columns;  // access branches: owner_id, scope_department_id, parent_owner_id, …
  std::vector<IndexDefinition> indexes;
  std::vector<TotalsDefinition> totals;
  std::vector<RelatedList> related;
  base::Json layout;  // as in docs/dev/api.md, labels in all languages
  base::Json list;
  base::Json views;
  std::vector<std::string>
      rights;  // function rights that exist for this object, beyond the basic ones

  const FieldDefinition* field(std::string_view name) const;
  int field_index(std::string_view name) const;  // -1 when unknown
  // After the last field: what field_index() looks in.
  void index_fields();

 private:
  struct NameHash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  std::unordered_map<std::string, int, NameHash, std::equal_to<>> field_indexes_;
};

// Throws Error Invalid "definition.invalid" {object, reason}.
ObjectDefinition parse_definition(const base::Json& json);
// One field, in the same format; also the input fields of actions. `object` only names the place in
// errors.
FieldDefinition parse_field_definition(const std::string& object, const base::JsonObject& json);

}  // namespace kehai::record
