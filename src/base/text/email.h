// E-mail addresses: one comparable form, a practical check, the domain as a key. Pure, safe from
// any thread.
#pragma once

#include <string>
#include <string_view>

namespace kehai::text {

struct Email {
  std::string address;  // trimmed, half width, lower case; "mailto:" and <…> removed
  std::string domain;   // empty when the address is not valid
  // "email.empty", "email.invalid"; "" when fine.
  std::string error;

  bool valid() const { return error.empty(); }
  // Addresses of qq.com, 163.com … say nothing about the company behind them.
  bool public_mailbox() const;
};
Email normalize_email(std::string_view text);

bool is_public_mailbox_domain(std::string_view domain);
// "a***@x.com"; whatever is no address becomes "***".
std::string mask_email(std::string_view text);

}  // namespace kehai::text
