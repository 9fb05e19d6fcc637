// Accounts 客户 and their contacts' common fate: status, lock, deactivation, transfer with contacts
// and open deals. See README.md.
#pragma once

#include "modules/pool/holding.h"
#include "platform/registrar.h"

namespace kehai::modules {

void register_account(platform::Registrar& registrar, std::shared_ptr<Holding> holding);

// Status follows from business (domain 2.0): potential → interested on the first opportunity, → won
// on a won one.
void account_gains_opportunity(record::Tx& tx, record::RecordId account);
void account_wins(record::Tx& tx, record::RecordId account);
// A won deal was reopened or deleted: won → interested when no other is left.
void account_loses_win(record::Tx& tx, record::RecordId account);
// Throws Conflict "account.inactive", field error account_id "account.in_pool": no new business
// with such customers.
void check_open_for_business(record::Tx& tx, record::RecordId account);

}  // namespace kehai::modules
