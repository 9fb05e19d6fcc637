#include "api/replay.h"

#include <algorithm>

#include "api/records.h"
#include "base/error.h"
#include "base/random.h"
#include "db/table.h"
#include "record/tx.h"

namespace kehai::api {

namespace {

using base::Error;
using base::ErrorKind;
using db::Compare;

const db::Table kTable("idempotency");
constexpr std::int64_t kKeepMilliseconds = 24 * 3'600'000;
// A request of another server node that has not answered for so long is dead.
constexpr std::int64_t kDeadMilliseconds = 120'000;
constexpr std::size_t kLongestKey = 200;
// A second request holds a worker while it waits for the first.
constexpr std::chrono::seconds kLongestWait{5};

std::vector<db::Condition> where(const AnswerStore::Key& key) {
  return {{"user_id", Compare::Equal, base::Value(key.first)},
          {"key", Compare::Equal, base::Value(key.second)}};
}

db::TableDefinition table_definition() {
  db::TableDefinition table;
  table.name = "idempotency";
  table.columns = {
      {"user_id", false, true}, {"key", true, true},        {"fingerprint", true, true},
      {"state", true, true},    {"instance", true, true},   {"at", false, true},
      {"status", false, false}, {"headers", true, false},   {"body", true, false},
      {"object", true, false},  {"record_id", false, false}};
  table.primary_key = {"user_id", "key"};
  table.indexes = {{"idempotency_at", {"at"}, false, "", ""}};
  return table;
}

std::string headers_text(const http::Headers& headers) {
  base::JsonObject out;
  for (const auto& [name, value] : headers) {
    if (name == "Content-Type" || name == "ETag" || name == "Location" || name == "OData-Version" ||
        name == "OData-EntityId" || name == "Preference-Applied") {
      out[name] = value;
    }
  }
  return boost::json::serialize(out);
}

http::Response stored_answer(const base::Values& row) {
  http::Response answer;
  answer.status = static_cast<int>(row[0].int_or(0));
  const auto headers = base::parse_json(row[1].text_or("{}"));
  for (const auto& header : headers.as_object()) {
    answer.header(std::string(header.key()), std::string(header.value().as_string()));
  }
  answer.body = row[2].text_or("");
  return answer;
}

// The work is done, its answer was lost: the record as it is now.
http::Response rebuilt_answer(ApiContext& context, const AnswerStore::Kept& kept) {
  const auto collection = context.captures["collection"];
  const auto* object = context.schema().by_collection(collection);
  constexpr int kCreated = 201;
  constexpr int kOk = 200;
  if (object != nullptr && context.captures.size() == 1 &&
      object->definition().name == kept.object) {
    return record_answer(context, *object, kept.record_id, kCreated);
  }
  if (object != nullptr && parse_id(context.captures["key"])) {
    return record_answer(context, *object, context.id("key"), kOk);
  }
  throw Error(ErrorKind::Conflict, "idempotency.interrupted");
}

bool is_plain_key(std::string_view key) {
  return key.size() <= kLongestKey &&
         std::all_of(key.begin(), key.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

}  // namespace

AnswerStore::AnswerStore(std::string instance) : instance_(std::move(instance)) {}

std::shared_ptr<AnswerStore> AnswerStore::make(platform::Registrar& registrar) {
  constexpr std::size_t kInstanceBytes = 16;
  auto store = std::make_shared<AnswerStore>(base::make_system_random()->token(kInstanceBytes));
  registrar.registry.add_table(table_definition());
  record::Hooks hooks;
  hooks.name = "api.idempotency";
  hooks.order = 10'000;  // last, so that the record of the request itself has the last word
  hooks.after_save = [store](record::Tx& tx, record::Change& change) { store->mark(tx, change); };
  registrar.registry.add_hooks(std::move(hooks));
  registrar.schedules.push_back(
      {"api.idempotency", 3'600'000, [](record::Engine& engine) {
         const auto oldest = engine.clock().now() - kKeepMilliseconds;
         engine.database().write([&](db::Writer& writer) {
           kTable.erase(writer, {{"at", Compare::Less, base::Value(oldest)}});
         });
       }});
  return store;
}

void AnswerStore::mark(record::Tx& tx, const record::Change& change) {
  Key key;
  {
    const std::lock_guard lock(mutex_);
    const auto found = by_request_.find(tx.actor().request_id);
    if (found == by_request_.end()) return;
    key = found->second;
  }
  kTable.update(tx.writer(),
                {{"state", base::Value("written")},
                 {"object", base::Value(change.object.name)},
                 {"record_id", base::Value(change.after->id())}},
                where(key));
}

std::optional<AnswerStore::Kept> AnswerStore::begin(ApiContext& context, const Key& key,
                                                    const std::string& fingerprint) {
  {
    std::unique_lock lock(mutex_);
    const auto until = std::min(context.deadline, std::chrono::steady_clock::now() + kLongestWait);
    if (!changed_.wait_until(lock, until, [&] { return !running_.contains(key); })) {
      throw Error(ErrorKind::Conflict, "idempotency.in_progress");
    }
    running_[key] = context.request_id;
    by_request_[context.request_id] = key;
  }
  try {
    auto kept = claim(context, key, fingerprint);
    if (kept) release(context, key);
    return kept;
  } catch (...) {
    release(context, key);
    throw;
  }
}

std::optional<AnswerStore::Kept> AnswerStore::claim(ApiContext& context, const Key& key,
                                                    const std::string& fingerprint) {
  auto& database = context.engine().database();
  const auto now = context.engine().clock().now();
  std::optional<base::Values> kept;
  database.write([&](db::Writer& writer) {
    kept.reset();
    const std::vector<db::Assignment> row = {
        {"user_id", base::Value(key.first)},       {"key", base::Value(key.second)},
        {"fingerprint", base::Value(fingerprint)}, {"state", base::Value("running")},
        {"instance", base::Value(instance_)},      {"at", base::Value(now)}};
    if (kTable.insert_if_absent(writer, row)) return;
    const auto found = kTable.select(writer, {{"status", "headers", "body", "fingerprint", "state",
                                               "instance", "at", "object", "record_id"},
                                              where(key),
                                              {},
                                              1,
                                              false});
    if (found.empty()) throw Error(ErrorKind::Conflict, "idempotency.in_progress");
    const auto& old = found.front();
    const std::string state = old[4].text_or("");
    const auto age = now - old[6].int_or(0);
    const bool expired = age > kKeepMilliseconds;
    if (!expired && old[3].text_or("") != fingerprint)
      throw Error(ErrorKind::Unprocessable, "idempotency.mismatch");
    if (!expired && (state == "done" || state == "written")) {
      kept = old;
      return;
    }
    const bool elsewhere =
        database.is_postgres() && old[5].text_or("") != instance_ && age < kDeadMilliseconds;
    if (!expired && elsewhere) throw Error(ErrorKind::Conflict, "idempotency.in_progress");
    kTable.update(writer, row,
                  where(key));  // the process that ran it is gone and nothing was committed
  });
  if (!kept) return std::nullopt;
  if ((*kept)[4].text_or("") == "done") return Kept{true, stored_answer(*kept), {}, 0};
  return Kept{false, {}, (*kept)[7].text_or(""), (*kept)[8].int_or(0)};
}

void AnswerStore::finish(ApiContext& context, const Key& key, const http::Response& answer) {
  try {
    context.engine().database().write([&](db::Writer& writer) {
      kTable.update(writer,
                    {{"state", base::Value("done")},
                     {"status", base::Value(answer.status)},
                     {"headers", base::Value(headers_text(answer.headers))},
                     {"body", base::Value(answer.body)}},
                    where(key));
    });
  } catch (...) {
    release(context, key);
    throw;
  }
  release(context, key);
}

void AnswerStore::abandon(ApiContext& context, const Key& key) {
  try {
    context.engine().database().write([&](db::Writer& writer) {
      auto conditions = where(key);
      conditions.push_back({"state", Compare::Equal, base::Value("running")});
      kTable.erase(writer, conditions);
    });
  } catch (const Error&) {
    // The row stays "running" and is taken over by the next request with the key.
  }
  release(context, key);
}

void AnswerStore::release(const ApiContext& context, const Key& key) {
  const std::lock_guard lock(mutex_);
  running_.erase(key);
  by_request_.erase(context.request_id);
  changed_.notify_all();
}

http::Response with_kept_answer(ApiContext& context, const std::function<http::Response()>& next) {
  const auto header = context.request.header("idempotency-key");
  if (header.empty() || context.request.method != "POST" || !context.session ||
      !context.route->keeps_answer) {
    return next();
  }
  if (!is_plain_key(header)) throw Error(ErrorKind::Invalid, "request.idempotency_key");
  if (!context.parts.answers) throw Error(ErrorKind::NotImplemented, "request.not_supported");
  const AnswerStore::Key key{context.actor().user_id, std::string(header)};
  std::string subject = context.path;
  for (const auto& [name, value] : context.request.query) subject += '\n' + name + '=' + value;
  auto& store = *context.parts.answers;
  if (const auto kept =
          store.begin(context, key, base::sha256_hex(subject + "\n\n" + context.request.body))) {
    auto answer = kept->complete ? kept->answer : rebuilt_answer(context, *kept);
    answer.header("Idempotency-Replayed", "true");
    return answer;
  }
  http::Response answer;
  try {
    answer = next();
  } catch (...) {
    store.abandon(context, key);
    throw;
  }
  const bool keep = answer.status < 300 && answer.file.empty() && !answer.stream;
  keep ? store.finish(context, key, answer) : store.abandon(context, key);
  return answer;
}

}  // namespace kehai::api
