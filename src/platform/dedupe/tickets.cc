#include "platform/dedupe/tickets.h"

#include <array>
#include <cstring>

namespace kehai::platform {

namespace {

constexpr std::string_view kPurpose = "duplicate_ticket";
constexpr std::int64_t kLife = 3'600'000;

// Of one length, whatever the record: person, record, end.
using Content = std::array<std::int64_t, 3>;

}  // namespace

std::string make_ticket(record::Engine& engine, std::int64_t user, record::RecordId record) {
  const Content content{user, record, engine.clock().now() + kLife};
  std::string plain(sizeof content, '\0');
  std::memcpy(plain.data(), content.data(), sizeof content);
  return engine.seal(plain, kPurpose);
}

std::optional<record::RecordId> open_ticket(record::Engine& engine, std::int64_t user,
                                            std::string_view ticket) {
  const auto plain = engine.unseal(ticket, kPurpose);
  Content content{};
  if (!plain || plain->size() != sizeof content) return std::nullopt;
  std::memcpy(content.data(), plain->data(), sizeof content);
  if (content[0] != user || content[2] <= engine.clock().now()) return std::nullopt;
  return content[1];
}

}  // namespace kehai::platform
