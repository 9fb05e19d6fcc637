// Preloaded into the server by power_cut.test.mjs: everything that is done to KEHAI_POWER_DATABASE and its log goes in the same
// order to the file KEHAI_POWER_LOG: {kind, file, offset, size} and, for a write, the bytes. Kinds: w write, t truncate, c made,
// u removed, b sync begins, e sync has ended well. Files: 0 database, 1 its -wal, 2 the folder.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

struct entry {
  uint32_t kind, file;
  int64_t offset, size;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int power_log = -1;

static int file_of_path(const char* path) {
  const char* database = getenv("KEHAI_POWER_DATABASE");
  if (database == NULL) return -1;
  const size_t length = strlen(database);
  if (strncmp(path, database, length) == 0) {
    if (path[length] == 0) return 0;
    return strcmp(path + length, "-wal") == 0 ? 1 : -1;
  }
  const size_t folder = (size_t)(strrchr(database, '/') - database);
  return strncmp(path, database, folder) == 0 && path[folder] == 0 ? 2 : -1;
}

static int file_of(int fd) {
  char link[64], path[4096];
  const int saved = errno;
  snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
  const ssize_t length = readlink(link, path, sizeof(path) - 1);
  errno = saved;
  if (length < 0) return -1;
  path[length] = 0;
  return file_of_path(path);
}

static void put(char kind, int file, int64_t offset, const void* bytes, int64_t size) {
  const int saved = errno;
  struct entry entry = {(uint32_t)kind, (uint32_t)file, offset, size};
  struct iovec parts[] = {{&entry, sizeof(entry)}, {(void*)bytes, bytes == NULL ? 0 : (size_t)size}};
  pthread_mutex_lock(&mutex);
  if (power_log < 0)
    power_log = (int)syscall(SYS_openat, AT_FDCWD, getenv("KEHAI_POWER_LOG"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (syscall(SYS_writev, power_log, parts, 2) != (long)(sizeof(entry) + parts[1].iov_len)) abort();
  pthread_mutex_unlock(&mutex);
  errno = saved;
}

static int synced(long number, int fd) {
  const int file = file_of(fd);
  if (file >= 0) put('b', file, 0, NULL, 0);
  const int result = (int)syscall(number, fd);
  if (file >= 0 && result == 0) put('e', file, 0, NULL, 0);
  return result;
}

int fsync(int fd) { return synced(SYS_fsync, fd); }
int fdatasync(int fd) { return synced(SYS_fdatasync, fd); }

static ssize_t written(int fd, const void* bytes, size_t size, int64_t at) {
  const ssize_t done = syscall(SYS_pwrite64, fd, bytes, size, at);
  const int file = file_of(fd);
  if (file >= 0 && done > 0) put('w', file, at, bytes, done);
  return done;
}

ssize_t pwrite(int fd, const void* bytes, size_t size, off_t at) { return written(fd, bytes, size, at); }
ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t at) { return written(fd, bytes, size, at); }

ssize_t write(int fd, const void* bytes, size_t size) {
  const ssize_t done = syscall(SYS_write, fd, bytes, size);
  if (done <= 0) return done;
  const int file = file_of(fd);
  if (file >= 0) put('w', file, syscall(SYS_lseek, fd, 0, SEEK_CUR) - done, bytes, done);
  return done;
}

static int truncated(int fd, int64_t size) {
  const int result = (int)syscall(SYS_ftruncate, fd, size);
  const int file = file_of(fd);
  if (file >= 0 && result == 0) put('t', file, size, NULL, 0);
  return result;
}

int ftruncate(int fd, off_t size) { return truncated(fd, size); }
int ftruncate64(int fd, off64_t size) { return truncated(fd, size); }

static int opened(int folder, const char* path, int flags, va_list more) {
  const int mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(more, int) : 0;
  const int file = (flags & O_CREAT) != 0 ? file_of_path(path) : -1;
  const int is_new = file >= 0 && syscall(SYS_faccessat, AT_FDCWD, path, F_OK) != 0;
  const int fd = (int)syscall(SYS_openat, folder, path, flags, mode);
  if (is_new && fd >= 0) put('c', file, 0, NULL, 0);
  return fd;
}

#define OPEN(NAME)                              \
  int NAME(const char* path, int flags, ...) {  \
    va_list more;                               \
    va_start(more, flags);                      \
    const int fd = opened(AT_FDCWD, path, flags, more); \
    va_end(more);                               \
    return fd;                                  \
  }
OPEN(open)
OPEN(open64)

int unlink(const char* path) {
  const int result = (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
  const int file = file_of_path(path);
  if (file >= 0 && result == 0) put('u', file, 0, NULL, 0);
  return result;
}
