#include "platform/merge/merge.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "db/bulk.h"
#include "platform/dedupe/dedupe.h"
#include "platform/merge/journal.h"
#include "platform/notify/notify.h"
#include "record/audit.h"

namespace kehai::platform {

using base::Error;
using base::ErrorKind;
using record::ColumnChange;
using record::Draft;
using record::FieldDefinition;
using record::ObjectSchema;
using record::Record;
using record::RecordId;
using record::Step;
using record::Tx;
using record::Value;

namespace {

const db::Table kMerges("record_merge");
const db::Table kStubs("merged_record");
constexpr std::int64_t kDay = 86'400'000;
constexpr int kDeepest = 100;

std::string title_of(const Record& record) {
  return record.text(record.definition().title_field);
}

record::WriteOptions as_merge() {
  record::WriteOptions options;
  options.entry = "merge";
  options.quiet = true;
  return options;
}

// One merge on its way: the records that were named, and children that turn out to be equal.
class Run : public MergeSteps {
 public:
  Run(Tx& tx, const MergeRules& rules, std::int64_t merge)
      : tx_(tx), rules_(rules), journal_(tx, merge) {}

  Tx& tx() override { return tx_; }
  void set(const ColumnChange& change, const std::vector<db::Condition>& more) override {
    const Step step = journal_.add("column", change.table, 0, column_json(change));
    const auto rows = record::set_logged(tx_.writer(), step, change, more);
    const auto* object = tx_.schema().find(change.table);
    if (rows > 0 && object != nullptr)
      record::audit_step(tx_, step, object->definition(), change.column, change.from, change.to);
  }

  void added(std::string_view table, const std::vector<db::Assignment>& key) override {
    base::JsonObject data;
    for (const auto& [column, value] : key) data[column] = to_json(value);
    journal_.add("added", table, 0, data);
  }

  // The set's records become one; returns it as it is stored.
  Record run(MergeSet& set, const MergeChoices& choices) {
    const Draft draft = merged_values(set, choices, rules_);
    for (const auto* hooks : rules_.hooks(set.object->name())) {
      if (hooks->prepare) hooks->prepare(*this, set);
    }
    for (const auto* loser : set.losers()) {
      take_away(*loser, set.master());
      move_links(*loser, set.master());
    }
    for (const auto* loser : set.losers()) move_references(*loser, set.master());
    merge_equal_children(set);
    Record master = save_master(set, draft);
    check_no_ring(master);
    tx_.refresh_kept(master.definition().name, master.id());
    return master;
  }

  const std::map<std::string, std::int64_t>& children() const { return children_; }

 private:
  // Row, values, unique keys and keys of the duplicate check go; image and stub stay.
  void take_away(const Record& loser, const Record& master) {
    const auto& object = loser.definition();
    journal_.add("record", object.name, loser.id(), image_of(loser));
    base::JsonObject data;
    data["merge_id"] = journal_.merge();
    data["master_id"] = master.id();
    tx_.audit(loser, "merged_away", std::move(data));
    for (const auto& field : object.fields) {
      if (field.unique)
        tx_.engine().store().release_unique(tx_.writer(), object.name + "." + field.name,
                                            loser.id());
    }
    Dedupe::forget(tx_.writer(), loser.id());
    tx_.engine().store().erase(tx_.writer(), tx_.schema().at(object.name), loser.id());
    kStubs.insert(tx_.writer(), {{"record_id", loser.id()},
                                 {"object", object.name},
                                 {"master_id", master.id()},
                                 {"merge_id", journal_.merge()},
                                 {"title", title_of(loser)},
                                 {"code", object.code_prefix.empty() ? "" : loser.text("code")},
                                 {"at", tx_.now()}});
    tx_.announce(loser, record::Operation::Delete);
  }

