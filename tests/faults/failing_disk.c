// Preloaded into the server by disk_errors.test.mjs: below KEHAI_FAULT_FOLDER, the operations of one kind fail while the file
// KEHAI_FAULT_PLAN holds a line like "sync 5" or "write 28" (kind and error number).
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int planned(int fd, const char* operation) {
  const char* folder = getenv("KEHAI_FAULT_FOLDER");
  const char* plan = getenv("KEHAI_FAULT_PLAN");
  if (folder == NULL || plan == NULL) return 0;
  const int saved = errno;
  char line[64] = "", kind[32] = "", link[64], path[4096];
  int error = 0;
  const int file = (int)syscall(SYS_openat, AT_FDCWD, plan, O_RDONLY | O_CLOEXEC, 0);
  if (file >= 0) {
    const long got = syscall(SYS_read, file, line, sizeof(line) - 1);
    syscall(SYS_close, file);
    if (got > 0 && sscanf(line, "%31s %d", kind, &error) == 2 && strcmp(kind, operation) == 0) {
      snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
      const ssize_t length = readlink(link, path, sizeof(path) - 1);
      if (length < 0 || strncmp(path, folder, strlen(folder)) != 0) error = 0;
    } else {
      error = 0;
    }
  }
  errno = error != 0 ? error : saved;
  return error;
}

int fsync(int fd) {
  return planned(fd, "sync") ? -1 : (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd) {
  return planned(fd, "sync") ? -1 : (int)syscall(SYS_fdatasync, fd);
}

ssize_t write(int fd, const void* bytes, size_t size) {
  return planned(fd, "write") ? -1 : syscall(SYS_write, fd, bytes, size);
}

ssize_t pwrite(int fd, const void* bytes, size_t size, off_t at) {
  return planned(fd, "write") ? -1 : syscall(SYS_pwrite64, fd, bytes, size, at);
}

ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t at) {
  return planned(fd, "write") ? -1 : syscall(SYS_pwrite64, fd, bytes, size, at);
}
