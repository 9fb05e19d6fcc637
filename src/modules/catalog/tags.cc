#include "modules/catalog/tags.h"

#include <algorithm>

#include "base/text/fold.h"
#include "modules/action_input.h"
#include "modules/embedded_definitions.h"
#include "record/engine.h"

namespace kehai::modules {

using record::Draft;
using record::Value;

namespace {

// One spelling of group and name: neither width, case and script nor blanks make another tag. The
// wide stroke between them stands in no folded text.
std::string name_key(const record::Record& tag) {
  std::string key;
  for (const char character :
       text::fold(tag.text("group_name")) + "／" + text::fold(tag.text("name"))) {
    if (character != ' ') key += character;
  }
  return key;
}

void before_save(record::Tx& tx, record::Change& change) {
  auto& tag = *change.after;
  if (change.operation == record::Operation::Delete) return;
  const std::string key = name_key(tag);
  if (tag.text("name_key") == key) return;
  if (tx.count("tag", "name_key eq @key and id ne @self",
               {{"key", record::text_value(key)}, {"self", record::id_value(tag.id())}}) > 0) {
    throw field_error("name", "tag.not_unique_in_group");
  }
  tag.set("name_key", key);
}

// Only what is put on anew is looked at: a tag stays where it was before it was meant for others.
void check_tags(record::Tx& tx, record::Change& change) {
  if (change.operation == record::Operation::Delete || !change.changed("tag_ids")) return;
  const auto before = change.before == nullptr ? record::Values{} : change.before->many("tag_ids");
  for (const auto& id : change.after->many("tag_ids")) {
    if (std::find(before.begin(), before.end(), id) != before.end()) continue;
    const auto tag = tx.find("tag", id.as_int());
    if (tag && !is_tag_for(*tag, change.object.name))
      throw field_error("tag_ids", "tag.not_for_this_object", {{"tag", tag->text("name")}});
  }
}

// Tags of an earlier version have no key. Two that are one by now stay two: the second gets its key
// when somebody gives it another name.
void give_keys(record::Engine& engine) {
  engine.write(record::system_actor("job"), [](record::Tx& tx) {
    constexpr int kMany = 10'000;
    for (auto& tag : tx.find_all("tag", "name_key eq null", {}, "id", kMany)) {
      const std::string key = name_key(tag);
      const bool taken =
          tx.count("tag", "name_key eq @key", {{"key", record::text_value(key)}}) > 0;
      if (!taken) tx.update(tag, Draft().set("name_key", key));
    }
  });
}

}  // namespace

bool is_tag_for(const record::Record& tag, std::string_view object) {
  const auto& kinds = tag.many("object_kinds");
  return kinds.empty() || std::any_of(kinds.begin(), kinds.end(),
                                      [&](const Value& kind) { return kind.as_text() == object; });
}

void register_tags(platform::Registrar& registrar) {
  auto& registry = registrar.registry;
  registry.add_definition(embedded_tag());
  record::Hooks hooks;
  hooks.object = "tag";
  hooks.name = "tag";
  hooks.before_save = before_save;
  registry.add_hooks(std::move(hooks));
  for (const auto* object : {"lead", "account", "contact", "opportunity"}) {
    record::Hooks tagged;
    tagged.object = object;
    tagged.name = "tag";
    tagged.before_save = check_tags;
    registry.add_hooks(std::move(tagged));
  }
  registrar.starters.push_back(give_keys);
}

}  // namespace kehai::modules
