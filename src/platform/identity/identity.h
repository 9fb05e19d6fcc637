// Who is calling: users, passwords, sessions, personal access tokens, first-run set-up.
//
// Passwords are Argon2id hashes, computed on a lane of their own (at most two at a time). Session
// and token secrets are 256 bits, stored as SHA-256 only. Sessions end after 12 hours without use,
// after 30 days, at sign-out, at a change or reset of the password and when the user is
// deactivated; tokens at a reset and when the user is deactivated. What was revoked stops working
// with the next call on this node and within one second on others. All members are safe from any
// thread; none may be called inside a transaction.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/language.h"
#include "base/random.h"
#include "base/time.h"
#include "platform/registrar.h"
#include "record/access.h"
#include "record/engine.h"

namespace kehai::platform {

struct SignIn {
  std::string session_token;  // cookie value
  std::string csrf_token;
  record::Actor actor;
};

struct Session {
  std::int64_t session_id = 0;  // 0 for personal access tokens
  std::string csrf_token;       // "" for personal access tokens
  record::Actor actor;
};

struct Profile {
  std::int64_t user_id = 0;
  std::string login;
  std::string name;
  std::string language;
  std::string theme;
  std::int64_t department_id = 0;
  std::string department_name;
  struct Role {
    std::string name;
    base::Labels labels;
  };
  std::vector<Role> roles;
  bool is_admin = false;
  bool must_change_password = false;  // it was set by somebody else
};

struct AccessToken {
  std::int64_t id = 0;
  std::string name;
  bool read_only = true;
  std::int64_t created_at = 0;
  std::optional<base::Date> expires_on;
  std::optional<std::int64_t> last_used_at;
};

class Identity {
 public:
  virtual ~Identity() = default;

  // ---- First run
  virtual bool setup_required() = 0;
  // A fresh one-time secret for the set-up link; replaces an older one.
  virtual std::string make_setup_token() = 0;
  struct Setup {
    std::string token, organisation, name, login, password, language;
  };
  // Throws Forbidden "setup.bad_token" (unknown, replaced or older than a day), Conflict
  // "setup.done", field errors.
  virtual SignIn complete_setup(const Setup& setup, std::string_view client_address) = 0;

  // ---- Signing in. Throws Unauthenticated "session.bad_credentials" (same answer and time for
  // unknown logins), Limit "session.throttled" {seconds}, Unavailable "session.busy".
  virtual SignIn sign_in(std::string_view login, std::string_view password,
                         std::string_view client_address) = 0;
  virtual void sign_out(std::int64_t session_id) = 0;
  virtual void sign_out_everywhere(std::int64_t user_id) = 0;
  // Empty when the token is unknown, expired or revoked. Counts as use of the session, unless it
  // only looks whether a stream that stays open may still go on: an open window must not keep a
  // session from ending.
  virtual std::optional<Session> by_session_token(std::string_view token, bool is_use = true) = 0;
  virtual std::optional<Session> by_access_token(std::string_view secret, bool is_use = true) = 0;
  // An actor for command line, jobs and tests; throws NotFound.
  virtual record::Actor actor_for(std::int64_t user_id) = 0;
  virtual record::Actor actor_for_login(std::string_view login) = 0;

  // ---- The person's own account
  virtual Profile profile(const record::Actor& actor) = 0;
  virtual void set_preferences(const record::Actor& actor, std::optional<std::string> language,
                               std::optional<std::string> theme) = 0;
  // Ends all other sessions. Throws errors of the fields "current" ("password.wrong") and "new"
  // ("password.too_short", "password.too_long", "password.encoding", "password.common",
  // "password.unchanged"); Forbidden for access tokens.
  virtual void change_password(const Session& session, std::string_view current,
                               std::string_view replacement) = 0;
  virtual std::vector<AccessToken> access_tokens(const record::Actor& actor) = 0;
  // The secret ("kh_…") is shown once. Throws field errors of "name" and "expires_on", Limit
  // "token.too_many".
  virtual std::pair<AccessToken, std::string> create_access_token(
      const record::Actor& actor, std::string name, bool read_only,
      std::optional<base::Date> expires_on) = 0;
  // Throws NotFound for tokens of others.
  virtual void revoke_access_token(const record::Actor& actor, std::int64_t id) = 0;

  // ---- Administration. Forbidden "access.denied" without the right "configure" on users; only
  // administrators give roles ("user.roles_admin_only") and touch other administrators
  // ("user.admin_only").
  struct NewUser {
    std::string login, name, password;
    std::int64_t department_id = 0;
    std::int64_t superior_id = 0;
    std::vector<std::int64_t> role_ids;
    std::string language;
    bool must_change_password = true;  // somebody else chose it
  };
  virtual std::int64_t create_user(const record::Actor& actor, const NewUser& user) = 0;
  // Ends all sessions and revokes all access tokens of the user.
  virtual void reset_password(const record::Actor& actor, std::int64_t user_id,
                              std::string_view password) = 0;

  // Writes down when sessions and tokens were last used, so that no request has to. Call about once
  // a minute.
  virtual void maintain() = 0;
};

// The engine's access policy must be platform::Access (access.h), its tables migrated. Borrowed for
// the object's life.
std::unique_ptr<Identity> make_identity(record::Engine& engine, base::Random& random);
// Objects user, department, role with their guards; tables; actions activate, deactivate and leave
// of users.
void register_identity(Registrar& registrar);

}  // namespace kehai::platform
