// Stands in for a service manager that owns the listening socket (systemd's LISTEN_FDS): socket_manager PROGRAM ARGUMENT…
// Says "port N" and "started PID", starts the program with the socket as descriptor 3, and again when it ended after SIGHUP;
// says "ended CODE" each time. SIGTERM ends program and manager with the program's code. A program that ends by itself does, too.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t start(int listener, const sigset_t* usual, char** program) {
  const pid_t child = fork();
  if (child != 0) return child;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  sigprocmask(SIG_SETMASK, usual, NULL);
  if (listener != 3) dup2(listener, 3);
  char id[32];
  snprintf(id, sizeof(id), "%d", (int)getpid());
  setenv("LISTEN_PID", id, 1);
  setenv("LISTEN_FDS", "1", 1);
  execv(program[0], program);
  _exit(127);
}

int main(int count, char** arguments) {
  if (count < 2) return 2;
  setvbuf(stdout, NULL, _IOLBF, 0);
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof(address);
  if (bind(listener, (struct sockaddr*)&address, length) != 0 || listen(listener, 1024) != 0) return 1;
  getsockname(listener, (struct sockaddr*)&address, &length);
  printf("port %d\n", ntohs(address.sin_port));
  sigset_t signals, usual;
  sigemptyset(&signals);
  sigaddset(&signals, SIGHUP);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGCHLD);
  sigprocmask(SIG_BLOCK, &signals, &usual);
  for (;;) {
    const pid_t child = start(listener, &usual, arguments + 1);
    printf("started %d\n", (int)child);
    int asked = 0, status = 0;
    while (waitpid(child, &status, WNOHANG) == 0) {
      int received = 0;
      sigwait(&signals, &received);
      if (received == SIGCHLD) continue;
      asked = received;
      kill(child, SIGTERM);
    }
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    printf("ended %d\n", code);
    if (asked != SIGHUP) return code;
  }
}
