// Contacts who take part in a deal, each with the role in it (domain 1: contacts[] + role).
#pragma once

#include "platform/registrar.h"

namespace kehai::modules {

// The object opportunity_contact and its rules: a contact takes part once in a deal, and the role
// is that of the contact where none is named. Field error "opportunity_contact.already_there" on
// contact_id; somebody whom the asker may not see is "field.reference_not_found". Contacts that are
// merged take part once.
void register_people(platform::Registrar& registrar);

}  // namespace kehai::modules
