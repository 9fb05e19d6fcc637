#include "platform/notify/notify.h"

#include "base/language.h"
#include "platform/access/access.h"
#include "platform/embedded_notify.h"
#include "query/parser.h"
#include "record/engine.h"
#include "record/field_reader.h"
#include "record/schema.h"

namespace kehai::platform {

using record::Draft;

namespace {

// Titles of objects of which the recipient may not read them stay veiled.
bool may_read_title(record::Tx& tx, std::int64_t user, std::string_view object) {
  const auto& definition = tx.schema().at(object).definition();
  const auto reader = access_of(tx.engine()).reader_inside(tx.writer(), user);
  return record::FieldReader(tx.engine().access(), reader, definition)
      .shows_all({definition.title_field});
}

constexpr std::int64_t kTogether =
    60'000;  // milliseconds within which the same news is one message

// A message about many instead of many messages: fifty leads handed out at once ring once.
bool add_to_recent(record::Tx& tx, base::Language language, std::int64_t user,
                   const std::string& kind, std::string_view object) {
  const auto& texts = tx.engine().texts();
  const std::string key = "notification." + kind + ".many";
  if (!texts.has(language, key)) return false;
  auto recent = tx.find_all(
      "notification",
      "user_id eq @to and read_at eq null and kind eq @kind and object eq @object and "
      "created_by eq @by and created_at gt @since",
      {{"to", record::id_value(user)},
       {"kind", record::text_value(kind)},
       {"object", record::text_value(std::string(object))},
       {"by", record::id_value(tx.actor().user_id)},
       {"since",
        query::AliasValue::one({query::Type::Instant, 0}, record::Value(tx.now() - kTogether))}},
      "id", 1);
  if (recent.empty()) return false;
  const std::int64_t count = recent[0].integer("count") + 1;
  Draft draft;
  draft.set("count", count).set("record_id", record::Value());
  draft.set("text", texts.text(language, key, {{"count", std::to_string(count)}}));
  tx.update(recent[0], std::move(draft));
  return true;
}

}  // namespace

void notify(record::Tx& tx, std::int64_t user, const std::string& kind, base::Params params,
            std::string_view object, record::RecordId record_id) {
  if (user == 0 || user == tx.actor().user_id) return;
  const auto recipient = tx.find("user", user);
  if (!recipient) return;
  const auto language = base::parse_language(recipient->text("language"));
  params.emplace("actor", tx.actor().name);
  if (add_to_recent(tx, language, user, kind, object)) return;
  if (const auto title = params.find("title");
      title != params.end() && !may_read_title(tx, user, object)) {
    title->second = record::kVeil;
  }
  Draft draft;
  draft.set("user_id", user)
      .set("kind", kind)
      .set("text", tx.engine().texts().text(language, "notification." + kind, params));
  draft.set("object", object)
      .set("record_id", record_id == 0 ? record::Value() : record::Value(record_id));
  tx.create("notification", std::move(draft));
}

std::int64_t mark_read(record::Engine& engine, const record::Actor& actor,
                       const std::vector<record::RecordId>& ids) {
  std::int64_t marked = 0;
  constexpr int kAtOnce = 500;
  record::Actor writer = actor;
  writer.read_only = false;
  engine.write(writer, [&](record::Tx& tx) {
    marked = 0;
    auto unread =
        tx.find_all("notification", "user_id eq @me and read_at eq null", {}, "id", kAtOnce);
    for (auto& notification : unread) {
      if (!ids.empty() && std::find(ids.begin(), ids.end(), notification.id()) == ids.end())
        continue;
      tx.update(notification, Draft().set("read_at", tx.now()));
      ++marked;
    }
  });
  return marked;
}

std::int64_t unread_count(record::Engine& engine, const record::Actor& actor) {
  record::ListRequest request;
  request.options.filter = query::parse_expression("user_id eq @me and read_at eq null");
  constexpr std::int64_t kEnough = 100;
  return engine.count(actor, "notification", request, kEnough);
}

void register_notify(Registrar& registrar) {
  registrar.registry.add_definition(embedded_notification_object());
  registrar.merge_rules->add(RecordLink{"notification", "record_id", "", "object", "", true});
}

}  // namespace kehai::platform
