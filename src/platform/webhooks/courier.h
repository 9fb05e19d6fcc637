// Takes deliveries to their receivers: one worker per webhook, so that a slow receiver keeps nobody
// else waiting, and a few messages at a time for each; those about one record one after the other.
//
// A delivery is marked after the receiver's answer (2xx). Whoever is killed between the two sends
// it again after the next start, under the same id. A receiver that cannot be reached, has no time
// (429, 408) or trouble of its own (5xx), and one that refuses again and again, is left alone for
// 5 seconds, then longer, up to an hour; after three days without success the webhook is switched
// off and its people are told. A single message that is refused (any other answer) is tried again
// in the same steps, twelve times in all, while others go on.
#pragma once

#include <memory>

#include "platform/webhooks/webhooks.h"

namespace kehai::platform {

class Courier {
 public:
  explicit Courier(std::shared_ptr<Webhooks> webhooks);
  ~Courier();
  // Sends until nothing is due. Blocks on receivers: for a thread of its own. Throws what
  // Engine::check_background_work() throws, after its workers have ended: calls under way get two
  // seconds.
  void run();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace kehai::platform
