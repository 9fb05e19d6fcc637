#include "platform/identity/identity.h"

#include <algorithm>
#include <atomic>

#include "base/error.h"
#include "base/text/utf8.h"
#include "platform/access/access.h"
#include "platform/access/built_in_roles.h"
#include "platform/access/epochs.h"
#include "platform/identity/accounts.h"
#include "platform/identity/credentials.h"
#include "platform/identity/login.h"
#include "platform/identity/password.h"
#include "platform/identity/throttle.h"
#include "platform/settings/settings.h"

namespace kehai::platform {

using base::Error;
using base::ErrorKind;
using record::Actor;
using record::Draft;
using record::Record;
using record::Tx;
using record::Value;

namespace {

const db::Table kToken("access_token");
constexpr std::size_t kMaximumTokens = 20;
constexpr std::size_t kMaximumTokenName = 100;
constexpr std::size_t kMaximumName = 60;
constexpr std::size_t kMaximumOrganisationName = 100;

Error denied() {
  return Error(ErrorKind::Forbidden, "access.denied");
}
Error not_found() {
  return Error(ErrorKind::NotFound, "record.not_found");
}
Error bad_credentials() {
  return Error(ErrorKind::Unauthenticated, "session.bad_credentials");
}

AccessToken token_of(const db::Row& row) {
  AccessToken token;
  token.id = row.get_int(0);
  token.name = row.get_text(1);
  token.read_only = row.get_int(2) != 0;
  token.created_at = row.get_int(3);
  if (!row.is_null(4)) token.expires_on = row.get_int(4);
  if (!row.is_null(5)) token.last_used_at = row.get_int(5);
  return token;
}

void check_length(std::string_view text, std::size_t maximum, const char* field,
                  std::vector<base::FieldError>& errors) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    errors.push_back({field, "field.required", {}});
  } else if (const auto fault = text::text_fault(text, maximum)) {
    errors.push_back({field,
                      *fault == "text.too_long" ? "field.too_long" : "field.text",
                      {{"limit", std::to_string(maximum)}}});
  }
}

class IdentityImpl : public Identity {
 public:
  IdentityImpl(record::Engine& engine, base::Random& random)
      : engine_(engine),
        random_(random),
        access_(access_of(engine)),
        revocations_(engine.database(), engine.clock(), "session"),
        throttle_(engine.database(), engine.clock()),
        sessions_(CredentialKind::Session, engine, access_, revocations_),
        tokens_(CredentialKind::AccessToken, engine, access_, revocations_) {
    access_.bind(engine);
    for (auto& role : built_in_roles()) role_labels_.emplace(role.name, std::move(role.labels));
  }

  // ---- First run

  bool setup_required() override {
    // Users never all disappear again: the last administrator cannot be removed.
    if (has_users_) return false;
    bool found = false;
    engine_.database().read([&](db::Reader& reader) { found = has_users(reader); });
    if (found) has_users_ = true;
    return !found;
  }

  std::string make_setup_token() override {
    const std::string token = random_.token(kSecretBytes);
    engine_.database().write(
        [&](db::Writer& writer) { write_setup_token(writer, token, engine_.clock().now()); });
    return token;
  }

