// The objects as one actor may see them: what query/ checks expressions against.
// Hidden fields do not exist; masked ones can be read but not filtered, sorted or grouped. Rows out
// of the actor's scope do not exist behind navigations, any/all and $count, so that no filter,
// order or aggregate can ask about them; the rows of the request's own object are the list's
// business. Made per request, used by one thread.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "query/entity.h"
#include "record/access.h"
#include "record/schema.h"

namespace kehai::record {

class EntityView {
 public:
  // All borrowed for the view's life.
  EntityView(const Schema& schema, const AccessPolicy& policy, const Actor& actor);
  ~EntityView();
  const query::Entity& entity(const ObjectSchema& object);

 private:
  class View;
  const Schema& schema_;
  const AccessPolicy& policy_;
  const Actor& actor_;
  std::map<std::string, std::unique_ptr<View>, std::less<>> views_;
};

}  // namespace kehai::record
