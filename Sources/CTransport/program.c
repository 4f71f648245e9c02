#include "CTransport.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

extern char **environ;

int gibbon_program_start(const char *command, pid_t *process, int *channel) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) return errno;
  // Neither end is for other programs that are started meanwhile.
  fcntl(ends[0], F_SETFD, FD_CLOEXEC);
  fcntl(ends[1], F_SETFD, FD_CLOEXEC);
#ifdef SO_NOSIGPIPE
  int on = 1;
  setsockopt(ends[0], SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
#endif
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  // A group of its own, so that what the shell starts is ended with it; and signals that are ignored here are not there.
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
  sigset_t standard;
  sigemptyset(&standard);
  sigaddset(&standard, SIGPIPE);
  sigaddset(&standard, SIGXFSZ);
  posix_spawnattr_setsigdefault(&attributes, &standard);
  posix_spawnattr_setpgroup(&attributes, 0);
  char *arguments[] = {"sh", "-c", (char *)command, NULL};
  int code = posix_spawn(process, "/bin/sh", &actions, &attributes, arguments, environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  if (code != 0) {
    close(ends[0]);
    return code;
  }
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  *channel = ends[0];
  return 0;
}

ssize_t gibbon_program_send(int channel, const char *bytes, size_t count) {
  return send(channel, bytes, count, MSG_NOSIGNAL);
}

int gibbon_program_wait(int channel, int is_writing, int milliseconds) {
  struct pollfd look = {.fd = channel, .events = is_writing ? POLLOUT : POLLIN};
  return poll(&look, 1, milliseconds);
}

void gibbon_program_stop(pid_t process, int channel) {
  close(channel);
  // Its input has ended; it gets a moment to end by itself.
  for (int turn = 0; turn < 20; ++turn) {
    if (waitpid(process, NULL, WNOHANG) != 0) return;
    usleep(5000);
  }
  kill(-process, SIGKILL);
  waitpid(process, NULL, 0);
}
