#ifndef CTRANSPORT_H
#define CTRANSPORT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// A client of libcurl, which is loaded when the first one is opened: a command that asks no endpoint does not pay
// for it, and needs no headers of it.
typedef struct gibbon_http gibbon_http;

typedef struct {
  // The HTTP status; 0 if no answer came.
  long status;
  // What Retry-After says, in seconds; 0 if nothing.
  int64_t retry_after;
  // The body, until the next request of this client.
  const char *bytes;
  size_t count;
  // Whether the body was longer than the limit, so that the transfer was given up.
  int is_too_long;
  // Why no answer came.
  char error[256];
} gibbon_http_answer;

// A client, or NULL if the system has no libcurl.
gibbon_http *gibbon_http_open(void);

void gibbon_http_close(gibbon_http *client);

// Posts JSON and waits for the answer; HTTP and HTTPS only, redirections are not followed. Headers are lines such as
// "Authorization: ...", ended by NULL. The wait is given up soon after is_stopped, which is asked now and then, returns
// anything but 0.
void gibbon_http_post(
    gibbon_http *client, const char *url, const char *const *headers, const char *body, size_t size, size_t limit,
    long milliseconds, int (*is_stopped)(const void *context), const void *context, gibbon_http_answer *answer);

// Whether bytes come over the client's connection that no request is waiting for, within a time; only over HTTP, for
// TLS sends bytes of its own.
int gibbon_http_has_more(gibbon_http *client, int milliseconds);

// Starts a command of the shell with a socket as its standard input and output; its errors go where ours go.
//
// Returns 0, or the system's error number.
int gibbon_program_start(const char *command, pid_t *process, int *channel);

// Sends bytes without a signal if the program is gone; returns as send does.
ssize_t gibbon_program_send(int channel, const char *bytes, size_t count);

// Waits until bytes can be read, the program is gone or the time is over; returns as poll does.
int gibbon_program_wait(int channel, int is_writing, int milliseconds);

// Ends the program and closes the channel.
void gibbon_program_stop(pid_t process, int channel);

#endif
