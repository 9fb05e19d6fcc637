#include "platform/dedupe/rules.h"

#include <algorithm>

#include "base/error.h"
#include "platform/embedded_platform.h"

namespace kehai::platform {

using base::Error;
using base::ErrorKind;

namespace {

constexpr const char* kObject = "duplicate_rule";
constexpr std::array<std::string_view, kDuplicateEntries> kEntries = {"manual", "api", "import",
                                                                      "convert", "transfer"};
constexpr std::array<std::string_view, 4> kActions = {"ignore", "warn", "attach", "block"};
constexpr std::array<std::string_view, 7> kKinds = {
    "company", "uscc", "phone", "office_phone", "email", "mail_domain", "open_sibling"};

std::string field_of(std::size_t entry, bool exact) {
  return std::string(kEntries[entry]) + (exact ? "_exact" : "_normalised");
}

std::string_view word(KeyKind kind) {
  return kKinds[static_cast<std::size_t>(kind)];
}
std::string_view word(DuplicateAction action) {
  return kActions[static_cast<std::size_t>(action)];
}

std::optional<DuplicateAction> action_of(const record::Record& row, const std::string& field) {
  const auto found = std::find(kActions.begin(), kActions.end(), row.text(field));
  if (found == kActions.end()) return std::nullopt;
  return static_cast<DuplicateAction>(found - kActions.begin());
}

// Only such rules are rows: the others can do nothing but show.
bool has_actions(const DuplicateRule& rule) {
  return std::any_of(rule.actions.begin(), rule.actions.end(), [](const DuplicateActions& actions) {
    return actions.exact || actions.normalised;
  });
}

std::vector<record::Record> rows_of(record::Engine& engine) {
  std::vector<record::Record> rows;
  record::ListRequest request;
  request.maximum_top = 1000;
  request.default_top = 1000;
  engine.list_typed(record::system_actor("job"), kObject, request,
                    [&](const record::TypedRow& row) { rows.push_back(row.record); });
  return rows;
}

bool is_row_of(const record::Record& row, const DuplicateRule& rule) {
  return row.text("object") == rule.object && row.text("other") == rule.other &&
         row.text("kind") == word(rule.kind);
}

record::Draft draft_of(const DuplicateRule& rule) {
  record::Draft draft;
  draft.set("object", rule.object).set("other", rule.other).set("kind", word(rule.kind));
  for (std::size_t entry = 0; entry < kDuplicateEntries; ++entry) {
    const auto& actions = rule.actions[entry];
    if (actions.exact) draft.set(field_of(entry, true), word(*actions.exact));
    if (actions.normalised) draft.set(field_of(entry, false), word(*actions.normalised));
  }
  return draft;
}

}  // namespace

DuplicateAction DuplicateRule::action(DuplicateEntry entry, char tier) const {
  const auto& chosen = tier == 'E' ? at(entry).exact : at(entry).normalised;
  return tier == 'F' ? DuplicateAction::Ignore : chosen.value_or(DuplicateAction::Ignore);
}

const DuplicateRule* find_rule(const DuplicateRules::List& rules, std::string_view object,
                               std::string_view other, KeyKind kind) {
  for (const auto& rule : rules) {
    if (rule.object == object && rule.other == other && rule.kind == kind) return &rule;
  }
  return nullptr;
}

void DuplicateRules::declare(DuplicateRule rule) {
  declared_.push_back(std::move(rule));
  current_ = std::make_shared<List>(declared_);
}

std::shared_ptr<const DuplicateRules::List> DuplicateRules::current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

bool DuplicateRules::reaches(std::string_view object, DuplicateEntry entry,
                             DuplicateAction action) const {
  const auto rules = current();
  return std::any_of(rules->begin(), rules->end(), [&](const DuplicateRule& rule) {
    return rule.object == object &&
           std::max(rule.action(entry, 'E'), rule.action(entry, 'N')) >= action;
  });
}

void DuplicateRules::seed(record::Engine& engine) const {
  const auto is_complete = [&](const std::vector<record::Record>& rows) {
    return std::all_of(declared_.begin(), declared_.end(), [&](const DuplicateRule& rule) {
      return !has_actions(rule) ||
             std::any_of(rows.begin(), rows.end(),
                         [&](const record::Record& row) { return is_row_of(row, rule); });
    });
  };
  if (is_complete(rows_of(engine))) return;
  engine.write(record::system_actor("job"), [&](record::Tx& tx) {
    tx.writer().lock(kObject, "");  // several nodes start at once
    const auto rows = tx.find_all(kObject, "version ge 1", {});
    for (const auto& rule : declared_) {
      if (!has_actions(rule)) continue;
      const bool known = std::any_of(rows.begin(), rows.end(), [&](const record::Record& row) {
        return is_row_of(row, rule);
      });
      if (!known) tx.create(kObject, draft_of(rule));
    }
  });
}

void DuplicateRules::load(record::Engine& engine) {
  auto next = std::make_shared<List>(declared_);
  for (const auto& row : rows_of(engine)) {
    for (auto& rule : *next) {
      if (!is_row_of(row, rule)) continue;
      for (std::size_t entry = 0; entry < kDuplicateEntries; ++entry) {
        auto& actions = rule.actions[entry];
        if (actions.exact) actions.exact = action_of(row, field_of(entry, true));
        if (actions.normalised) actions.normalised = action_of(row, field_of(entry, false));
      }
    }
  }
  const std::lock_guard lock(mutex_);
  current_ = std::move(next);
}

// Which pairs meet, by what and where is the program's; what a hit does there is the
// administrator's.
void DuplicateRules::guard(record::Tx& tx, record::Change& change) const {
  if (change.operation != record::Operation::Update) {
    if (tx.actor().system) return;
    throw Error(ErrorKind::Conflict, "duplicate.rules_are_fixed");
  }
  for (const auto* field : {"object", "other", "kind"}) {
    if (change.changed(field)) throw Error::fields({{field, "field.read_only", {}}});
  }
  const auto rule = std::find_if(
      declared_.begin(), declared_.end(),
      [&](const DuplicateRule& candidate) { return is_row_of(*change.before, candidate); });
  for (std::size_t entry = 0; entry < kDuplicateEntries; ++entry) {
    for (const bool exact : {true, false}) {
      const std::string field = field_of(entry, exact);
      if (!change.changed(field)) continue;
      // An action that does not apply here stays empty, any other stays something.
      if (change.before->is_null(field) || change.after->is_null(field))
        throw Error::fields({{field, "field.read_only", {}}});
      const bool own = change.before->text("object") == change.before->text("other");
      const bool attaches = own && (static_cast<DuplicateEntry>(entry) == DuplicateEntry::Import ||
                                    (rule != declared_.end() && rule->attaches_on_convert));
      if (change.after->text(field) == "attach" && !attaches)
        throw Error::fields({{field, "duplicate.cannot_attach", {}}});
    }
  }
}

void DuplicateRules::install(Registrar& registrar, const std::shared_ptr<DuplicateRules>& self) {
  registrar.registry.add_definition(embedded_duplicate_rule());
  record::Hooks hooks;
  hooks.object = kObject;
  hooks.name = kObject;
  hooks.before_save = [self](record::Tx& tx, record::Change& change) { self->guard(tx, change); };
  registrar.registry.add_hooks(std::move(hooks));
  const auto load = [self](record::Engine& engine) { self->load(engine); };
  registrar.starters.push_back([self](record::Engine& engine) {
    self->seed(engine);
    self->load(engine);
    const std::lock_guard lock(self->mutex_);
    self->engine_ = &engine;
  });
  registrar.registry.add_event_handler([self](const record::Event& event) {
    if (event.object != kObject) return;
    record::Engine* engine = nullptr;
    {
      const std::lock_guard lock(self->mutex_);
      engine = self->engine_;
    }
    if (engine != nullptr) self->load(*engine);
  });
  registrar.schedules.push_back({"duplicate_rule.reload", 500, load, true});
}

}  // namespace kehai::platform