  SignIn complete_setup(const Setup& setup, std::string_view client_address) override {
    check_setup(setup.token);
    auto errors =
        password_errors("password", setup.password, {setup.login, setup.name, setup.organisation});
    check_length(setup.organisation, kMaximumOrganisationName, "organisation", errors);
    check_length(setup.name, kMaximumName, "name", errors);
    if (!normalize_login(setup.login)) errors.push_back({"login", "user.login_format", {}});
    if (!errors.empty()) throw Error::fields(std::move(errors));
    const std::string hash = hasher_.hash(setup.password);
    NewSession session{random_.token(kSecretBytes), random_.token(kSecretBytes), 0,
                       std::string(client_address)};
    const base::Language language = base::parse_language(setup.language);
    engine_.write(record::system_actor("system"), [&](Tx& tx) {
      tx.writer().lock("organisation", "");
      check_setup(tx.writer(), setup.token);
      Draft department;
      department.set("name", setup.organisation);
      Draft user;
      user.set("login", setup.login)
          .set("name", setup.name)
          .set("language", base::language_name(language));
      user.set("department_id", tx.create("department", std::move(department)).id());
      user.many["role_ids"] = {Value(role_id(tx.writer(), kAdminRole))};
      session.user_id = tx.create("user", std::move(user)).id();
      write_password(tx.writer(), session.user_id, hash, false, tx.now());
      write_sign_in(tx.writer(), session.user_id, tx.now());
      write_setting(tx.writer(), "organisation.name", setup.organisation, session.user_id,
                    tx.now());
      Epochs(engine_.database(), engine_.clock(), kSettingsEpoch).bump(tx.writer());
      erase_setup_token(tx.writer());
      insert_session(tx, session);
    });
    has_users_ = true;
    return {session.token, session.csrf, actor_for(session.user_id)};
  }

  // ---- Signing in

  SignIn sign_in(std::string_view login, std::string_view password,
                 std::string_view client_address) override {
    const auto normalized = normalize_login(login);
    // Something that is no login is counted and answered like an unknown one.
    const std::string key =
        normalized ? login_key(*normalized) : base::sha256_hex(login.substr(0, 4096));
    throttle_.begin(key, client_address);
    std::optional<StoredPassword> stored;
    Actor actor;
    engine_.database().read([&](db::Reader& reader) {
      actor.user_id = normalized ? find_user(reader, *normalized) : 0;
      stored = read_password(reader, actor.user_id);
    });
    const bool matches =
        stored ? hasher_.verify(stored->hash, password) : hasher_.verify_nobody(password);
    if (!matches) throw bad_credentials();
    access_.attach_rights(actor);
    if (!actor.rights) throw bad_credentials();
    std::string better_hash;
    if (hasher_.is_outdated(stored->hash)) better_hash = hasher_.hash(password);
    const NewSession session{random_.token(kSecretBytes), random_.token(kSecretBytes),
                             actor.user_id, std::string(client_address)};
    engine_.write(actor, [&](Tx& tx) {
      // The user may have been deactivated, or the password reset, while it was being checked.
      const auto user = tx.find("user", actor.user_id, record::Lock::ForUpdate);
      const auto current = read_password(tx.writer(), actor.user_id);
      if (!user || user->text("status") != "active" || user->integer("is_system") != 0 ||
          !current || current->hash != stored->hash) {
        throw bad_credentials();
      }
      throttle_.succeed(tx.writer(), key, client_address);
      if (!better_hash.empty()) write_hash(tx.writer(), actor.user_id, better_hash);
      write_sign_in(tx.writer(), actor.user_id, tx.now());
      insert_session(tx, session);
      base::JsonObject data;
      data["address"] = client_address.substr(0, 64);
      tx.audit(*user, "signed_in", std::move(data));
    });
    return {session.token, session.csrf, std::move(actor)};
  }

  void sign_out(std::int64_t session_id) override {
    engine_.database().write([&](db::Writer& writer) {
      erase_session(writer, session_id);
      revocations_.bump(writer);
    });
  }

  void sign_out_everywhere(std::int64_t user_id) override {
    engine_.database().write([&](db::Writer& writer) {
      erase_sessions(writer, user_id);
      revocations_.bump(writer);
    });
  }

  std::optional<Session> by_session_token(std::string_view token, bool is_use) override {
    return sessions_.find(token, is_use);
  }

  std::optional<Session> by_access_token(std::string_view secret, bool is_use) override {
    if (!secret.starts_with(kAccessTokenPrefix)) return std::nullopt;
    return tokens_.find(secret, is_use);
  }

  Actor actor_for(std::int64_t user_id) override {
    Actor actor;
    actor.user_id = user_id;
    access_.attach_rights(actor);
    if (!actor.rights) throw not_found();
    return actor;
  }

