#include "modules/catalog/tag_rules.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <functional>
#include <set>
#include <span>

#include "base/error.h"
#include "modules/action_input.h"
#include "modules/catalog/tags.h"
#include "query/evaluate.h"
#include "query/parser.h"
#include "record/formulas.h"
#include "record/record_view.h"

namespace kehai::modules {

using record::Draft;
using record::Record;
using record::RecordId;
using record::Value;

namespace {

constexpr const char* kTagged[] = {"lead", "account", "contact", "opportunity"};
// By then every node has loaded a rule that was saved.
constexpr std::int64_t kSettled = 2'000;
constexpr std::size_t kAtOnce = 20;
constexpr int kMostRules = 1000;

// What people write, and what states say; the time, other records and what the program derives
// change without the record being saved.
bool is_own(const record::ObjectDefinition& object, const query::NodePtr& node) {
  if (node->kind == query::NodeKind::Lambda || node->kind == query::NodeKind::Alias) return false;
  if (node->kind == query::NodeKind::Call && node->name == "now") return false;
  if (node->kind == query::NodeKind::Path) {
    const auto* field = node->path.size() == 1 ? object.field(node->path.front()) : nullptr;
    if (field == nullptr || field->multiple || (field->read_only && !field->state)) return false;
  }
  return std::all_of(node->children.begin(), node->children.end(),
                     [&](const query::NodePtr& child) { return is_own(object, child); });
}

// Throws the field error of a rule that cannot be one.
query::Filter condition_of(const record::ObjectSchema& object, const std::string& rule,
                           const query::Environment& environment) {
  try {
    const auto tree = query::parse_expression(rule);
    auto condition = query::check_filter(tree, object, environment);
    if (is_own(object.definition(), tree)) return condition;
  } catch (const base::Error& error) {
    if (error.kind() != base::ErrorKind::Invalid) throw;
    throw field_error("rule", error.code(), error.params());
  }
  throw field_error("rule", "tag.rule_own_fields");
}

void check_rule(record::Tx& tx, record::Change& change) {
  if (change.operation == record::Operation::Delete) return;
  auto& tag = *change.after;
  if (!change.changed("rule") && !change.changed("rule_object") && !change.changed("object_kinds"))
    return;
  const std::string rule = tag.text("rule");
  const std::string object = tag.text("rule_object");
  if (rule.empty() != object.empty())
    throw field_error(rule.empty() ? "rule" : "rule_object", "field.required");
  tag.set("rule_pending", Value(!rule.empty()));
  if (rule.empty()) return;
  if (!is_tag_for(tag, object))
    throw field_error("rule_object", "tag.not_for_this_object", {{"tag", tag.text("name")}});
  const auto schema = tx.engine().schema();
  condition_of(schema->at(object), rule, record::formula_environment(tx.engine().zone()));
}

bool is_refusal(const base::Error& error) {
  return error.kind() == base::ErrorKind::Conflict || error.kind() == base::ErrorKind::Forbidden ||
         error.kind() == base::ErrorKind::Unprocessable;
}

bool has(const record::Values& tags, RecordId tag) {
  return std::find(tags.begin(), tags.end(), Value(tag)) != tags.end();
}

// The tags that the rules leave of what was chosen, in their order.
record::Values tags_of(const TagRules::List& rules, const Record& record,
                       const query::Environment& environment) {
  auto tags = record.many("tag_ids");
  for (const auto& rule : rules) {
    if (rule.object != record.definition().name) continue;
    const bool wanted =
        query::Evaluator(environment).matches(rule.condition, record::RecordView(record));
    if (wanted == has(tags, rule.tag)) continue;
    if (wanted) {
      tags.emplace_back(rule.tag);
    } else {
      std::erase(tags, Value(rule.tag));
    }
  }
  return tags;
}

void apply(const TagRules& rules, record::Tx& tx, record::Change& change) {
  if (change.operation == record::Operation::Delete) return;
  const auto current = rules.current();
  if (current->empty()) return;
  auto tags = tags_of(*current, *change.after, record::formula_environment(tx.engine().zone()));
  if (!(tags == change.after->many("tag_ids"))) change.after->set_many("tag_ids", std::move(tags));
}

// A record with the tags that the rules want it to have.
struct Due {
  RecordId id = 0;
  record::Values tags;
};

void write_tags(record::Engine& engine, std::string_view object, std::span<const Due> due) {
  engine.write(
      record::system_actor("job"),
      [&](record::Tx& tx) {
        for (const auto& [id, tags] : due) {
          auto record = tx.find(object, id, record::Lock::ForUpdate);
          if (!record) continue;
          Draft draft;
          draft.many["tag_ids"] = tags;
          record::WriteOptions options;
          options.quiet = true;
          tx.update(*record, std::move(draft), options);  // says itself what the tags are by now
        }
      },
      db::Lane::Bulk);
}

// What may not change any more, a converted lead for one, keeps its tags and holds up no other.
void carry(record::Engine& engine, std::string_view object, std::span<const Due> due) {
  while (!due.empty()) {
    const auto part = due.first(std::min(due.size(), kAtOnce));
    due = due.subspan(part.size());
    try {
      write_tags(engine, object, part);
    } catch (const base::Error& refused) {
      if (!is_refusal(refused)) throw;
      if (part.size() == 1) continue;
      for (const auto& one : part) carry(engine, object, {&one, 1});
    }
  }
}

void carry_to_all(record::Engine& engine, const TagRules::List& rules, const std::string& object) {
  const auto environment = record::formula_environment(engine.zone());
  record::ListRequest request;
  request.default_order = "id asc";
  request.default_top = request.maximum_top = 500;
  do {
    std::vector<Due> due;
    request.options.skiptoken = engine.list_typed(
        record::system_actor("job"), object, request, [&](const record::TypedRow& row) {
          auto tags = tags_of(rules, row.record, environment);
          if (!(tags == row.record.many("tag_ids")))
            due.push_back({row.record.id(), std::move(tags)});
        });
    carry(engine, object, due);
    engine.check_background_work();
  } while (!request.options.skiptoken.empty());
}

void each_tag(record::Engine& engine, std::string_view condition,
              const std::function<void(const Record&)>& each) {
  record::ListRequest request;
  request.options.filter = query::parse_expression(condition);
  request.default_order = "id asc";
  request.default_top = request.maximum_top = kMostRules;
  engine.list_typed(record::system_actor("job"), "tag", request,
                    [&](const record::TypedRow& row) { each(row.record); });
}

// New and changed rules reach what is there already, all of an object's in one walk. A crash begins
// the object anew.
void carry_pending(record::Engine& engine, TagRules& rules) {
  const base::Instant now = engine.clock().now();
  std::vector<Record> pending;
  std::set<std::string> objects;
  each_tag(engine, "rule_pending eq true", [&](const Record& tag) {
    if (now - tag.integer("updated_at") < kSettled) return;
    pending.push_back(tag);
    objects.insert(tag.text("rule_object"));
  });
  if (pending.empty()) return;
  rules.load(engine);
  for (const auto& object : objects) carry_to_all(engine, *rules.current(), object);
  for (const auto& tag : pending) {
    engine.write(record::system_actor("job"), [&](record::Tx& tx) {
      const auto current = tx.find("tag", tag.id(), record::Lock::ForUpdate);
      if (current && current->version() == tag.version())
        tx.set_derived(*current, "rule_pending", Value(false));
    });
  }
}

}  // namespace

void TagRules::load(record::Engine& engine) {
  auto next = std::make_shared<List>();
  const auto schema = engine.schema();
  const auto environment = record::formula_environment(engine.zone());
  each_tag(engine, "rule ne null", [&](const Record& tag) {
    const std::string object = tag.text("rule_object");
    try {
      next->push_back({tag.id(), object,
                       condition_of(schema->at(object), tag.text("rule"), environment), schema});
    } catch (const base::Error& error) {  // a field that the rule names is gone
      spdlog::warn("rule of tag {}: {}", tag.id(), error.code());
    }
  });
  const std::lock_guard lock(mutex_);
  rules_ = std::move(next);
}

std::shared_ptr<const TagRules::List> TagRules::current() const {
  const std::lock_guard lock(mutex_);
  return rules_;
}

void register_tag_rules(platform::Registrar& registrar) {
  const auto rules = std::make_shared<TagRules>();
  auto& registry = registrar.registry;
  record::Hooks checking;
  checking.object = "tag";
  checking.name = "tag_rule";
  checking.before_save = check_rule;
  registry.add_hooks(std::move(checking));
  for (const auto* object : kTagged) {
    record::Hooks tagging;
    tagging.object = object;
    tagging.name = "tag_rule";
    tagging.order = 1000;  // after all others have said what the record is
    tagging.before_save = [rules](record::Tx& tx, record::Change& change) {
      apply(*rules, tx, change);
    };
    registry.add_hooks(std::move(tagging));
  }
  registrar.starters.push_back([rules](record::Engine& engine) { rules->load(engine); });
  registrar.schedules.push_back(
      {"tag.rules", 1000, [rules](record::Engine& engine) { rules->load(engine); }, true});
  registrar.schedules.push_back(
      {"tag.carry", 2000, [rules](record::Engine& engine) { carry_pending(engine, *rules); }});
}

}  // namespace kehai::modules
