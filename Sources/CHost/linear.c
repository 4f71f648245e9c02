#include "CHost.h"

#include <string.h>

#include "clones.h"
#include "lanes.h"
#include "product.h"

// So much of the depth at once that a part of a panel stays in the first cache, and so many panels that their
// sums and a part of x stay in the second.
#define DEPTH 256
#define COLUMNS 128

long gibbon_linear_weight_count(const gibbon_linear *l) {
  return rounded_up(l->columns, gibbon_panel_width()) * l->depth;
}

long gibbon_linear_panels(const gibbon_linear *l) {
  return rounded_up(l->columns, gibbon_panel_width()) / gibbon_panel_width();
}

void gibbon_linear_weight(const gibbon_linear *l, const float *weight, int is_transposed, float *packed,
                          long first, long last) {
  const long panel = gibbon_panel_width();
  memset(packed + first * panel * l->depth, 0, sizeof(float) * (last - first) * panel * l->depth);
  for (long part = first; part < last; part++) {
    const long start = part * panel, count = smaller(panel, l->columns - start);
    float *target = packed + start * l->depth;
    if (is_transposed) {
      for (long k = 0; k < l->depth; k++) {
        memcpy(target + k * panel, weight + k * l->columns + start, sizeof(float) * count);
      }
    } else {
      for (long lane = 0; lane < count; lane++) {
        const float *source = weight + (start + lane) * l->depth;
        for (long k = 0; k < l->depth; k++) target[k * panel + lane] = source[k];
      }
    }
  }
}

// Applies the epilogue to sums and stores them.
GIBBON_CLONES
static void finish(const float *sums, const gibbon_epilogue *epilogue, float *result, long stride, long start,
                   long rows, long columns) {
  const gibbon_epilogue e = *epilogue;
  for (long row = 0; row < rows; row++) {
    for (long column = 0; column < columns; column += 8) {
      const long at = row * stride + start + column;
      const size_t size = sizeof(float) * smaller(8, columns - column);
      lanes value = *(const lanes *)(sums + row * COLUMNS + column), other = {0};
      if (e.bias) {
        memcpy(&other, e.bias + start + column, size);
        value += other;
      }
      if (e.addend) {
        memcpy(&other, e.addend + at, size);
        value += other;
      }
      if (e.relu) value = (lanes)(~(value < 0) & (bits)value);
      if (e.gate) {
        memcpy(&other, e.gate + at, size);
        value = (lanes)((other > 0) & (bits)value);
      }
      memcpy(result + at, &value, size);
    }
  }
}

long gibbon_linear_workspace_count(long rows) { return rows * COLUMNS; }

void gibbon_linear_apply(const gibbon_linear *l, const float *x, const float *packed,
                         const gibbon_epilogue *epilogue, float *y, float *workspace, long rows, long first,
                         long last) {
  const long panel = gibbon_panel_width();
  for (long part = first; part < last; part += COLUMNS / panel) {
    const long start = part * panel;
    const long count = smaller(COLUMNS / panel, last - part) * panel;
    for (long k = 0; k < l->depth; k += DEPTH) {
      const float *panels = packed + start * l->depth + k * panel;
      const float *following = k + DEPTH < l->depth ? panels + DEPTH * panel : packed + (start + count) * l->depth;
      gibbon_product(x + k, l->depth, panels, panel * l->depth, workspace, COLUMNS, rows,
                     smaller(DEPTH, l->depth - k), count, following, k > 0);
    }
    finish(workspace, epilogue, y, l->columns, start, rows, smaller(count, l->columns - start));
  }
}
