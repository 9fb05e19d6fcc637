#include "platform/embedded_platform.h"
#include "platform/identity/accounts.h"
#include "platform/identity/credentials.h"
#include "platform/identity/identity.h"
#include "platform/identity/organisation_rules.h"
#include "platform/identity/preferences.h"
#include "platform/identity/throttle.h"

namespace kehai::platform {

namespace {

void clean(record::Engine& engine) {
  const base::Instant now = engine.clock().now();
  engine.database().write(
      [&](db::Writer& writer) {
        clean_credentials(writer, now);
        Throttle::clean(writer, now);
      },
      db::Lane::Bulk);
}

}  // namespace

void register_identity(Registrar& registrar) {
  auto& registry = registrar.registry;
  registry.add_definition(embedded_department_object());
  registry.add_definition(embedded_role_object());
  registry.add_definition(embedded_user_object());
  for (auto& table : account_tables()) registry.add_table(std::move(table));
  for (auto& table : credential_tables()) registry.add_table(std::move(table));
  registry.add_table(Throttle::table());
  registry.add_table(preference_table());
  add_organisation_rules(registrar);
  registrar.schedules.push_back({"identity.clean", 3'600'000, clean});
}

}  // namespace kehai::platform
