#include "CHost.h"

#include <string.h>

#include "clones.h"

typedef float lanes __attribute__((vector_size(32), aligned(4)));
typedef int mask __attribute__((vector_size(32)));
typedef unsigned char bytes __attribute__((vector_size(8), aligned(1)));

#define INLINE static inline __attribute__((always_inline))

// The part of a window that lies inside the input, along one axis.
typedef struct {
  long first, last, start;
} span;

INLINE span clipped(long position, long stride, long padding, long kernel, long size) {
  const long start = position * stride - padding;
  return (span){.first = start < 0 ? -start : 0,
                .last = start + kernel > size ? size - start : kernel,
                .start = start};
}

GIBBON_CLONES
void gibbon_max_pooling(const gibbon_pooling *pooling, const float *x, float *y, unsigned char *winners,
                        long first, long last) {
  const gibbon_pooling p = *pooling;
  for (long example = first; example < last; example++) {
    for (long block = 0; block < p.blocks; block++) {
      const float *source = x + example * p.x.example + block * p.x.block;
      const long target = example * p.y.example + block * p.y.block;
      for (long row = 0; row < p.result_height; row++) {
        const span rows = clipped(row, p.stride_height, p.padding_height, p.kernel_height, p.height);
        for (long column = 0; column < p.result_width; column++) {
          const span columns = clipped(column, p.stride_width, p.padding_width, p.kernel_width, p.width);
          const float *window = source + rows.start * p.x.row + columns.start * p.x.column;
          const long place = target + row * p.y.row + column * p.y.column;
          for (long vector = 0; vector < p.vectors; vector++) {
            const float *here = window + 8 * vector;
            lanes best = *(const lanes *)(here + rows.first * p.x.row + columns.first * p.x.column);
            mask winner = (mask){0} + (int)(rows.first * p.kernel_width + columns.first);
            for (long i = rows.first; i < rows.last; i++) {
              for (long j = columns.first; j < columns.last; j++) {
                const lanes value = *(const lanes *)(here + i * p.x.row + j * p.x.column);
                // The first of equals stays, and a NaN wins over numbers.
                const mask wins = (value > best) | ((value != value) & (best == best));
                best = (lanes)(((mask)value & wins) | ((mask)best & ~wins));
                winner = (((mask){0} + (int)(i * p.kernel_width + j)) & wins) | (winner & ~wins);
              }
            }
            *(lanes *)(y + place + 8 * vector) = best;
            if (winners) *(bytes *)(winners + place + 8 * vector) = __builtin_convertvector(winner, bytes);
          }
        }
      }
    }
  }
}

// Whether every position of the input lies under exactly one window.
INLINE int is_partition(const gibbon_pooling *p) {
  return p->padding_height == 0 && p->padding_width == 0 && p->stride_height == p->kernel_height &&
         p->stride_width == p->kernel_width && p->height == p->result_height * p->stride_height &&
         p->width == p->result_width * p->stride_width;
}

INLINE void clear(const gibbon_pooling *p, float *target) {
  for (long row = 0; row < p->height; row++) {
    for (long column = 0; column < p->width; column++) {
      memset(target + row * p->x.row + column * p->x.column, 0, 32 * p->vectors);
    }
  }
}

GIBBON_CLONES
void gibbon_max_pooling_gradient(const gibbon_pooling *pooling, const float *dy,
                                 const unsigned char *winners, float *dx, long first, long last) {
  const gibbon_pooling p = *pooling;
  const int partition = is_partition(pooling);
  for (long example = first; example < last; example++) {
    for (long block = 0; block < p.blocks; block++) {
      float *target = dx + example * p.x.example + block * p.x.block;
      const long source = example * p.y.example + block * p.y.block;
      if (!partition) clear(&p, target);
      for (long row = 0; row < p.result_height; row++) {
        const span rows = clipped(row, p.stride_height, p.padding_height, p.kernel_height, p.height);
        for (long column = 0; column < p.result_width; column++) {
          const span columns = clipped(column, p.stride_width, p.padding_width, p.kernel_width, p.width);
          float *window = target + rows.start * p.x.row + columns.start * p.x.column;
          const long place = source + row * p.y.row + column * p.y.column;
          for (long vector = 0; vector < p.vectors; vector++) {
            const lanes slope = *(const lanes *)(dy + place + 8 * vector);
            const mask winner =
                __builtin_convertvector(*(const bytes *)(winners + place + 8 * vector), mask);
            for (long i = rows.first; i < rows.last; i++) {
              for (long j = columns.first; j < columns.last; j++) {
                lanes *here = (lanes *)(window + i * p.x.row + j * p.x.column + 8 * vector);
                const lanes part =
                    (lanes)((mask)slope & (winner == (int)(i * p.kernel_width + j)));
                *here = partition ? part : *here + part;
              }
            }
          }
        }
      }
    }
  }
}
