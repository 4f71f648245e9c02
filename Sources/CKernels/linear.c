#include "CKernels.h"

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

long gibbon_linear_blocks(const gibbon_linear *l) { return (l->columns + COLUMNS - 1) / COLUMNS; }

// A block of columns, cut along the depth; each piece is made of panels, one after the other as they are used.
typedef struct {
  long start, count, width;
} block;

INLINE block block_of(const gibbon_linear *l, long number) {
  const long start = number * COLUMNS, count = smaller(COLUMNS, l->columns - start);
  return (block){.start = start, .count = count, .width = rounded_up(count, gibbon_panel_width())};
}

void gibbon_linear_weight(const gibbon_linear *l, const float *weight, int is_transposed, float *packed,
                          long first, long last) {
  const long panel = gibbon_panel_width();
  const long across = is_transposed ? 1 : l->depth, along = is_transposed ? l->columns : 1;
  for (long number = first; number < last; number++) {
    const block b = block_of(l, number);
    float *target = packed + b.start * l->depth;
    for (long k = 0; k < l->depth; k += DEPTH) {
      const long end = smaller(k + DEPTH, l->depth);
      for (long column = 0; column < b.width; column += panel) {
        const long count = smaller(panel, b.count - column);
        const float *source = weight + (b.start + column) * across + k * along;
        if (count < panel) memset(target, 0, sizeof(float) * panel * (end - k));
        // Along what is contiguous in memory.
        if (across == 1) {
          for (long row = 0; row < end - k; row++) {
            memcpy(target + row * panel, source + row * along, sizeof(float) * smaller(panel, count));
          }
        } else {
          for (long row = 0; row < end - k; row += 16) {
            for (long lane = 0; lane < smaller(panel, count); lane++) {
              for (long i = row; i < smaller(row + 16, end - k); i++) {
                target[i * panel + lane] = source[lane * across + i];
              }
            }
          }
        }
        target += panel * (end - k);
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
  for (long number = first; number < last; number++) {
    const block b = block_of(l, number);
    const float *panels = packed + b.start * l->depth;
    for (long k = 0; k < l->depth; k += DEPTH) {
      const long depth = smaller(DEPTH, l->depth - k);
      const float *following = panels + depth * b.width;
      gibbon_product(x + k, l->depth, panels, depth * gibbon_panel_width(), workspace, COLUMNS, rows, depth, b.width,
                     following, k > 0);
      panels = following;
    }
    finish(workspace, epilogue, y, l->columns, b.start, rows, b.count);
  }
}
