#ifndef GIBBON_WINOGRAD_LAYOUT_H
#define GIBBON_WINOGRAD_LAYOUT_H

// Where Winograd's matrices and tiles lie.

#include "CKernels.h"
#include "clones.h"
#include "product.h"

INLINE long window_of(const gibbon_winograd *w) { return w->tile + w->kernel - 1; }

INLINE long tiles_along(long results, long tile) { return (results + tile - 1) / tile; }

// A matrix for each position in a window: tiles by channels before the products, tiles by results after them.
// Their distance keeps neighbours out of each other's cache sets.
typedef struct {
  long rows, columns, before, after, products;
} matrices;

static inline matrices matrices_for(const gibbon_winograd *w, long tiles) {
  const long rows = rounded_up(tiles, gibbon_row_group());
  const long columns = rounded_up(w->results, gibbon_panel_width());
  const long before = rows * w->channels + 16;
  return (matrices){.rows = rows, .columns = columns, .before = before, .after = rows * columns + 16,
                    .products = gibbon_winograd_positions(w) * before};
}

typedef struct {
  long example, row, column;
} place;

INLINE place place_of(const gibbon_winograd *w, long number) {
  const long across = tiles_along(w->result_width, w->tile);
  const long each = across * tiles_along(w->result_height, w->tile);
  const long within = number % each;
  return (place){number / each, within / across * w->tile, within % across * w->tile};
}

// One position of a kernel's transform along one axis, as factors of the kernel's taps.
static inline void winograd_factors(double *factors, long kernel, long window, long position) {
  static const double points[] = {0, 1, -1, 2, -2, 0.5, -0.5};
  static const double scales4[] = {1, 0.5, 0.5};
  static const double scales6[] = {1.0 / 4, -1.0 / 6, -1.0 / 6, 1.0 / 24, 1.0 / 24};
  static const double scales8[] = {1, -2.0 / 9, -2.0 / 9, 1.0 / 90, 1.0 / 90, 32.0 / 45, 32.0 / 45};
  const int is_infinity = position == window - 1;
  const double *scales = window == 4 ? scales4 : window == 6 ? scales6 : scales8;
  double power = is_infinity ? 0 : scales[position];
  for (long i = 0; i < kernel; i++) {
    factors[i] = is_infinity ? i == kernel - 1 : power;
    if (!is_infinity) power *= points[position];
  }
}

#endif
