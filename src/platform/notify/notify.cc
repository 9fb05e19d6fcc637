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

constexpr const char* kVeil = "＊＊＊";

// Titles of objects of which the recipient may not read them stay veiled.
bool may_read_title(record::Tx& tx, std::int64_t user, std::string_view object) {
  const auto& definition = tx.schema().at(object).definition();
  const auto reader = access_of(tx.engine()).reader_inside(tx.writer(), user);
  return record::FieldReader(tx.engine().access(), reader, definition).shows_all({definition.title_field});
}

}  // namespace

void notify(record::Tx& tx, std::int64_t user, const std::string& kind, base::Params params, std::string_view object,
            record::RecordId record_id) {
  if (user == 0 || user == tx.actor().user_id) return;
  const auto recipient = tx.find("user", user);
  if (!recipient) return;
  static const base::Texts kTexts;
  const auto language = base::parse_language(recipient->text("language"));
  params.emplace("actor", tx.actor().name);
  if (const auto title = params.find("title"); title != params.end() && !may_read_title(tx, user, object)) {
    title->second = kVeil;
  }
  Draft draft;
  draft.set("user_id", user).set("kind", kind).set("text", kTexts.text(language, "notification." + kind, params));
  draft.set("object", object).set("record_id", record_id);
  tx.create("notification", std::move(draft));
}

std::int64_t mark_read(record::Engine& engine, const record::Actor& actor, const std::vector<record::RecordId>& ids) {
  std::int64_t marked = 0;
  constexpr int kAtOnce = 500;
  record::Actor writer = actor;
  writer.read_only = false;
  engine.write(writer, [&](record::Tx& tx) {
    marked = 0;
    auto unread = tx.find_all("notification", "user_id eq @me and read_at eq null", {}, "id", kAtOnce);
    for (auto& notification : unread) {
      if (!ids.empty() && std::find(ids.begin(), ids.end(), notification.id()) == ids.end()) continue;
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

void register_notify(Registrar& registrar) { registrar.registry.add_definition(embedded_notification_object()); }

}  // namespace kehai::platform