  Actor actor_for_login(std::string_view login) override {
    std::int64_t user_id = 0;
    if (const auto normalized = normalize_login(login)) {
      engine_.database().read(
          [&](db::Reader& reader) { user_id = find_user(reader, *normalized); });
    }
    return actor_for(user_id);
  }

  // ---- The person's own account

  Profile profile(const Actor& actor) override {
    Profile profile;
    const auto schema = engine_.schema();
    engine_.database().read([&](db::Reader& reader) {
      const auto& store = engine_.store();
      const auto user = store.load(reader, schema->at("user"), actor.user_id, false);
      if (!user) throw not_found();
      profile = {};
      profile.user_id = actor.user_id;
      profile.login = user->text("login");
      profile.name = user->text("name");
      profile.language = user->is_null("language") ? "" : user->text("language");
      profile.theme = user->text("theme");
      profile.department_id = user->integer("department_id");
      if (profile.department_id != 0) {
        const auto department =
            store.load(reader, schema->at("department"), profile.department_id, false);
        if (department) profile.department_name = department->text("name");
      }
      for (const auto& id : user->many("role_ids")) {
        if (const auto role = store.load(reader, schema->at("role"), id.as_int(), false))
          add_role(*role, profile);
      }
      const auto stored = read_password(reader, actor.user_id);
      profile.must_change_password = stored && stored->must_change;
    });
    return profile;
  }

  void set_preferences(const Actor& actor, std::optional<std::string> language,
                       std::optional<std::string> theme) override {
    Draft draft;
    std::vector<base::FieldError> errors;
    const auto schema = engine_.schema();
    const auto take = [&](const char* name, const std::optional<std::string>& value) {
      if (!value) return;
      if (schema->at("user").definition().field(name)->option(*value) == nullptr) {
        errors.push_back({name, "field.option", {}});
      }
      draft.set(name, *value);
    };
    take("language", language);
    take("theme", theme);
    if (!errors.empty()) throw Error::fields(std::move(errors));
    engine_.write(actor, [&](Tx& tx) {
      Record user = tx.get("user", actor.user_id);
      tx.update(user, draft);
    });
  }

  void change_password(const Session& session, std::string_view current,
                       std::string_view replacement) override {
    if (session.session_id == 0) throw denied();
    const std::int64_t user_id = session.actor.user_id;
    std::optional<StoredPassword> stored;
    std::vector<std::string> personal;
    engine_.database().read([&](db::Reader& reader) {
      stored = read_password(reader, user_id);
      personal = personal_words(reader, user_id);
    });
    // A stolen session must not become a way to guess the password.
    const std::string key = "change:" + std::to_string(user_id);
    throttle_.begin(key, "session");
    if (!(stored ? hasher_.verify(stored->hash, current) : hasher_.verify_nobody(current))) {
      throw Error::fields({{"current", "password.wrong", {}}});
    }
    auto errors = password_errors("new", replacement, personal);
    if (errors.empty() && current == replacement)
      errors.push_back({"new", "password.unchanged", {}});
    if (!errors.empty()) throw Error::fields(std::move(errors));
    const std::string hash = hasher_.hash(replacement);
    engine_.write(session.actor, [&](Tx& tx) {
      throttle_.succeed(tx.writer(), key, "session");
      write_password(tx.writer(), user_id, hash, false, tx.now());
      erase_sessions(tx.writer(), user_id, session.session_id);
      revocations_.bump(tx.writer());
      tx.audit(tx.get("user", user_id), "password_changed");
    });
  }

  std::vector<AccessToken> access_tokens(const Actor& actor) override {
    std::vector<AccessToken> out;
    engine_.database().read([&](db::Reader& reader) {
      out.clear();
      kToken.select_each(reader,
                         {{"id", "name", "read_only", "created_at", "expires_on", "last_used_at"},
                          {{"user_id", db::Compare::Equal, Value(actor.user_id)}},
                          {{"created_at", true}, {"id", true}},
                          0,
                          false},
                         [&](const db::Row& row) { out.push_back(token_of(row)); });
    });
    return out;
  }

