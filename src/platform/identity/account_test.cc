// Passwords, their resets and preferences of people who have an account.
#include <doctest/doctest.h>

#include "base/error.h"
#include "db/test_databases.h"
#include "platform/access/test_company.h"
#include "platform/identity/credentials.h"
#include "platform/identity/identity.h"
#include "platform/identity/test_office.h"
#include "platform/identity/throttle.h"

namespace kehai::platform {

TEST_CASE("changing one's password needs the current one and ends all other sessions") {
  db::on_each_database([](db::TestDatabase& database) {
    Office office(database);
    auto& identity = office.company.identity();
    const SignIn here = office.sign_in();
    const SignIn elsewhere = office.sign_in();
    const auto session = identity.by_session_token(here.session_token);
    REQUIRE(session.has_value());
    const std::string next = "seven red lanterns";
    CHECK(error_code([&] { identity.change_password(*session, "wrong", next); }) ==
          "password.wrong");
    CHECK(error_code([&] { identity.change_password(*session, "", next); }) == "password.wrong");
    CHECK(error_code([&] { identity.change_password(*session, kPassword, "short"); }) ==
          "password.too_short");
    CHECK(error_code([&] { identity.change_password(*session, kPassword, "password99"); }) ==
          "password.common");
    CHECK(error_code([&] { identity.change_password(*session, kPassword, kPassword); }) ==
          "password.unchanged");
    CHECK(identity.by_session_token(elsewhere.session_token).has_value());
    office.company.clock().advance(kHour + kMinute);

    identity.change_password(*session, kPassword, next);
    CHECK(identity.by_session_token(here.session_token).has_value());
    CHECK_FALSE(identity.by_session_token(elsewhere.session_token).has_value());
    CHECK(error_code([&] { office.sign_in(); }) == "session.bad_credentials");
    CHECK(identity.by_session_token(office.sign_in(next).session_token).has_value());
    CHECK_FALSE(identity.profile(session->actor).must_change_password);

    // With a stolen session the password cannot be guessed at speed.
    std::string code;
    for (int i = 0; i < 7; ++i)
      code = error_code([&] { identity.change_password(*session, "guess", "another one 77"); });
    CHECK(code == "session.throttled");
    Session token_session;
    token_session.actor = session->actor;
    CHECK(error_code([&] { identity.change_password(token_session, next, "another one 77"); }) ==
          "access.denied");
  });
}

TEST_CASE("resetting a password ends everything of that user and is for administrators of users") {
  db::on_each_database([](db::TestDatabase& database) {
    Office office(database);
    auto& identity = office.company.identity();
    const SignIn session = office.sign_in();
    const auto secret =
        identity.create_access_token(session.actor, "script", false, std::nullopt).second;
    REQUIRE(identity.by_access_token(secret).has_value());
    CHECK(error_code([&] {
            identity.reset_password(session.actor, office.boss.actor.user_id, "seven red lanterns");
          }) == "access.denied");
    CHECK(error_code([&] { identity.reset_password(office.boss.actor, office.wang_id, "wang"); }) ==
          "password.too_short");
    CHECK(error_code([&] {
            identity.reset_password(office.boss.actor, 999'999, "seven red lanterns");
          }) == "record.not_found");
    identity.reset_password(office.boss.actor, office.wang_id, "seven red lanterns");
    CHECK_FALSE(identity.by_session_token(session.session_token).has_value());
    CHECK_FALSE(identity.by_access_token(secret).has_value());
    const SignIn again = office.sign_in("seven red lanterns");
    CHECK(identity.profile(again.actor).must_change_password);

    // Whoever administers users without being an administrator cannot take an administrator's
    // account.
    const std::int64_t user_admin =
        office.company.role("user_admin", {{"user", {{"configure"}, Scope::All, {}, {}}}});
    const auto helper = office.company.actor(office.company.user("helper", 0, {user_admin}));
    CHECK(error_code([&] {
            identity.reset_password(helper, office.boss.actor.user_id, "seven red lanterns");
          }) == "user.admin_only");
    CHECK(error_code([&] {
            identity.reset_password(helper, office.wang_id, "eight blue lanterns");
          }) == "");
    Identity::NewUser mine{
        "mine", "我的", "eight blue lanterns", 0, 0, {office.company.built_in("admin")}, ""};
    CHECK(error_code([&] { identity.create_user(helper, mine); }) == "user.roles_admin_only");
    mine.role_ids.clear();
    CHECK(identity.create_user(helper, mine) > 0);
    CHECK(error_code([&] { identity.create_user(helper, mine); }) == "field.not_unique");
    CHECK(error_code([&] { identity.create_user(again.actor, mine); }) == "access.denied");
  });
}

TEST_CASE(
    "personal access tokens: shown once, stored hashed, scoped, expiring, revocable by their owner "
    "only") {
  db::on_each_database([](db::TestDatabase& database) {
    Office office(database);
    auto& identity = office.company.identity();
    const SignIn session = office.sign_in();
    const auto today = base::TimeZone("Asia/Shanghai").local_date(office.company.clock().now());
    CHECK(error_code([&] {
            identity.create_access_token(session.actor, "", true, std::nullopt);
          }) == "field.required");
    CHECK(error_code([&] { identity.create_access_token(session.actor, "x", true, today - 1); }) ==
          "field.past");
    const auto [reader, read_secret] =
        identity.create_access_token(session.actor, "excel", true, today);
    const auto [writer, write_secret] =
        identity.create_access_token(session.actor, "script", false, std::nullopt);
    CHECK(read_secret.starts_with("kh_"));
    CHECK(read_secret.size() >= 46);
    CHECK(read_secret != write_secret);

    const auto by_reader = identity.by_access_token(read_secret);
    REQUIRE(by_reader.has_value());
    CHECK(by_reader->session_id == 0);
    CHECK(by_reader->csrf_token.empty());
    CHECK(by_reader->actor.read_only);
    CHECK(by_reader->actor.user_id == office.wang_id);
    CHECK_FALSE(identity.by_access_token(write_secret)->actor.read_only);
    CHECK_FALSE(identity.by_session_token(read_secret).has_value());
    CHECK_FALSE(identity.by_access_token(session.session_token).has_value());
    // A read-only token cannot make itself another one.
    CHECK(error_code([&] {
            identity.create_access_token(by_reader->actor, "more", false, std::nullopt);
          }) == "access.denied");

    bool plain = false;
    database->read([&](db::Reader& source) {
      for (const auto& row :
           db::Table("access_token").select(source, {{"token_hash"}, {}, {}, 0, false})) {
        plain = plain || row[0].as_text() == read_secret || row[0].as_text().size() != 64;
      }
    });
    CHECK_FALSE(plain);

    const auto listed = identity.access_tokens(session.actor);
    REQUIRE(listed.size() == 2);
    CHECK(listed[0].name == "script");
    CHECK(listed[1].expires_on == today);
    CHECK(identity.access_tokens(office.boss.actor).empty());
    CHECK(error_code([&] { identity.revoke_access_token(office.boss.actor, writer.id); }) ==
          "record.not_found");
    CHECK(identity.by_access_token(write_secret).has_value());
    identity.revoke_access_token(session.actor, writer.id);
    CHECK_FALSE(identity.by_access_token(write_secret).has_value());
    CHECK(error_code([&] { identity.revoke_access_token(session.actor, writer.id); }) ==
          "record.not_found");

    // Good through its last day in the organisation's zone (it is 08:00 there now).
    office.company.clock().advance(16 * kHour - 1000);
    CHECK(identity.by_access_token(read_secret).has_value());
    office.company.clock().advance(1000);
    CHECK_FALSE(identity.by_access_token(read_secret).has_value());

    for (int i = 0; i < 19; ++i)
      identity.create_access_token(session.actor, "t", true, std::nullopt);
    CHECK(error_code([&] {
            identity.create_access_token(session.actor, "t", true, std::nullopt);
          }) == "token.too_many");
  });
}

TEST_CASE("preferences are everybody's own and show at once") {
  db::on_each_database([](db::TestDatabase& database) {
    Office office(database);
    auto& identity = office.company.identity();
    const SignIn session = office.sign_in();
    identity.set_preferences(session.actor, "en", "dark");
    const auto now = identity.by_session_token(session.session_token);
    REQUIRE(now.has_value());
    CHECK(now->actor.language == base::Language::English);
    CHECK(identity.profile(now->actor).theme == "dark");
    CHECK(error_code([&] { identity.set_preferences(session.actor, "de", std::nullopt); }) ==
          "field.option");
    CHECK(error_code([&] { identity.set_preferences(session.actor, std::nullopt, "pink"); }) ==
          "field.option");
    CHECK(identity.profile(now->actor).language == "en");
  });
}

}  // namespace kehai::platform
