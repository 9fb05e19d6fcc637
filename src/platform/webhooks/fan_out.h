// From the outbox to the webhooks: each change becomes one delivery for every webhook that wants
// it, in the transaction that takes it out of the outbox.
#pragma once

#include "platform/webhooks/webhooks.h"

namespace kehai::platform {

// Some of what waits; returns how many changes. Less than kFanOutAtOnce: there is no more.
inline constexpr int kFanOutAtOnce = 200;
int fan_out(Webhooks& webhooks);

}  // namespace kehai::platform
