#include "record/entity_view.h"

#include <deque>
#include <optional>

namespace kehai::record {

class EntityView::View : public query::Entity {
 public:
  View(EntityView& owner, const ObjectSchema& object) : owner_(owner), object_(object) {}
  std::string_view name() const override { return object_.name(); }
  std::string_view table() const override { return object_.table(); }
  bool soft_delete() const override { return object_.soft_delete(); }

  const query::Property* property(std::string_view name) const override {
    const auto* found = object_.property(name);
    if (found == nullptr) return nullptr;
    const auto& field = *object_.definition().field(name);
    if (owner_.policy_.field_access(owner_.actor_, object_.definition(), field) ==
        FieldAccess::Hidden)
      return nullptr;
    if (!owner_.policy_.is_masked(owner_.actor_, object_.definition(), field)) return found;
    masked_.push_back(*found);
    masked_.back().filterable = false;
    masked_.back().sortable = false;
    return &masked_.back();
  }

  const query::Navigation* navigation(std::string_view name) const override {
    const auto cached = navigations_.find(name);
    if (cached != navigations_.end()) return &cached->second;
    const auto* found = object_.navigation(name);
    if (found == nullptr) return nullptr;
    const auto* target = owner_.schema_.find(found->target->name());
    const auto& through = found->to_many ? target->definition() : object_.definition();
    const auto* field = through.field(found->foreign_key);
    if (owner_.policy_.field_access(owner_.actor_, through, *field) == FieldAccess::Hidden ||
        !owner_.policy_.may(owner_.actor_, target->definition(), "read")) {
      return nullptr;
    }
    query::Navigation navigation = *found;
    navigation.target = &owner_.entity(*target);
    return &navigations_.emplace(std::string(name), navigation).first->second;
  }

  const query::RowAccess* row_access() const override {
    if (!access_known_) {
      access_ = rows();
      access_known_ = true;
    }
    return access_ ? &*access_ : nullptr;
  }

 private:
  // Nothing = every row.
  std::optional<query::RowAccess> rows() const {
    const auto& definition = object_.definition();
    const RowScope scope = owner_.policy_.scope(owner_.actor_, definition, "read");
    if (scope.all) return std::nullopt;
    query::RowAccess access;
    for (const auto& branch : scope.branches) {
      // Rows that hide fields are left out whole: an expression could ask for any of their fields.
      if (!branch.hidden_fields.empty() || branch.values.empty() ||
          definition.field_index(branch.column) < 0)
        continue;
      access.branches.push_back({branch.column, branch.values});
    }
    return access;
  }

  EntityView& owner_;
  const ObjectSchema& object_;
  mutable std::deque<query::Property> masked_;
  mutable std::map<std::string, query::Navigation, std::less<>> navigations_;
  mutable std::optional<query::RowAccess> access_;
  mutable bool access_known_ = false;
};

EntityView::EntityView(const Schema& schema, const AccessPolicy& policy, const Actor& actor)
    : schema_(schema), policy_(policy), actor_(actor) {}

EntityView::~EntityView() = default;

const query::Entity& EntityView::entity(const ObjectSchema& object) {
  auto& view = views_[object.definition().name];
  if (!view) view = std::make_unique<View>(*this, object);
  return *view;
}

}  // namespace kehai::record
