#include "CKernels.h"

#include <string.h>

#include "clones.h"
#include "minimal_filtering.h"
#include "product.h"
#include "winograd_layout.h"

long gibbon_winograd_positions(const gibbon_winograd *w) { return window_of(w) * window_of(w); }

long gibbon_winograd_tiles(const gibbon_winograd *w) {
  return tiles_along(w->result_height, w->tile) * tiles_along(w->result_width, w->tile);
}

long gibbon_winograd_workspace_count(const gibbon_winograd *w, long tiles) {
  const matrices m = matrices_for(w, tiles);
  return m.products + gibbon_winograd_positions(w) * m.after;
}

long gibbon_winograd_panels(const gibbon_winograd *w) {
  const long width = gibbon_panel_width();
  return (w->results + width - 1) / width;
}

long gibbon_winograd_weight_count(const gibbon_winograd *w) {
  return gibbon_winograd_positions(w) * w->channels * rounded_up(w->results, gibbon_panel_width());
}

INLINE void spread_line(const float *x, long step, float *v, long stride, const int window) {
  if (window == 4) spread_4(x, step, v, stride);
  if (window == 6) spread_6(x, step, v, stride);
  if (window == 8) spread_8(x, step, v, stride);
}

INLINE void spread_tiles(const gibbon_winograd *w, const float *x, float *workspace, const gibbon_tiles *tiles,
                         long first, long last, const int window) {
  const matrices m = matrices_for(w, tiles->count);
  float patch[64 * 8], columns[64 * 8];
  for (long number = first; number < last; number++) {
    const place place = place_of(w, number);
    const long top = place.row - w->padding_height, left = place.column - w->padding_width;
    const long row0 = larger(0, -top), row1 = smaller(window, w->height - top);
    const long column0 = larger(0, -left), column1 = smaller(window, w->width - left);
    const int is_inside = row0 == 0 && column0 == 0 && row1 == window && column1 == window;
    if (!is_inside) memset(patch, 0, sizeof(float) * 8 * window * window);
    const float *corner = x + place.example * w->x.example + top * w->x.row + left * w->x.column;
    float *target = workspace + (number - tiles->start) * w->channels;
    for (long channel = 0; channel < w->channels; channel += 8) {
      const long vector = channel / 8;
      const float *source = corner + vector / w->x_vectors * w->x.block + vector % w->x_vectors * 8;
      long row_step = w->x.row, column_step = w->x.column;
      if (!is_inside) {
        for (long row = row0; row < row1; row++) {
          for (long column = column0; column < column1; column++) {
            *(lanes *)(patch + 8 * (row * window + column)) =
                *(const lanes *)(source + row * w->x.row + column * w->x.column);
          }
        }
        source = patch;
        row_step = 8 * window;
        column_step = 8;
      }
      for (int column = 0; column < window; column++) {
        spread_line(source + column * column_step, row_step, columns + 8 * column, 8 * window, window);
      }
      for (int row = 0; row < window; row++) {
        spread_line(columns + 8 * row * window, 8, target + channel + row * window * m.before, m.before, window);
      }
    }
  }
}

GIBBON_CLONES
void gibbon_winograd_spread(const gibbon_winograd *winograd, const float *x, float *workspace,
                            const gibbon_tiles *tiles, long first, long last) {
  const gibbon_winograd w = *winograd;
  switch (window_of(&w)) {
    case 4: spread_tiles(&w, x, workspace, tiles, first, last, 4); break;
    case 6: spread_tiles(&w, x, workspace, tiles, first, last, 6); break;
    default: spread_tiles(&w, x, workspace, tiles, first, last, 8); break;
  }
}

void gibbon_winograd_multiply(const gibbon_winograd *w, const float *weight, float *workspace,
                              const gibbon_tiles *tiles, long first, long last) {
  const matrices m = matrices_for(w, tiles->count);
  for (long position = first; position < last; position++) {
    const float *panels = weight + position * w->channels * m.columns;
    gibbon_product(workspace + position * m.before, w->channels, panels, w->channels * gibbon_panel_width(),
                   workspace + m.products + position * m.after, m.columns, m.rows, w->channels, m.columns,
                   panels + w->channels * m.columns, 0);
  }
}

INLINE void collect_tiles(const gibbon_winograd *w, const float *workspace, const gibbon_epilogue *epilogue, float *y,
                          const gibbon_tiles *tiles, long first, long last, const int window, const int tile) {
  const matrices m = matrices_for(w, tiles->count);
  float rows[64 * 8], values[36 * 8];
  for (long number = first; number < last; number++) {
    const place place = place_of(w, number);
    const long height = smaller(tile, w->result_height - place.row);
    const long width = smaller(tile, w->result_width - place.column);
    const long corner = place.example * w->y.example + place.row * w->y.row + place.column * w->y.column;
    const float *source = workspace + m.products + (number - tiles->start) * m.columns;
    for (long result = 0; result < w->results; result += 8) {
      for (int column = 0; column < window; column++) {
        collect(source + result + column * m.after, window * m.after, rows + 8 * column, 8 * window, window, tile);
      }
      for (int row = 0; row < tile; row++) {
        collect(rows + 8 * row * window, 8, values + 8 * row * tile, 8, window, tile);
      }
      const long vector = result / 8;
      const long offset = corner + vector / w->y_vectors * w->y.block + vector % w->y_vectors * 8;
      lanes bias = {0};
      if (epilogue->bias) bias = *(const lanes *)(epilogue->bias + result);
      for (long row = 0; row < height; row++) {
        for (long column = 0; column < width; column++) {
          const long at = offset + row * w->y.row + column * w->y.column;
          lanes value = *(const lanes *)(values + 8 * (row * tile + column)) + bias;
          if (epilogue->addend) value += *(const lanes *)(epilogue->addend + at);
          if (epilogue->relu) value = (lanes)(~(value < 0) & (bits)value);
          if (epilogue->gate) value = (lanes)((*(const lanes *)(epilogue->gate + at) > 0) & (bits)value);
          *(lanes *)(y + at) = value;
        }
      }
    }
  }
}

GIBBON_CLONES
void gibbon_winograd_collect(const gibbon_winograd *winograd, const float *workspace, const gibbon_epilogue *epilogue,
                             float *y, const gibbon_tiles *tiles, long first, long last) {
  const gibbon_winograd w = *winograd;
  const gibbon_epilogue e = *epilogue;
  if (w.kernel == 3) {
    switch (w.tile) {
      case 2: collect_tiles(&w, workspace, &e, y, tiles, first, last, 4, 2); break;
      case 4: collect_tiles(&w, workspace, &e, y, tiles, first, last, 6, 4); break;
      default: collect_tiles(&w, workspace, &e, y, tiles, first, last, 8, 6); break;
    }
  } else if (w.tile == 2) {
    collect_tiles(&w, workspace, &e, y, tiles, first, last, 6, 2);
  } else {
    collect_tiles(&w, workspace, &e, y, tiles, first, last, 8, 4);
  }
}

void gibbon_winograd_convolve(const gibbon_winograd *w, const float *x, const float *weight,
                              const gibbon_epilogue *epilogue, float *y, float *workspace, long chunk, long first,
                              long last) {
  for (long start = first; start < last; start += chunk) {
    const long end = smaller(start + chunk, last);
    const gibbon_tiles tiles = {start, end - start};
    gibbon_winograd_spread(w, x, workspace, &tiles, start, end);
    gibbon_winograd_multiply(w, weight, workspace, &tiles, 0, gibbon_winograd_positions(w));
    gibbon_winograd_collect(w, workspace, epilogue, y, &tiles, start, end);
  }
}
