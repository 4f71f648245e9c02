#include "CKernels.h"

#include <string.h>

#include "clones.h"
#include "lanes.h"

typedef unsigned char bytes __attribute__((vector_size(8), aligned(1)));

// The part of a window that lies inside the input, along one axis.
typedef struct {
  long first, last, start;
} span;

// Where no window crosses the border the compiler knows the loops' ends and unrolls them.
INLINE span clipped(long position, long stride, long padding, long kernel, long size, const int inside) {
  if (inside) return (span){.first = 0, .last = kernel, .start = position * stride};
  const long start = position * stride - padding;
  return (span){.first = start < 0 ? -start : 0,
                .last = start + kernel > size ? size - start : kernel,
                .start = start};
}

INLINE int is_inside(const gibbon_pooling *p) {
  return p->padding_height == 0 && p->padding_width == 0 &&
         (p->result_height - 1) * p->stride_height + p->kernel_height <= p->height &&
         (p->result_width - 1) * p->stride_width + p->kernel_width <= p->width;
}

// Whether every position of the input lies under exactly one window.
INLINE int is_partition(const gibbon_pooling *p) {
  return is_inside(p) && p->stride_height == p->kernel_height && p->stride_width == p->kernel_width &&
         p->height == p->result_height * p->stride_height &&
         p->width == p->result_width * p->stride_width;
}

INLINE void pool(const gibbon_pooling p, const float *x, float *y, unsigned char *winners, long first,
                 long last, const long height, const long width, const int inside) {
  for (long example = first; example < last; example++) {
    for (long block = 0; block < p.blocks; block++) {
      const float *source = x + example * p.x.example + block * p.x.block;
      const long target = example * p.y.example + block * p.y.block;
      for (long row = 0; row < p.result_height; row++) {
        const span rows = clipped(row, p.stride_height, p.padding_height, height, p.height, inside);
        for (long column = 0; column < p.result_width; column++) {
          const span columns = clipped(column, p.stride_width, p.padding_width, width, p.width, inside);
          const float *window = source + rows.start * p.x.row + columns.start * p.x.column;
          const long place = target + row * p.y.row + column * p.y.column;
          for (long vector = 0; vector < p.vectors; vector++) {
            const float *here = window + 8 * vector;
            lanes best = *(const lanes *)(here + rows.first * p.x.row + columns.first * p.x.column);
            bits winner = (bits){0} + (int)(rows.first * width + columns.first);
            for (long i = rows.first; i < rows.last; i++) {
              for (long j = columns.first; j < columns.last; j++) {
                const lanes value = *(const lanes *)(here + i * p.x.row + j * p.x.column);
                // The first of equals stays, and a NaN wins over numbers.
                const bits wins = (value > best) | ((value != value) & (best == best));
                best = (lanes)(((bits)value & wins) | ((bits)best & ~wins));
                winner = (((bits){0} + (int)(i * width + j)) & wins) | (winner & ~wins);
              }
            }
            if (p.relu) {
              // A NaN stays, but passes no gradient; 255 is nobody's number.
              winner |= ~(best > 0);
              best = (lanes)((bits)best & ~(best <= 0));
            }
            *(lanes *)(y + place + 8 * vector) = best;
            if (winners) *(bytes *)(winners + place + 8 * vector) = __builtin_convertvector(winner, bytes);
          }
        }
      }
    }
  }
}

GIBBON_CLONES
void gibbon_max_pooling(const gibbon_pooling *p, const float *x, float *y, unsigned char *winners,
                        long first, long last) {
  if (is_inside(p) && p->kernel_height == 2 && p->kernel_width == 2) {
    pool(*p, x, y, winners, first, last, 2, 2, 1);
  } else if (is_inside(p) && p->kernel_height == 3 && p->kernel_width == 3) {
    pool(*p, x, y, winners, first, last, 3, 3, 1);
  } else {
    pool(*p, x, y, winners, first, last, p->kernel_height, p->kernel_width, 0);
  }
}

INLINE void clear(const gibbon_pooling *p, float *target) {
  for (long row = 0; row < p->height; row++) {
    for (long column = 0; column < p->width; column++) {
      memset(target + row * p->x.row + column * p->x.column, 0, 32 * p->vectors);
    }
  }
}

INLINE void scatter(const gibbon_pooling p, const float *dy, const unsigned char *winners, float *dx,
                    long first, long last, const long height, const long width, const int inside,
                    const int partition) {
  for (long example = first; example < last; example++) {
    for (long block = 0; block < p.blocks; block++) {
      float *target = dx + example * p.x.example + block * p.x.block;
      const long source = example * p.y.example + block * p.y.block;
      if (!partition) clear(&p, target);
      for (long row = 0; row < p.result_height; row++) {
        const span rows = clipped(row, p.stride_height, p.padding_height, height, p.height, inside);
        for (long column = 0; column < p.result_width; column++) {
          const span columns = clipped(column, p.stride_width, p.padding_width, width, p.width, inside);
          float *window = target + rows.start * p.x.row + columns.start * p.x.column;
          const long place = source + row * p.y.row + column * p.y.column;
          for (long vector = 0; vector < p.vectors; vector++) {
            const lanes slope = *(const lanes *)(dy + place + 8 * vector);
            const bits winner =
                __builtin_convertvector(*(const bytes *)(winners + place + 8 * vector), bits);
            for (long i = rows.first; i < rows.last; i++) {
              for (long j = columns.first; j < columns.last; j++) {
                lanes *here = (lanes *)(window + i * p.x.row + j * p.x.column + 8 * vector);
                const lanes part = (lanes)((bits)slope & (winner == (int)(i * width + j)));
                *here = partition ? part : *here + part;
              }
            }
          }
        }
      }
    }
  }
}

GIBBON_CLONES
void gibbon_max_pooling_gradient(const gibbon_pooling *p, const float *dy, const unsigned char *winners,
                                 float *dx, long first, long last) {
  if (is_partition(p) && p->kernel_height == 2 && p->kernel_width == 2) {
    scatter(*p, dy, winners, dx, first, last, 2, 2, 1, 1);
  } else if (is_inside(p) && p->kernel_height == 3 && p->kernel_width == 3) {
    scatter(*p, dy, winners, dx, first, last, 3, 3, 1, 0);
  } else {
    scatter(*p, dy, winners, dx, first, last, p->kernel_height, p->kernel_width, 0, 0);
  }
}
