// Slows down guessing of passwords without becoming a way to lock people out.
//
// Two counts, kept in the database so that restarts and other nodes do not forget them:
//  - login + client: after 5 failures each further attempt waits 1, 2, 4 … up to 300 s. A correct
//  password clears it;
//    so does an hour of quiet. Only that client waits: the same person signs in from elsewhere at
//    once.
//  - client (an IPv4 address, an IPv6 /64), whatever the login: 30 failures are free and one more
//  grows back each
//    minute, then 1, 2, 4 … up to 300 s. People who signed in from there during the last 30 days
//    neither wait for this count nor add to it, so one attacker does not lock an office that shares
//    an address.
// An attempt counts as failed from its beginning until it succeeds: parallel attempts do not slip
// through. Unknown logins are counted like known ones. Safe from any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/time.h"
#include "db/database.h"
#include "db/table.h"

namespace kehai::platform {

class Throttle {
 public:
  Throttle(db::Database& database, base::Clock& clock) : database_(database), clock_(clock) {}

  // Before the password is looked at. Throws Limit "session.throttled" {seconds}.
  void begin(std::string_view login_key, std::string_view client_address);
  // Inside the transaction that signs in.
  void succeed(db::Writer& writer, std::string_view login_key, std::string_view client_address);

  static db::TableDefinition table();
  // Forgets what no longer matters.
  static void clean(db::Writer& writer, base::Instant now);

 private:
  db::Database& database_;
  base::Clock& clock_;
};

// The part of an address that one attacker controls: an IPv4 address, the /64 of an IPv6 address.
std::string client_key(std::string_view client_address);

}  // namespace kehai::platform