  std::pair<AccessToken, std::string> create_access_token(
      const Actor& actor, std::string name, bool read_only,
      std::optional<base::Date> expires_on) override {
    std::vector<base::FieldError> errors;
    check_length(name, kMaximumTokenName, "name", errors);
    const base::Instant now = engine_.clock().now();
    if (expires_on && *expires_on < engine_.zone().local_date(now))
      errors.push_back({"expires_on", "field.past", {}});
    if (!errors.empty()) throw Error::fields(std::move(errors));
    if (!actor.rights) throw denied();
    const std::string secret = std::string(kAccessTokenPrefix) + random_.token(kSecretBytes);
    AccessToken token{0, std::move(name), read_only, now, expires_on, std::nullopt};
    engine_.write(actor, [&](Tx& tx) {
      tx.writer().lock("access_token", std::to_string(actor.user_id));
      const auto held =
          kToken.count(tx.writer(), {{"user_id", db::Compare::Equal, Value(actor.user_id)}});
      if (held >= static_cast<std::int64_t>(kMaximumTokens)) {
        throw Error(ErrorKind::Limit, "token.too_many",
                    {{"limit", std::to_string(kMaximumTokens)}});
      }
      token.id = engine_.allocator().next_id("access_token");
      kToken.insert(tx.writer(), {{"id", token.id},
                                  {"token_hash", base::sha256_hex(secret)},
                                  {"user_id", actor.user_id},
                                  {"name", token.name},
                                  {"read_only", token.read_only},
                                  {"created_at", now},
                                  {"expires_on", expires_on ? Value(*expires_on) : Value()}});
      base::JsonObject data;
      data["name"] = token.name;
      data["read_only"] = token.read_only;
      tx.audit(tx.get("user", actor.user_id), "token_created", std::move(data));
    });
    return {token, secret};
  }

  void revoke_access_token(const Actor& actor, std::int64_t id) override {
    engine_.write(actor, [&](Tx& tx) {
      const auto erased =
          kToken.erase(tx.writer(), {{"id", db::Compare::Equal, Value(id)},
                                     {"user_id", db::Compare::Equal, Value(actor.user_id)}});
      if (erased == 0) throw not_found();
      revocations_.bump(tx.writer());
      base::JsonObject data;
      data["id"] = id;
      tx.audit(tx.get("user", actor.user_id), "token_revoked", std::move(data));
    });
  }

  // ---- Administration

  std::int64_t create_user(const Actor& actor, const NewUser& user) override {
    if (!access_.may_configure(actor, "user")) throw denied();
    auto errors = password_errors("password", user.password, {user.login, user.name});
    check_length(user.name, kMaximumName, "name", errors);
    if (!normalize_login(user.login)) errors.push_back({"login", "user.login_format", {}});
    if (!errors.empty()) throw Error::fields(std::move(errors));
    const std::string hash = hasher_.hash(user.password);
    std::int64_t id = 0;
    engine_.write(actor, [&](Tx& tx) {
      Draft draft;
      draft.set("login", user.login).set("name", user.name);
      if (!user.language.empty())
        draft.set("language", base::language_name(base::parse_language(user.language)));
      set_reference(tx, draft, "department_id", "department", user.department_id);
      set_reference(tx, draft, "superior_id", "user", user.superior_id);
      for (const std::int64_t role : user.role_ids) {
        if (!tx.find("role", role))
          throw Error::fields({{"role_ids", "field.reference_not_found", {}}});
        draft.many["role_ids"].emplace_back(role);
      }
      id = tx.create("user", std::move(draft)).id();
      write_password(tx.writer(), id, hash, user.must_change_password, tx.now());
    });
    return id;
  }

