// Counts the calls that change files in KILL_FOLDER, and ends the process before the KILL_AT-th of them, or, if that writes,
// after KILL_TORN hundredths of its bytes. KILL_LOG gets a byte for each. For LD_PRELOAD, by tests of killed runs.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int calls;

static int is_watched(const char *path) {
  const char *folder = getenv("KILL_FOLDER");
  return folder && strncmp(path, folder, strlen(folder)) == 0;
}

static int is_open_in_folder(int file) {
  char name[64], path[4096];
  snprintf(name, sizeof name, "/proc/self/fd/%d", file);
  ssize_t count = readlink(name, path, sizeof path - 1);
  if (count < 0) return 0;
  path[count] = 0;
  return is_watched(path);
}

// Whether this is the call before which the process is to end.
static int is_last(void) {
  const char *log = getenv("KILL_LOG"), *at = getenv("KILL_AT");
  if (log) {
    int file = syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    syscall(SYS_write, file, ".", 1);
    syscall(SYS_close, file);
  }
  return at && __sync_add_and_fetch(&calls, 1) == atoi(at);
}

static void end(void) {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

ssize_t write(int file, const void *bytes, size_t count) {
  if (is_open_in_folder(file) && is_last()) {
    const char *torn = getenv("KILL_TORN");
    if (torn) syscall(SYS_write, file, bytes, count * atoi(torn) / 100);
    end();
  }
  return syscall(SYS_write, file, bytes, count);
}

int fsync(int file) {
  if (is_open_in_folder(file) && is_last()) end();
  return syscall(SYS_fsync, file);
}

int ftruncate(int file, off_t size) {
  if (is_open_in_folder(file) && is_last()) end();
  return syscall(SYS_ftruncate, file, size);
}

int rename(const char *from, const char *to) {
  char path[4096];
  if (realpath(from, path) && is_watched(path) && is_last()) end();
  return syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int unlink(const char *name) {
  char path[4096];
  if (realpath(name, path) && is_watched(path) && is_last()) end();
  return syscall(SYS_unlinkat, AT_FDCWD, name, 0);
}
