#include "app/modules.h"

#include "modules/account/module.h"
#include "modules/activity/module.h"
#include "modules/arbitration/module.h"
#include "modules/catalog/module.h"
#include "modules/contact/module.h"
#include "modules/data_quality/module.h"
#include "modules/duplicates/module.h"
#include "modules/lead/module.h"
#include "modules/opportunity/module.h"
#include "modules/pool/module.h"
#include "modules/task/module.h"
#include "modules/team/team.h"
#include "modules/territory/module.h"

namespace kehai::app {

void register_modules(platform::Registrar& registrar, platform::Dedupe& dedupe) {
  modules::register_catalog(registrar);
  modules::register_territory(registrar);
  const auto holding = modules::register_pool(registrar);
  modules::register_account(registrar, holding);
  modules::register_contact(registrar);
  modules::register_lead(registrar, holding, dedupe);
  modules::register_opportunity(registrar);
  modules::register_activity(registrar);
  modules::register_task(registrar);
  modules::register_arbitration(registrar, holding);
  modules::register_team(registrar);
  modules::register_duplicates(registrar, dedupe);
  modules::register_data_quality(registrar);
}

}  // namespace kehai::app
