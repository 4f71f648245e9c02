#ifndef GIBBON_BOX_H
#define GIBBON_BOX_H

#include <stddef.h>

/// A box around a point of it.
typedef struct {
  const float *center, *lower, *upper;
  size_t count;
} gibbon_box;

#endif
