#include "platform/access/memberships.h"

#include <algorithm>

#include "db/among.h"

namespace kehai::platform {

using db::Compare;
using record::Branch;

std::string_view member_access_name(MemberAccess access) {
  return access == MemberAccess::Edit ? "edit" : "read";
}

std::optional<MemberAccess> parse_member_access(std::string_view name) {
  if (name == "read") return MemberAccess::Read;
  if (name == "edit") return MemberAccess::Edit;
  return std::nullopt;
}

db::TableDefinition member_table() {
  return {"record_member",
          {{"record_id", false, true},
           {"user_id", false, true},
           {"object", true, true},
           {"access", true, true},
           {"expires_at", false, false},
           {"added_by", false, true},
           {"added_at", false, true}},
          {"record_id", "user_id"},
          {{"ix_record_member_user", {"user_id", "object"}, false, "", ""}},
          false};
}

const db::Table& member_rows() {
  static const db::Table table("record_member");
  return table;
}

std::vector<Member> members_of(db::Reader& reader, record::RecordId record_id) {
  std::vector<Member> out;
  member_rows().select_each(reader,
                            {{"user_id", "access", "expires_at", "added_by", "added_at"},
                             {{"record_id", Compare::Equal, record_id}},
                             {{"added_at", false}, {"user_id", false}},
                             0,
                             false},
                            [&](const db::Row& row) {
                              Member member;
                              member.user_id = row.get_int(0);
                              member.access =
                                  parse_member_access(row.get_text(1)).value_or(MemberAccess::Read);
                              if (!row.is_null(2)) member.expires_at = row.get_int(2);
                              member.added_by = row.get_int(3);
                              member.added_at = row.get_int(4);
                              out.push_back(member);
                            });
  return out;
}

std::map<record::RecordId, std::vector<std::int64_t>> member_ids_of(
    db::Reader& reader, const std::vector<record::RecordId>& record_ids) {
  std::map<record::RecordId, std::vector<std::int64_t>> out;
  const base::Values ids(record_ids.begin(), record_ids.end());
  std::vector<record::RecordId> with_members;
  db::select_among(reader, {member_table().name, {"record_id"}, {}, "record_id", false}, ids,
                   [&](const db::Row& row) { with_members.push_back(row.get_int(0)); });
  for (const auto id : with_members) {
    if (out.contains(id)) continue;
    for (const auto& member : members_of(reader, id)) out[id].push_back(member.user_id);
  }
  return out;
}

bool edits_as_member(db::Reader& reader, record::RecordId record_id, std::int64_t user_id,
                     base::Instant now) {
  const auto members = members_of(reader, record_id);
  return std::any_of(members.begin(), members.end(), [&](const Member& member) {
    return member.user_id == user_id && member.access == MemberAccess::Edit &&
           member.is_current(now);
  });
}

std::shared_ptr<const Memberships> Memberships::load(db::Reader& reader, std::int64_t user_id) {
  auto out = std::make_shared<Memberships>();
  member_rows().select_each(
      reader,
      {{"object", "record_id", "access", "expires_at"},
       {{"user_id", Compare::Equal, user_id}},
       {{"object", false}, {"record_id", false}},
       0,
       false},
      [&](const db::Row& row) {
        out->by_object_[std::string(row.get_text(0))].push_back(
            {row.get_int(1), parse_member_access(row.get_text(2)).value_or(MemberAccess::Read),
             row.is_null(3) ? 0 : row.get_int(3)});
      });
  return out;
}

std::vector<std::int64_t> Memberships::records(std::string_view object, bool to_edit,
                                               base::Instant now) const {
  std::vector<std::int64_t> out;
  const auto found = by_object_.find(object);
  if (found == by_object_.end()) return out;
  for (const auto& membership : found->second) {
    if (membership.expires_at != 0 && membership.expires_at <= now) continue;
    if (!to_edit || membership.access == MemberAccess::Edit) out.push_back(membership.record_id);
  }
  return out;
}

std::vector<Branch> Memberships::branches(const record::ObjectDefinition& object,
                                          std::string_view right, std::int64_t user_id,
                                          base::Instant now) const {
  std::vector<Branch> out;
  if (by_object_.empty()) return out;
  const auto add = [&](const std::string& column, std::vector<std::int64_t> values) {
    if (!values.empty()) out.push_back({column, std::move(values), {}, user_id});
  };
  if (object.members && (right == "read" || right == "export" || right == "edit"))
    add("id", records(object.name, right == "edit", now));
  if (right != "read") return out;
  for (const auto& field : object.member_fields)
    add(field, records(object.field(field)->target, false, now));
  return out;
}

}  // namespace kehai::platform
