#include "CKernels.h"

#include <string.h>

#include "clones.h"
#include "lanes.h"
#include "product.h"
#include "winograd_layout.h"

// Products with the transposed weight transform, and with the transposed transform of results: the forward pass turned
// around. Points of interpolation are as in minimal_filtering.h.

// Sums of one position: channels by results.
INLINE long sums_distance(const gibbon_winograd *w) {
  return w->channels * rounded_up(w->results, gibbon_panel_width()) + 16;
}

long gibbon_winograd_gradient_sums_count(const gibbon_winograd *w) {
  return gibbon_winograd_positions(w) * sums_distance(w);
}

// From `tile` values to a window: the value of the polynomial with these coefficients at each point.
INLINE void evaluate(const float *y, long step, float *u, long stride, const int window, const int tile) {
  lanes values[6];
#pragma unroll
  for (int i = 0; i < tile; i++) values[i] = *(const lanes *)(y + i * step);
  *(lanes *)u = values[0];
  *(lanes *)(u + (window - 1) * stride) = values[tile - 1];
  const float points[] = {1, 2, 0.5f};
#pragma unroll
  for (int pair = 0; pair < (window - 2) / 2; pair++) {
    lanes even = {0}, odd = {0};
    float power = 1;
#pragma unroll
    for (int i = 0; i < tile; i++) {
      if (i % 2 == 0) even += power * values[i];
      else odd += power * values[i];
      power *= points[pair];
    }
    *(lanes *)(u + (1 + 2 * pair) * stride) = even + odd;
    *(lanes *)(u + (2 + 2 * pair) * stride) = even - odd;
  }
}

INLINE void spread_results(const gibbon_winograd *w, const float *dy, float *workspace, const gibbon_tiles *tiles,
                           long first, long last, const int window, const int tile) {
  const matrices m = matrices_for(w, tiles->count);
  const long panel = gibbon_panel_width();
  float patch[36 * 8], columns[8 * 6 * 8];
  for (long number = first; number < last; number++) {
    const place place = place_of(w, number);
    const long height = smaller(tile, w->result_height - place.row);
    const long width = smaller(tile, w->result_width - place.column);
    const int is_inside = height == tile && width == tile;
    if (!is_inside) memset(patch, 0, sizeof patch);
    const float *corner = dy + place.example * w->y.example + place.row * w->y.row + place.column * w->y.column;
    float *target = workspace + m.products + (number - tiles->start) * panel;
    for (long result = 0; result < w->results; result += 8) {
      const long vector = result / 8;
      const float *source = corner + vector / w->y_vectors * w->y.block + vector % w->y_vectors * 8;
      long row_step = w->y.row, column_step = w->y.column;
      if (!is_inside) {
        for (long row = 0; row < height; row++) {
          for (long column = 0; column < width; column++) {
            *(lanes *)(patch + 8 * (row * tile + column)) =
                *(const lanes *)(source + row * w->y.row + column * w->y.column);
          }
        }
        source = patch;
        row_step = 8 * tile;
        column_step = 8;
      }
      for (int column = 0; column < tile; column++) {
        evaluate(source + column * column_step, row_step, columns + 8 * column, 8 * tile, window, tile);
      }
      float *place_in_panel = target + result / panel * panel * m.rows + result % panel;
      for (int row = 0; row < window; row++) {
        evaluate(columns + 8 * row * tile, 8, place_in_panel + row * window * m.after, m.after, window, tile);
      }
    }
  }
}

GIBBON_CLONES
static void spread_all_results(const gibbon_winograd *winograd, const float *dy, float *workspace,
                               const gibbon_tiles *tiles, long first, long last) {
  const gibbon_winograd w = *winograd;
  if (w.kernel == 3) {
    switch (w.tile) {
      case 2: spread_results(&w, dy, workspace, tiles, first, last, 4, 2); break;
      case 4: spread_results(&w, dy, workspace, tiles, first, last, 6, 4); break;
      default: spread_results(&w, dy, workspace, tiles, first, last, 8, 6); break;
    }
  } else if (w.tile == 2) {
    spread_results(&w, dy, workspace, tiles, first, last, 6, 2);
  } else {
    spread_results(&w, dy, workspace, tiles, first, last, 8, 4);
  }
}

void gibbon_winograd_gradient_spread(const gibbon_winograd *w, const float *x, const float *dy, float *workspace,
                                     const gibbon_tiles *tiles, long first, long last) {
  gibbon_winograd_spread(w, x, workspace, tiles, first, last);
  spread_all_results(w, dy, workspace, tiles, first, last);
}

void gibbon_winograd_gradient_multiply(const gibbon_winograd *w, const float *workspace, float *sums,
                                       const gibbon_tiles *tiles, int continues, long first, long last) {
  const matrices m = matrices_for(w, tiles->count);
  const long panel = gibbon_panel_width();
  for (long position = first; position < last; position++) {
    const float *panels = workspace + m.products + position * m.after;
    gibbon_product_turned(workspace + position * m.before, w->channels, panels, panel * m.rows,
                          sums + position * sums_distance(w), m.columns, w->channels, tiles->count, m.columns,
                          panels + m.after, continues);
  }
}

INLINE void collect_gradient(const gibbon_winograd *w, const float *sums, float *dweight, long first, long last,
                             const int kernel) {
  const long window = w->tile + kernel - 1, distance = sums_distance(w);
  const long columns = rounded_up(w->results, gibbon_panel_width());
  double exact[8][5];
  float factors[8][5];
  for (long position = 0; position < window; position++) {
    winograd_factors(exact[position], kernel, window, position);
    for (long tap = 0; tap < kernel; tap++) factors[position][tap] = (float)exact[position][tap];
  }
  for (long vector = first; vector < last; vector++) {
    for (long channel = 0; channel < w->channels; channel++) {
      const float *source = sums + channel * columns + vector * 8;
      lanes half[5][8], taps[25];
      for (long column = 0; column < window; column++) {
        for (long j = 0; j < kernel; j++) half[j][column] = (lanes){0};
        for (long row = 0; row < window; row++) {
          const lanes sum = *(const lanes *)(source + (row * window + column) * distance);
          for (long j = 0; j < kernel; j++) half[j][column] += factors[row][j] * sum;
        }
      }
      for (long j = 0; j < kernel; j++) {
        for (long k = 0; k < kernel; k++) {
          taps[j * kernel + k] = (lanes){0};
          for (long column = 0; column < window; column++) taps[j * kernel + k] += factors[column][k] * half[j][column];
        }
      }
      float *target = dweight + (vector * 8 * w->channels + channel) * kernel * kernel;
      for (long lane = 0; lane < 8; lane++) {
        for (long tap = 0; tap < kernel * kernel; tap++) {
          target[lane * w->channels * kernel * kernel + tap] = taps[tap][lane];
        }
      }
    }
  }
}

GIBBON_CLONES
void gibbon_winograd_gradient_collect(const gibbon_winograd *winograd, const float *sums, float *dweight, long first,
                                      long last) {
  const gibbon_winograd w = *winograd;
  if (w.kernel == 3) collect_gradient(&w, sums, dweight, first, last, 3);
  else collect_gradient(&w, sums, dweight, first, last, 5);
}
