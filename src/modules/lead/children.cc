#include "modules/lead/children.h"

#include <algorithm>

#include "db/table.h"
#include "platform/access/memberships.h"
#include "platform/merge/merge.h"
#include "record/engine.h"
#include "record/files.h"

namespace kehai::modules {

using record::FieldDefinition;
using record::ObjectSchema;
using record::Record;
using record::RecordId;
using record::Tx;

namespace {

std::vector<RecordId> referrers(Tx& tx, const ObjectSchema& object, const FieldDefinition& field,
                                RecordId id) {
  if (!field.multiple) return tx.engine().store().referrers(tx.writer(), object, field, id);
  std::vector<RecordId> out;
  db::Table(record::multi_table(object.definition(), field))
      .select_each(tx.writer(), {{"record_id"}, {{"value", db::Compare::Equal, id}}, {}, 0, false},
                   [&](const db::Row& row) { out.push_back(row.get_int(0)); });
  std::erase_if(out, [&](RecordId referrer) {
    return !tx.find(object.definition().name, referrer).has_value();
  });
  return out;
}

// The lead, what it was converted into, and the lead's follow-ups on the account.
bool is_part_of_conversion(Tx& tx, const Record& lead, const std::string& object,
                           const FieldDefinition& field, RecordId id) {
  if (object == "activity" && field.name == "account_id") {
    const auto activity = tx.find(object, id);
    return activity && activity->integer("lead_id") == lead.id();
  }
  if (object == "lead") return id == lead.id();
  return (object == "contact" && id == lead.integer("contact_id")) ||
         (object == "opportunity" && id == lead.integer("opportunity_id"));
}

bool is_referred_to(Tx& tx, const Record& lead, const std::string& target, RecordId id) {
  for (const auto& object : tx.schema().objects()) {
    const auto& definition = object->definition();
    for (const auto& field : definition.fields) {
      if (field.target != target || field.is_computed()) continue;
      auto found = referrers(tx, *object, field, id);
      // The first row of a deal's history is its beginning.
      if (definition.name == "stage_change" && found.size() == 1) continue;
      if (std::any_of(found.begin(), found.end(), [&](RecordId referrer) {
            return !is_part_of_conversion(tx, lead, definition.name, field, referrer);
          })) {
        return true;
      }
    }
  }
  return false;
}

bool has_own_files(const Record& record, const std::vector<RecordId>& of_lead) {
  for (const auto& field : record.definition().fields) {
    for (const RecordId file : record::files_in(record, field)) {
      if (std::find(of_lead.begin(), of_lead.end(), file) == of_lead.end()) return true;
    }
  }
  return false;
}

}  // namespace

bool has_own_children(Tx& tx, const Record& lead, const std::string& field) {
  const std::string target = lead.definition().field(field)->target;
  const RecordId id = lead.integer(field);
  const auto record = tx.find(target, id);
  if (!record) return false;
  const auto* attachments = lead.definition().field("attachments");
  return is_referred_to(tx, lead, target, id) || !platform::members_of(tx.writer(), id).empty() ||
         has_own_files(*record, record::files_in(lead, *attachments)) ||
         !platform::merged_into(tx.writer(), id).empty();
}

}  // namespace kehai::modules