  void move_links(const Record& loser, const Record& master) {
    for (const auto& link : rules_.links()) {
      if (!link.object.empty() && link.object != loser.definition().name) continue;
      std::vector<db::Condition> where;
      if (!link.object_column.empty())
        where.push_back({link.object_column, db::Compare::Equal, loser.definition().name});
      if (!link.moves) {
        drop_rows(link, loser);
        continue;
      }
      const auto* object = tx_.schema().find(link.table);
      const bool soft = object != nullptr && object->soft_delete();
      if (!link.close_column.empty()) {
        auto open = where;
        open.push_back({link.column, db::Compare::Equal, loser.id()});
        log({link.table, link.close_column, Value(), Value(tx_.now()), false, soft}, open);
      }
      log({link.table, link.column, Value(loser.id()), Value(master.id()), false, soft}, where);
    }
  }

  std::int64_t log(const ColumnChange& change, const std::vector<db::Condition>& where) {
    const Step step = journal_.add("column", change.table, 0, column_json(change));
    return record::set_logged(tx_.writer(), step, change, where);
  }

  void drop_rows(const RecordLink& link, const Record& loser) {
    const auto& tables = tx_.engine().registry().tables();
    const auto table = std::find_if(tables.begin(), tables.end(), [&](const auto& candidate) {
      return candidate.name == link.table;
    });
    std::vector<std::string> columns;
    for (const auto& column : table->columns) columns.push_back(column.name);
    const std::vector<db::Condition> where{{link.column, db::Compare::Equal, loser.id()}};
    base::JsonArray rows;
    const db::Table rows_of(link.table);
    rows_of.select_each(tx_.writer(), {columns, where, {}, 0, false}, [&](const db::Row& row) {
      base::JsonArray values;
      for (int i = 0; i < row.column_count(); ++i) values.push_back(to_json(row.get(i)));
      rows.push_back(std::move(values));
    });
    if (rows.empty()) return;
    base::JsonObject data;
    data["rows"] = std::move(rows);
    journal_.add("rows", link.table, loser.id(), data);
    rows_of.erase(tx_.writer(), where);
  }

  void move_references(const Record& loser, const Record& master) {
    for (const auto& object : tx_.schema().objects()) {
      for (const auto& field : object->definition().fields) {
        if (field.target != loser.definition().name || !field.is_reference()) continue;
        const auto moved = field.multiple ? move_values(*object, field, loser, master)
                                          : move_reference(*object, field, loser, master);
        if (moved > 0) children_[object->definition().name] += moved;
      }
    }
  }

  std::int64_t move_values(const ObjectSchema& object, const FieldDefinition& field,
                           const Record& loser, const Record& master) {
    base::JsonObject data;
    data["field"] = field.name;
    const Step step = journal_.add("values", object.definition().name, loser.id(), data);
    return record::replace_value_logged(tx_.writer(), step, object.definition(), field, loser.id(),
                                        master.id(), master.id());
  }

  std::int64_t move_reference(const ObjectSchema& object, const FieldDefinition& field,
                              const Record& loser, const Record& master) {
    const auto& definition = object.definition();
    const ColumnChange change{definition.name,    field.name, Value(loser.id()),
                              Value(master.id()), true,       object.soft_delete()};
    std::vector<db::Condition> where;
    // What the master itself refers to is among its values.
    if (definition.name == master.definition().name)
      where.push_back({"id", db::Compare::NotEqual, master.id()});
    const Step step = journal_.add("column", definition.name, 0, column_json(change));
    const auto moved = record::set_logged(tx_.writer(), step, change, where);
    if (moved == 0) return 0;
    record::audit_step(tx_, step, definition, change.column, change.from, change.to);
    move_owner_copy(object, field, loser, master, step);
    return moved;
  }

  // Who sees a record because of its parent follows the parent's owner.
  void move_owner_copy(const ObjectSchema& object, const FieldDefinition& field,
                       const Record& loser, const Record& master, const Step& rows) {
    const auto& definition = object.definition();
    if (!loser.definition().owned || loser.get("owner_id") == master.get("owner_id")) return;
    std::vector<db::Condition> where;
    bool copies = definition.parent_field == field.name;
    for (const auto& copy : rules_.copies()) {
      if (copy.object != definition.name || copy.field != field.name) continue;
      copies = true;
      if (!copy.unless.empty()) where.push_back({copy.unless, db::Compare::IsNull, {}});
    }
    if (!copies) return;
    ColumnChange change{
        definition.name,     "parent_owner_id", loser.get("owner_id"), master.get("owner_id"), true,
        object.soft_delete()};
    const Step step = journal_.add("column", definition.name, 0, column_json(change));
    record::set_logged(tx_.writer(), step, change, where, rows.number);
  }

