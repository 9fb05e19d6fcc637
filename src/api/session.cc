#include "api/session.h"

#include "api/credentials.h"
#include "api/input.h"
#include "api/route_table.h"
#include "base/error.h"
#include "platform/identity/preferences.h"

namespace kehai::api {

namespace {

using base::Error;
using base::ErrorKind;

constexpr int kCreated = 201;

void write_user(base::JsonWriter& writer, const platform::Profile& profile,
                base::Language language) {
  writer.begin_object();
  writer.key("id").integer(profile.user_id);
  writer.key("login").text(profile.login);
  writer.key("name").text(profile.name);
  writer.key("language").text(profile.language);
  writer.key("theme").text(profile.theme);
  writer.key("department");
  if (profile.department_id == 0) {
    writer.null();
  } else {
    writer.begin_object();
    writer.key("id").integer(profile.department_id);
    writer.key("name").text(profile.department_name);
    writer.end_object();
  }
  writer.key("roles").begin_array();
  for (const auto& role : profile.roles) {
    writer.begin_object();
    writer.key("name").text(role.name);
    writer.key("label").text(role.labels.in(language));
    writer.end_object();
  }
  writer.end_array();
  writer.key("is_admin").boolean(profile.is_admin);
  writer.key("must_change_password").boolean(profile.must_change_password);
  writer.end_object();
}

// `organisation_name`: of a set-up a moment ago, which the settings may not show yet.
http::Response session_answer(ApiContext& context, const record::Actor& actor,
                              std::string_view csrf_token, int status = 200,
                              const std::string& organisation_name = {}) {
  const auto profile = context.parts.identity.profile(actor);
  const auto language = base::parse_language(profile.language, context.language);
  auto organisation = context.parts.organisation ? context.parts.organisation() : Organisation{};
  if (!organisation_name.empty()) organisation.name = organisation_name;
  std::string body;
  base::JsonWriter writer(body);
  writer.begin_object();
  writer.key("user");
  write_user(writer, profile, language);
  writer.key("csrf_token").text(csrf_token);
  writer.key("organisation").begin_object();
  writer.key("name").text(organisation.name);
  writer.key("time_zone").text(organisation.time_zone);
  writer.key("currency").text(organisation.currency);
  writer.end_object();
  writer.end_object();
  return context.json(std::move(body), status);
}

http::Response signed_in(ApiContext& context, const platform::SignIn& sign_in, int status,
                         const std::string& organisation_name = {}) {
  auto response =
      session_answer(context, sign_in.actor, sign_in.csrf_token, status, organisation_name);
  response.header("Set-Cookie", session_cookie(context.request.tls, sign_in.session_token,
                                               context.parts.settings.cookie_seconds));
  return response;
}

const platform::Session& cookie_session(const ApiContext& context) {
  context.actor();
  if (!context.has_cookie_session()) throw Error(ErrorKind::Forbidden, "session.cookie_required");
  return *context.session;
}

http::Response get_session(ApiContext& context) {
  if (context.session) return session_answer(context, context.actor(), context.session->csrf_token);
  auto error = Error(ErrorKind::Unauthenticated, "session.required");
  if (context.parts.identity.setup_required()) error.with_data(R"({"setup_required":true})");
  throw error;
}

http::Response sign_in(ApiContext& context) {
  Input input(context.body());
  const auto login = input.text("login");
  const auto password = input.text("password");
  input.finish();
  const auto result =
      context.parts.identity.sign_in(login, password, context.request.remote_address);
  // The browser forgets the old cookie now; the session behind it ends as well.
  if (context.has_cookie_session()) context.parts.identity.sign_out(context.session->session_id);
  return signed_in(context, result, 200);
}

http::Response set_up(ApiContext& context) {
  Input input(context.body());
  platform::Identity::Setup setup;
  setup.token = input.text("token");
  setup.organisation = input.text("organisation");
  setup.name = input.text("name");
  setup.login = input.text("login");
  setup.password = input.text("password");
  setup.language = input.choice("language", {"zh-CN", "zh-TW", "en"})
                       .value_or(std::string(base::language_name(context.language)));
  input.finish();
  const auto result = context.parts.identity.complete_setup(setup, context.request.remote_address);
  return signed_in(context, result, kCreated, setup.organisation);
}

http::Response forget_browser(ApiContext& context) {
  auto response = context.no_content();
  response.header("Set-Cookie", expired_session_cookie(context.request.tls));
  response.header("Clear-Site-Data", "\"cache\"");
  return response;
}

http::Response sign_out(ApiContext& context) {
  context.parts.identity.sign_out(cookie_session(context).session_id);
  return forget_browser(context);
}

http::Response sign_out_everywhere(ApiContext& context) {
  context.parts.identity.sign_out_everywhere(cookie_session(context).actor.user_id);
  return forget_browser(context);
}

http::Response set_preferences(ApiContext& context) {
  Input input(context.body());
  const auto language = input.choice("language", {"zh-CN", "zh-TW", "en"});
  const auto theme = input.choice("theme", {"light", "dark", "system"});
  input.finish();
  context.parts.identity.set_preferences(context.actor(), language, theme);
  if (language) context.language = base::parse_language(*language);
  return session_answer(context, context.actor(), context.session->csrf_token);
}

http::Response get_own_screens(ApiContext& context) {
  std::string body;
  base::JsonWriter writer(body);
  writer.begin_object();
  for (const auto& [name, value] :
       platform::preferences(context.engine().database(), context.actor().user_id))
    writer.key(name).raw(value);
  writer.end_object();
  return context.json(std::move(body));
}

http::Response put_own_screen(ApiContext& context) {
  const auto body = context.body();
  const auto* value = body.if_contains("value");
  if (value == nullptr || body.size() != 1)
    throw Error::fields({{"value", value == nullptr ? "field.required" : "field.unknown", {}}});
  platform::set_preference(context.engine().database(), context.actor().user_id,
                           context.captures["name"],
                           value->is_null() ? "" : boost::json::serialize(*value));
  return context.no_content();
}

http::Response change_password(ApiContext& context) {
  Input input(context.body());
  const auto current = input.text("current");
  const auto replacement = input.text("new");
  input.finish();
  context.parts.identity.change_password(cookie_session(context), current, replacement);
  return context.no_content();
}

void write_token(base::JsonWriter& writer, const platform::AccessToken& token,
                 std::string_view secret) {
  writer.begin_object();
  writer.key("id").integer(token.id);
  writer.key("name").text(token.name);
  writer.key("read_only").boolean(token.read_only);
  writer.key("created_at").text(base::format_instant(token.created_at));
  writer.key("expires_on");
  token.expires_on ? writer.text(base::format_date(*token.expires_on)) : writer.null();
  writer.key("last_used_at");
  token.last_used_at ? writer.text(base::format_instant(*token.last_used_at)) : writer.null();
  if (!secret.empty()) writer.key("secret").text(secret);
  writer.end_object();
}

http::Response get_tokens(ApiContext& context) {
  std::string body;
  base::JsonWriter writer(body);
  writer.begin_object();
  writer.key("value").begin_array();
  for (const auto& token : context.parts.identity.access_tokens(context.actor()))
    write_token(writer, token, {});
  writer.end_array();
  writer.end_object();
  return context.json(std::move(body));
}

// Only a person at the screen makes tokens: a stolen token must not be able to make itself
// successors.
http::Response create_token(ApiContext& context) {
  Input input(context.body());
  auto name = input.text("name");
  const bool read_only = input.boolean("read_only", true);
  const auto expires_on = input.optional_date("expires_on");
  input.finish();
  const auto& session = cookie_session(context);
  const auto [token, secret] = context.parts.identity.create_access_token(
      session.actor, std::move(name), read_only, expires_on);
  std::string body;
  base::JsonWriter writer(body);
  write_token(writer, token, secret);
  return context.json(std::move(body), kCreated);
}

http::Response revoke_token(ApiContext& context) {
  context.parts.identity.revoke_access_token(context.actor(), context.id());
  return context.no_content();
}

// No query parameters, no kept answer.
Route secret(Route route) {
  route.keeps_answer = false;
  route.handler = [handler = std::move(route.handler)](ApiContext& context) {
    context.allow_parameters({});
    return handler(context);
  };
  return route;
}

Route open(Route route) {
  route.door = Door::Open;
  return secret(std::move(route));
}

}  // namespace

void add_session_routes(RouteTable& routes) {
  routes.add(open({"GET", "/session", get_session, "Who is signed in"}));
  routes.add(open({"POST", "/session", sign_in, "Signs in"}));
  routes.add(
      open({"POST", "/session/setup", set_up, "Makes the first user of a new installation"}));
  routes.add(secret({"DELETE", "/session", sign_out, "Signs out"}));
  routes.add(secret({"PATCH", "/session", set_preferences, "Sets language and theme"}));
  routes.add(secret({"GET", "/session/preferences", get_own_screens, "How the own screens look"}));
  routes.add(secret({"PUT", "/session/preferences/{name}", put_own_screen,
                     "Keeps how an own screen looks, or forgets it"}));
  routes.add(secret({"POST", "/session/password", change_password, "Changes the own password"}));
  routes.add(secret(
      {"POST", "/session/sign_out_everywhere", sign_out_everywhere, "Ends all own sessions"}));
  routes.add(secret({"GET", "/session/tokens", get_tokens, "Personal access tokens"}));
  routes.add(secret({"POST", "/session/tokens", create_token, "Makes a personal access token"}));
  routes.add(
      secret({"DELETE", "/session/tokens/{id}", revoke_token, "Revokes a personal access token"}));
}

}  // namespace kehai::api
