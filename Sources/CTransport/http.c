#define _GNU_SOURCE  // RTLD_DEEPBIND

#include "CTransport.h"

#include <dlfcn.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

// The numbers are part of libcurl's binary interface and do not change.
enum {
  OPTION_NO_PROGRESS = 43,
  OPTION_NOSIGNAL = 99,
  OPTION_TIMEOUT_MS = 155,
  OPTION_CONNECT_TIMEOUT_MS = 156,
  OPTION_PROTOCOLS = 181,
  OPTION_WRITE_DATA = 10001,
  OPTION_URL = 10002,
  OPTION_ERROR_BUFFER = 10010,
  OPTION_POST_FIELDS = 10015,
  OPTION_USER_AGENT = 10018,
  OPTION_HEADER = 10023,
  OPTION_PROGRESS_DATA = 10057,
  OPTION_WRITE_FUNCTION = 20011,
  OPTION_PROGRESS_FUNCTION = 20219,
  OPTION_POST_FIELD_SIZE = 30120,
  INFO_RESPONSE_CODE = 0x200002,
  INFO_RETRY_AFTER = 0x600039,
  INFO_ACTIVE_SOCKET = 0x50002C,
  PROTOCOLS_HTTP_AND_HTTPS = 3,
  GLOBAL_ALL = 3,
};

struct list;

static struct {
  int (*global_init)(long);
  void *(*easy_init)(void);
  void (*easy_cleanup)(void *);
  int (*easy_setopt)(void *, int, ...);
  int (*easy_perform)(void *);
  int (*easy_getinfo)(void *, int, ...);
  const char *(*easy_strerror)(int);
  struct list *(*slist_append)(struct list *, const char *);
  void (*slist_free_all)(struct list *);
  int is_ready;
} curl;

static pthread_once_t once = PTHREAD_ONCE_INIT;

// libcurl binds to the libraries that it was linked with, not to others of the same names that this program has loaded:
// libzip's libcrypto may be another than that of libcurl's libssl. AddressSanitizer refuses this mode.
#if defined(RTLD_DEEPBIND) && !__has_feature(address_sanitizer)
enum { MODE = RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND };
#else
enum { MODE = RTLD_NOW | RTLD_LOCAL };
#endif

static void load(void) {
  static const char *const names[] = {"libcurl.so.4", "libcurl-gnutls.so.4", "libcurl.so", "libcurl.4.dylib"};
  void *library = NULL;
  for (size_t index = 0; index < sizeof names / sizeof *names && !library; ++index)
    library = dlopen(names[index], MODE);
  if (!library) return;
  *(void **)&curl.global_init = dlsym(library, "curl_global_init");
  *(void **)&curl.easy_init = dlsym(library, "curl_easy_init");
  *(void **)&curl.easy_cleanup = dlsym(library, "curl_easy_cleanup");
  *(void **)&curl.easy_setopt = dlsym(library, "curl_easy_setopt");
  *(void **)&curl.easy_perform = dlsym(library, "curl_easy_perform");
  *(void **)&curl.easy_getinfo = dlsym(library, "curl_easy_getinfo");
  *(void **)&curl.easy_strerror = dlsym(library, "curl_easy_strerror");
  *(void **)&curl.slist_append = dlsym(library, "curl_slist_append");
  *(void **)&curl.slist_free_all = dlsym(library, "curl_slist_free_all");
  curl.is_ready = curl.global_init && curl.easy_init && curl.easy_cleanup && curl.easy_setopt && curl.easy_perform &&
                  curl.easy_getinfo && curl.easy_strerror && curl.slist_append && curl.slist_free_all &&
                  curl.global_init(GLOBAL_ALL) == 0;
}

struct gibbon_http {
  void *handle;
  char *bytes;
  size_t count;
  size_t capacity;
  size_t limit;
  int is_too_long;
  int (*is_stopped)(const void *context);
  const void *context;
};

gibbon_http *gibbon_http_open(void) {
  pthread_once(&once, load);
  if (!curl.is_ready) return NULL;
  gibbon_http *client = calloc(1, sizeof *client);
  if (client && !(client->handle = curl.easy_init())) {
    free(client);
    client = NULL;
  }
  return client;
}

