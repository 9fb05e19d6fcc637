// Idempotency-Key: a POST that is sent again gets the first answer again and changes nothing.
//
// The key's row is written before the work begins and says in the work's own transaction that it is
// done, so that a crash between commit and answer cannot make the work happen twice.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "api/route.h"
#include "http/message.h"
#include "platform/registrar.h"

namespace kehai::api {

class AnswerStore {
 public:
  explicit AnswerStore(std::string instance);
  static std::shared_ptr<AnswerStore> make(platform::Registrar& registrar);

  using Key = std::pair<std::int64_t, std::string>;  // user, key

  struct Kept {
    bool complete = false;  // answer is the whole answer; otherwise only the record is known
    http::Response answer;
    std::string object;
    record::RecordId record_id = 0;
  };
  // Reserves the key for this request, or returns what became of the first one. Waits for a first
  // request that still runs in this process. Throws Unprocessable "idempotency.mismatch", Conflict
  // "idempotency.in_progress".
  std::optional<Kept> begin(ApiContext& context, const Key& key, const std::string& fingerprint);
  void finish(ApiContext& context, const Key& key, const http::Response& answer);
  // The work failed: the key may be used again, unless the failure came after the commit.
  void abandon(ApiContext& context, const Key& key);

 private:
  // After-save hook: marks the key of the running request within its transaction.
  void mark(record::Tx& tx, const record::Change& change);
  std::optional<Kept> claim(ApiContext& context, const Key& key, const std::string& fingerprint);
  void release(const ApiContext& context, const Key& key);

  const std::string instance_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<Key, std::string> running_;     // key → request id
  std::map<std::string, Key> by_request_;  // request id → key
};

// The pipeline's step.
http::Response with_kept_answer(ApiContext& context, const std::function<http::Response()>& next);

}  // namespace kehai::api
