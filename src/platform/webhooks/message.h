// What goes over the wire: the body, and the headers by which a receiver knows it for ours.
//
// The headers are those of "Standard Webhooks" (webhook-id, webhook-timestamp, webhook-signature),
// so that receivers can check them with a ready-made library: the signature is "v1," and the base64
// of HMAC-SHA256 over "<id>.<timestamp>.<body>" with the webhook's key.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "http/client.h"
#include "platform/webhooks/delivery.h"
#include "record/engine.h"

namespace kehai::platform {

// The record is rendered as it is now and as `actor` sees it through the record API. Nothing when
// he does not see it; of what is deleted only the id is told, to whom could see the record in the
// recycle bin, or see all records of the object when it is gone for good.
std::optional<std::string> message_body(record::Engine& engine, const record::Actor& actor,
                                        const Delivery& delivery);

// 32 bytes that follow from the installation's secret, so that they are stored nowhere. `number`
// goes up when an administrator wants others.
std::string webhook_key(std::string_view installation_secret, std::int64_t webhook_id,
                        std::int64_t number);
// "whsec_" and base64: as administrators hand it to the receiver.
std::string shown_key(std::string_view key);

// `seconds` since 1970: the time of this attempt.
http::Headers message_headers(const Delivery& delivery, std::string_view body, std::string_view key,
                              std::int64_t seconds);

}  // namespace kehai::platform
