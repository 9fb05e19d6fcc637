// Who is a member of which single records: the rows, and one person's memberships in memory.
//
// A membership reaches "read" and "export", with Edit also "edit", of its record and "read" of what
// hangs on it; nothing else. After its end it reaches nothing, whether or not the row is still
// there.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "db/database.h"
#include "db/table.h"
#include "record/access.h"
#include "record/record.h"

namespace kehai::platform {

enum class MemberAccess { Read, Edit };
// "read", "edit".
std::string_view member_access_name(MemberAccess access);
std::optional<MemberAccess> parse_member_access(std::string_view name);

struct Member {
  std::int64_t user_id = 0;
  MemberAccess access = MemberAccess::Read;
  std::optional<base::Instant> expires_at;
  std::int64_t added_by = 0;
  base::Instant added_at = 0;

  bool is_current(base::Instant now) const { return !expires_at || *expires_at > now; }
};

db::TableDefinition member_table();
const db::Table& member_rows();

// In the order in which they were added; also those whose time is over.
std::vector<Member> members_of(db::Reader& reader, record::RecordId record_id);
// Who is a member of any of these records: {record, users in that order}; records without members
// are not there.
std::map<record::RecordId, std::vector<std::int64_t>> member_ids_of(
    db::Reader& reader, const std::vector<record::RecordId>& record_ids);
// Whether the person may change the record as its member now.
bool edits_as_member(db::Reader& reader, record::RecordId record_id, std::int64_t user_id,
                     base::Instant now);

// One person's memberships. Immutable; safe from any thread.
class Memberships {
 public:
  static std::shared_ptr<const Memberships> load(db::Reader& reader, std::int64_t user_id);

  // How they let the person reach rows of the object under a right; nothing = no branch.
  std::vector<record::Branch> branches(const record::ObjectDefinition& object,
                                       std::string_view right, std::int64_t user_id,
                                       base::Instant now) const;

 private:
  struct Membership {
    record::RecordId record_id = 0;
    MemberAccess access = MemberAccess::Read;
    base::Instant expires_at = 0;  // 0 = never
  };
  std::vector<std::int64_t> records(std::string_view object, bool to_edit, base::Instant now) const;

  std::map<std::string, std::vector<Membership>, std::less<>> by_object_;
};

}  // namespace kehai::platform
