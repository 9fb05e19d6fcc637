// Contacts 联系人: one primary per account, owner follows the account.
#pragma once

#include "platform/registrar.h"

namespace kehai::modules {

void register_contact(platform::Registrar& registrar);

}  // namespace kehai::modules
