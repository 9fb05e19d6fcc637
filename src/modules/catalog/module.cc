#include "modules/catalog/module.h"

#include "modules/catalog/tag_rules.h"
#include "modules/catalog/tags.h"
#include "modules/embedded_definitions.h"

namespace kehai::modules {

void register_catalog(platform::Registrar& registrar) {
  for (const auto json : {embedded_campaign(), embedded_competitor()}) {
    registrar.registry.add_definition(json);
  }
  register_tags(registrar);
  register_tag_rules(registrar);
}

}  // namespace kehai::modules