  void reset_password(const Actor& actor, std::int64_t user_id,
                      std::string_view password) override {
    if (!access_.may_configure(actor, "user")) throw denied();
    std::vector<std::string> personal;
    engine_.database().read(
        [&](db::Reader& reader) { personal = personal_words(reader, user_id); });
    auto errors = password_errors("password", password, personal);
    if (!errors.empty()) throw Error::fields(std::move(errors));
    const std::string hash = hasher_.hash(password);
    engine_.write(actor, [&](Tx& tx) {
      const Record user = tx.get("user", user_id);
      const auto& roles = user.many("role_ids");
      const Value admin(role_id(tx.writer(), kAdminRole));
      if (std::find(roles.begin(), roles.end(), admin) != roles.end() && !access_.is_admin(actor)) {
        throw Error(ErrorKind::Forbidden, "user.admin_only");
      }
      write_password(tx.writer(), user_id, hash, actor.user_id != user_id, tx.now());
      erase_sessions(tx.writer(), user_id);
      erase_access_tokens(tx.writer(), user_id);
      revocations_.bump(tx.writer());
      tx.audit(user, "password_reset");
    });
  }

  void maintain() override {
    sessions_.flush();
    tokens_.flush();
  }

 private:
  static std::int64_t role_id(db::Reader& reader, std::string_view name) {
    static const db::Table roles("role");
    const auto rows =
        roles.select(reader, {{"id"}, {{"name", db::Compare::Equal, Value(name)}}, {}, 0, false});
    if (rows.empty())
      throw Error(ErrorKind::Internal, "internal", {}, "built-in roles are missing");
    return rows[0][0].as_int();
  }

  static void set_reference(Tx& tx, Draft& draft, const char* field, const char* object,
                            std::int64_t id) {
    if (id == 0) return;
    if (!tx.find(object, id)) throw Error::fields({{field, "field.reference_not_found", {}}});
    draft.set(field, id);
  }

  void check_setup(const std::string& token) {
    engine_.database().read([&](db::Reader& reader) { check_setup(reader, token); });
  }

  void check_setup(db::Reader& reader, const std::string& token) const {
    if (has_users(reader)) throw Error(ErrorKind::Conflict, "setup.done");
    if (!is_setup_token(reader, token, engine_.clock().now()))
      throw Error(ErrorKind::Forbidden, "setup.bad_token");
  }

  std::vector<base::FieldError> password_errors(const char* field, std::string_view password,
                                                const std::vector<std::string>& personal) const {
    const auto fault = rules_.fault(password, personal);
    if (!fault) return {};
    return {{field,
             *fault,
             {{"minimum", std::to_string(kPasswordMinimum)},
              {"limit", std::to_string(kPasswordMaximum)}}}};
  }

  // What the person's password must not be.
  std::vector<std::string> personal_words(db::Reader& reader, std::int64_t user_id) const {
    const auto schema = engine_.schema();
    const auto user = engine_.store().load(reader, schema->at("user"), user_id, false);
    if (!user) throw not_found();
    return {user->text("login"), user->text("name"), user->text("mobile"), user->text("email"),
            read_setting(reader, "organisation.name").value_or("")};
  }

  void add_role(const Record& role, Profile& profile) const {
    Profile::Role out{role.text("name"), {}};
    out.labels.texts.fill(role.text("label"));
    // A label that nobody changed appears in the reader's language.
    const auto built_in = role_labels_.find(out.name);
    if (built_in != role_labels_.end() &&
        built_in->second.in(base::Language::SimplifiedChinese) == role.text("label")) {
      out.labels = built_in->second;
    }
    profile.is_admin = profile.is_admin || out.name == kAdminRole;
    profile.roles.push_back(std::move(out));
  }

  record::Engine& engine_;
  base::Random& random_;
  Access& access_;
  Epochs revocations_;
  PasswordRules rules_;
  PasswordHasher hasher_;
  Throttle throttle_;
  CredentialCache sessions_;
  CredentialCache tokens_;
  std::map<std::string, base::Labels> role_labels_;
  std::atomic<bool> has_users_{false};
};

}  // namespace

std::unique_ptr<Identity> make_identity(record::Engine& engine, base::Random& random) {
  return std::make_unique<IdentityImpl>(engine, random);
}

}  // namespace kehai::platform