  void merge_equal_children(const MergeSet& set) {
    for (const auto& rule : rules_.equal_children()) {
      if (rule.object != set.object->name()) continue;
      const auto& child = tx_.schema().at(rule.child);
      const auto keys =
          record::repeated_values(tx_.writer(), child, rule.reference, set.master().id(), rule.key);
      for (const auto& key : keys) merge_equal(child, rule, set, key);
    }
  }

  // The one that the master had stays; those that it had twice before are none of this merge's
  // business.
  void merge_equal(const ObjectSchema& child, const EqualChildren& rule, const MergeSet& parents,
                   const Value& key) {
    auto found =
        tx_.find_all(rule.child, rule.reference + " eq @parent and " + rule.key + " eq @key",
                     {{"parent", record::id_value(parents.master().id())},
                      {"key", key.is_int() ? record::id_value(key.as_int())
                                           : record::text_value(key.as_text())}});
    const auto is_new = [&](const Record& record) {
      return record::is_logged(tx_.writer(), journal_.merge(), rule.child, record.id());
    };
    MergeSet set{&child, {}};
    const auto stays = std::find_if(found.begin(), found.end(),
                                    [&](const Record& record) { return !is_new(record); });
    set.records.push_back(stays == found.end() ? found.front() : *stays);
    for (const auto& record : found) {
      if (record.id() != set.master().id() && is_new(record)) set.records.push_back(record);
    }
    if (set.records.size() > 1) run(set, {});
  }

  Record save_master(MergeSet& set, const Draft& draft) {
    const auto& object = set.object->definition();
    // Equal children may have touched nothing of it, hooks of theirs may have.
    Record master = tx_.get(object.name, set.master().id());
    const Record before = master;
    tx_.update(master, draft, as_merge());
    const Record after = tx_.get(object.name, master.id());
    base::JsonObject data;
    base::JsonObject old_values;
    base::JsonObject new_values;
    const auto old_image = image_of(before);
    const auto new_image = image_of(after);
    for (const auto& member : old_image) {
      if (member.value() == new_image.at(member.key()) || member.key() == "version") continue;
      old_values[member.key()] = member.value();
      new_values[member.key()] = new_image.at(member.key());
    }
    data["before"] = std::move(old_values);
    data["after"] = std::move(new_values);
    data["version"] = after.version();
    const Step step = journal_.add("master", object.name, master.id(), data);
    // A child that came along and took in another one is a version further.
    if (record::is_logged(tx_.writer(), journal_.merge(), object.name, master.id()))
      record::log_record(tx_.writer(), step, object.name, master.id(), after.version());
    base::JsonArray losers;
    for (const auto* loser : set.losers()) {
      base::JsonObject item;
      item["id"] = loser->id();
      item["title"] = title_of(*loser);
      losers.push_back(std::move(item));
    }
    base::JsonObject entry;
    entry["merge_id"] = journal_.merge();
    entry["merged"] = std::move(losers);
    tx_.audit(after, "merged", std::move(entry));
    return after;
  }

  // A parent that is now below its child.
  void check_no_ring(const Record& master) {
    for (const auto& field : master.definition().fields) {
      if (field.target != master.definition().name || field.multiple) continue;
      RecordId above = master.integer(field.name);
      for (int depth = 0; above != 0 && depth < kDeepest; ++depth) {
        if (above == master.id())
          throw Error(ErrorKind::Conflict, "merge.ring",
                      {{"field", field.labels.in(tx_.actor().language)}});
        const auto record = tx_.find(master.definition().name, above);
        above = record ? record->integer(field.name) : 0;
      }
    }
  }