void gibbon_http_close(gibbon_http *client) {
  curl.easy_cleanup(client->handle);
  free(client->bytes);
  free(client);
}

static size_t receive(const char *bytes, size_t size, size_t number, void *context) {
  gibbon_http *client = context;
  size_t count = size * number;
  if (count > client->limit - client->count) {
    long status = 0;
    curl.easy_getinfo(client->handle, INFO_RESPONSE_CODE, &status);
    // What a refusal says at length does not matter; that it is one does.
    if (status != 0 && status != 200) return count;
    client->is_too_long = 1;
    return 0;
  }
  if (client->count + count > client->capacity) {
    size_t capacity = 2 * (client->count + count);
    char *room = realloc(client->bytes, capacity);
    if (!room) return 0;
    client->bytes = room;
    client->capacity = capacity;
  }
  memcpy(client->bytes + client->count, bytes, count);
  client->count += count;
  return count;
}

int gibbon_http_has_more(gibbon_http *client, int milliseconds) {
  int channel = -1;
  if (curl.easy_getinfo(client->handle, INFO_ACTIVE_SOCKET, &channel) != 0 || channel < 0) return 0;
  struct pollfd look = {.fd = channel, .events = POLLIN};
  char byte;
  return poll(&look, 1, milliseconds) > 0 && recv(channel, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

static int watch(void *context, int64_t to_come, int64_t come, int64_t to_go, int64_t gone) {
  const gibbon_http *client = context;
  (void)to_come, (void)come, (void)to_go, (void)gone;
  return client->is_stopped(client->context);
}

void gibbon_http_post(
    gibbon_http *client, const char *url, const char *const *headers, const char *body, size_t size, size_t limit,
    long milliseconds, int (*is_stopped)(const void *context), const void *context, gibbon_http_answer *answer) {
  memset(answer, 0, sizeof *answer);
  client->count = 0;
  client->limit = limit;
  client->is_too_long = 0;
  client->is_stopped = is_stopped;
  client->context = context;
  struct list *lines = curl.slist_append(NULL, "Content-Type: application/json");
  // Without this, curl asks for leave before it sends a long body, and waits a second for servers that keep silent.
  lines = curl.slist_append(lines, "Expect:");
  for (; *headers; ++headers) lines = curl.slist_append(lines, *headers);
  void *handle = client->handle;
  curl.easy_setopt(handle, OPTION_NOSIGNAL, 1L);
  curl.easy_setopt(handle, OPTION_PROTOCOLS, (long)PROTOCOLS_HTTP_AND_HTTPS);
  curl.easy_setopt(handle, OPTION_URL, url);
  curl.easy_setopt(handle, OPTION_USER_AGENT, "gibbon");
  curl.easy_setopt(handle, OPTION_HEADER, lines);
  curl.easy_setopt(handle, OPTION_POST_FIELD_SIZE, (int64_t)size);
  curl.easy_setopt(handle, OPTION_POST_FIELDS, body);
  curl.easy_setopt(handle, OPTION_WRITE_FUNCTION, receive);
  curl.easy_setopt(handle, OPTION_WRITE_DATA, client);
  curl.easy_setopt(handle, OPTION_NO_PROGRESS, 0L);
  curl.easy_setopt(handle, OPTION_PROGRESS_FUNCTION, watch);
  curl.easy_setopt(handle, OPTION_PROGRESS_DATA, client);
  curl.easy_setopt(handle, OPTION_ERROR_BUFFER, answer->error);
  curl.easy_setopt(handle, OPTION_TIMEOUT_MS, milliseconds);
  curl.easy_setopt(handle, OPTION_CONNECT_TIMEOUT_MS, milliseconds);
  int code = curl.easy_perform(handle);
  answer->is_too_long = client->is_too_long;
  if (code == 0) {
    curl.easy_getinfo(handle, INFO_RESPONSE_CODE, &answer->status);
    curl.easy_getinfo(handle, INFO_RETRY_AFTER, &answer->retry_after);
    answer->bytes = client->bytes;
    answer->count = client->count;
  } else if (!answer->error[0]) {
    strncpy(answer->error, curl.easy_strerror(code), sizeof answer->error - 1);
  }
  curl.easy_setopt(handle, OPTION_ERROR_BUFFER, (char *)NULL);
  curl.slist_free_all(lines);
}
