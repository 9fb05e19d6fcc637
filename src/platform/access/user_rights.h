// What one person may do, worked out once per access epoch; what Actor::rights points to. Immutable
// once published.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "platform/access/memberships.h"
#include "platform/access/organisation.h"
#include "record/access.h"
#include "record/registry.h"

namespace kehai::platform {

struct ObjectGrant {
  // Rows by granted right, without what branch providers add; a right that is not here is not
  // granted. Rights that the same roles grant share one scope.
  std::map<std::string, std::shared_ptr<const record::RowScope>, std::less<>> scopes;
  record::FieldAccess default_access = record::FieldAccess::Hidden;
  std::map<std::string, FieldRule, std::less<>> fields;  // where it differs from the default
};

struct UserRights {
  std::int64_t epoch = 0;
  bool admin = false;
  // Null until they are needed; of an epoch of their own.
  std::shared_ptr<const Memberships> memberships;
  std::int64_t member_epoch = -1;
  std::vector<std::int64_t> role_ids;  // sorted
  record::Identity identity;
  std::unordered_map<std::string, ObjectGrant> objects;
  // Grants of objects and areas without a definition: only whether they are there matters.
  std::map<std::string, std::vector<std::string>, std::less<>> areas;

  const ObjectGrant* grant(const std::string& object) const {
    const auto found = objects.find(object);
    return found == objects.end() ? nullptr : &found->second;
  }
};

// Null when there is no such active user.
std::shared_ptr<const UserRights> build_user_rights(const Organisation& organisation,
                                                    const record::Registry& registry,
                                                    std::int64_t user_id);

}  // namespace kehai::platform