  Tx& tx_;
  const MergeRules& rules_;
  Journal journal_;
  std::map<std::string, std::int64_t> children_;
};

void check_request(const MergeRequest& request) {
  std::set<RecordId> ids;
  for (const auto& [id, version] : request.records) ids.insert(id);
  if (ids.size() != request.records.size() || ids.size() < 2 || ids.size() > kMostMerged) {
    throw Error::fields({{"records", "merge.number", {{"limit", std::to_string(kMostMerged)}}}});
  }
  if (!ids.contains(request.master)) throw Error::fields({{"master_id", "merge.master", {}}});
}

void check_choices(record::Engine& engine, const record::Actor& actor, const MergeSet& set,
                   const MergeChoices& choices) {
  std::vector<base::FieldError> errors;
  const auto& object = set.object->definition();
  for (const auto& [name, id] : choices) {
    const auto* field = object.field(name);
    const auto access = field == nullptr ? record::FieldAccess::Hidden
                                         : engine.access().field_access(actor, object, *field);
    if (access == record::FieldAccess::Hidden) {
      errors.push_back({name, "field.unknown", {}});
    } else if (access != record::FieldAccess::Edit || field->multiple ||
               !is_choosable(object, *field)) {
      errors.push_back({name, "field.read_only", {}});
    } else if (!set.contains(id)) {
      errors.push_back({name, "merge.not_among", {}});
    }
  }
  if (!errors.empty()) throw Error::fields(std::move(errors));
}

void check_versions(const MergeSet& set, const MergeRequest& request) {
  base::JsonArray stale;
  for (const auto& [id, version] : request.records) {
    if (!version) throw Error(ErrorKind::PreconditionRequired, "record.version_required");
    for (const auto& record : set.records) {
      if (record.id() != id || record.version() == *version) continue;
      base::JsonObject item;
      item["id"] = id;
      item["version"] = record.version();
      stale.push_back(std::move(item));
    }
  }
  if (stale.empty()) return;
  base::JsonObject data;
  data["stale"] = std::move(stale);
  throw Error(ErrorKind::Stale, "record.stale").with_data(boost::json::serialize(data));
}

}  // namespace

bool is_mergeable(const record::ObjectDefinition& object) {
  return std::find(object.rights.begin(), object.rights.end(), "merge") != object.rights.end();
}

MergeSet Merges::load(record::Engine& engine, const record::Actor& actor,
                      const record::Schema& schema, const MergeRequest& request,
                      const std::function<std::optional<Record>(RecordId)>& find) const {
  const auto& object = schema.at(request.object);
  const auto& definition = object.definition();
  auto& access = engine.access();
  // In the order of ids: two merges about the same records wait for each other.
  std::map<RecordId, Record> found;
  std::vector<RecordId> ids;
  for (const auto& [id, version] : request.records) ids.push_back(id);
  std::sort(ids.begin(), ids.end());
  const auto sees = access.scope(actor, definition, "read");
  for (const RecordId id : ids) {
    auto record = find(id);
    if (!record || !admits(sees, *record)) throw Error(ErrorKind::NotFound, "record.not_found");
    found.emplace(id, std::move(*record));
  }
  for (const auto* right : {"merge", "edit"}) {
    const auto scope = access.scope(actor, definition, right);
    for (const auto& [id, record] : found) {
      if (!admits(scope, record)) throw Error(ErrorKind::Forbidden, "access.denied");
    }
  }
  MergeSet set{&object, {}};
  set.records.push_back(found.at(request.master));
  for (const auto& [id, version] : request.records) {
    if (id != request.master) set.records.push_back(found.at(id));
  }
  return set;
}

std::vector<Error> Merges::refusals(record::Engine& engine, db::Reader& reader,
                                    const record::Actor& actor, const MergeSet& set) const {
  std::vector<Error> out;
  const MergeCheck check{engine, reader, actor, set, out};
  for (const auto* hooks : rules_->hooks(set.object->name())) {
    if (hooks->check) hooks->check(check);
  }
  return out;
}

namespace {

// The kind itself first: whoever may not read it learns nothing.
void check_rights(record::Engine& engine, const record::Actor& actor,
                  const record::ObjectDefinition& object) {
  auto& access = engine.access();
  if (!is_mergeable(object)) throw Error(ErrorKind::NotFound, "route.not_found");
  if (!access.may(actor, object, "read")) throw Error(ErrorKind::NotFound, "record.not_found");
  if (!access.may(actor, object, "merge") || !access.may(actor, object, "edit"))
    throw Error(ErrorKind::Forbidden, "access.denied");
}

// An id tells its kind. Only whoever sees the record is told that it is of another one.
void check_kinds(record::Engine& engine, const record::Actor& actor, const MergeRequest& request) {
  for (const auto& [id, version] : request.records) {
    const auto kind = engine.allocator().object_of(id);
    if (kind.empty() || kind == request.object) continue;
    const auto schema = engine.schema();
    const auto* other = schema->find(kind);
    bool visible = false;
    if (other != nullptr && !other->definition().internal) {
      const RecordId asked = id;
      engine.database().read(
          [&](db::Reader& reader) { visible = engine.can_see(reader, actor, *other, asked); });
    }
    if (!visible) throw Error(ErrorKind::NotFound, "record.not_found");
    throw Error::fields({{"records", "merge.other_kind", {}}});
  }
}

}  // namespace

void Merges::check_request_of(record::Engine& engine, const record::Actor& actor,
                              const MergeRequest& request) {
  const auto snapshot = engine.schema();
  check_rights(engine, actor, snapshot->at(request.object).definition());
  check_request(request);
  check_kinds(engine, actor, request);
}

namespace {

void tell_owner(Tx& tx, const Record& master, const Record& loser) {
  const std::int64_t owner = loser.definition().owned ? loser.integer("owner_id") : 0;
  if (owner == 0 || owner == master.integer("owner_id")) return;
  notify(tx, owner, "merged", {{"title", title_of(master)}}, master.definition().name, master.id());
}

// Rows that will move, at most.
std::int64_t count_rows(record::Engine& engine, const MergeRequest& request) {
  std::vector<RecordId> losers;
  for (const auto& [id, version] : request.records) {
    if (id != request.master) losers.push_back(id);
  }
  std::int64_t rows = 0;
  const auto schema = engine.schema();
  engine.database().read([&](db::Reader& reader) {
    rows = 0;
    for (const auto& object : schema->objects()) {
      for (const auto& field : object->definition().fields) {
        if (field.target == request.object && field.is_reference())
          rows += record::count_referrers(reader, *object, field, losers);
      }
    }
  });
  return rows;
}

std::string summary_of(const MergeSet& set, const std::map<std::string, std::int64_t>& children) {
  base::JsonObject out;
  base::JsonObject moved;
  for (const auto& [object, count] : children) moved[object] = count;
  out["children"] = std::move(moved);
  out["records"] = static_cast<std::int64_t>(set.records.size());
  return boost::json::serialize(out);
}

}  // namespace

MergeResult Merges::merge(record::Engine& engine, const record::Actor& actor,
                          const MergeRequest& request) const {
  check_request_of(engine, actor, request);
  make_room(engine, count_rows(engine, request));
  MergeResult result;
  engine.write(actor, [&](Tx& tx) {
    auto set = load(engine, actor, tx.schema(), request, [&](RecordId id) {
      return tx.find(request.object, id, record::Lock::ForUpdate);
    });
    check_versions(set, request);
    check_choices(engine, actor, set, request.choices);
    if (auto refused = refusals(engine, tx.writer(), actor, set); !refused.empty())
      throw std::move(refused.front());
    const auto id = engine.allocator().next_id("record_merge");
    Run run(tx, *rules_, id);
    const Record master = run.run(set, request.choices);
    kMerges.insert(tx.writer(), {{"id", id},
                                 {"object", request.object},
                                 {"master_id", master.id()},
                                 {"actor_id", actor.user_id},
                                 {"at", tx.now()},
                                 {"summary", summary_of(set, run.children())}});
    for (const auto* loser : set.losers()) tell_owner(tx, master, *loser);
    record::Event event;
    event.kind = "merged";
    event.object = request.object;
    event.record_id = master.id();
    event.version = master.version();
    tx.emit(std::move(event));
    result = {id,
              master.id(),
              master.version(),
              tx.now() + kUndoMergeDays * kDay,
              {run.children().begin(), run.children().end()}};
  });
  return result;
}

}  // namespace kehai::platform
