#include "app/commands/service_manager.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "base/error.h"

namespace kehai::app {

namespace {

constexpr int kFirstInherited = 3;

std::string take_variable(const char* name) {
  const char* value = std::getenv(name);
  const std::string taken = value == nullptr ? "" : value;
  ::unsetenv(name);
  return taken;
}

int socket_option(int socket, int option) {
  int value = 0;
  socklen_t length = sizeof(value);
  return ::getsockopt(socket, SOL_SOCKET, option, &value, &length) == 0 ? value : -1;
}

}  // namespace

int take_inherited_socket() {
  const std::string process = take_variable("LISTEN_PID");
  const std::string count = take_variable("LISTEN_FDS");
  take_variable("LISTEN_FDNAMES");
  // Variables for another process were only inherited.
  if (count.empty() || process != std::to_string(::getpid())) return -1;
  if (count != "1" || socket_option(kFirstInherited, SO_TYPE) != SOCK_STREAM ||
      socket_option(kFirstInherited, SO_ACCEPTCONN) != 1) {
    throw base::Error(base::ErrorKind::Invalid, "config.inherited_socket");
  }
  ::fcntl(kFirstInherited, F_SETFD, FD_CLOEXEC);
  return kFirstInherited;
}

}  // namespace kehai::app
