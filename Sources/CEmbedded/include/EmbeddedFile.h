#ifndef CEMBEDDED_FILE_H
#define CEMBEDDED_FILE_H

#include <stddef.h>

/// The bytes of a file, as they are on disk; they live as long as the program.
typedef struct EmbeddedFile {
  const unsigned char *_Nonnull bytes;
  size_t count;
} EmbeddedFile;

/// Makes a function without parameters a static property of EmbeddedFile in Swift.
#define EMBEDDED_FILE_PROPERTY(name) \
  __attribute__((swift_name("getter:EmbeddedFile." name "()")))

#endif
