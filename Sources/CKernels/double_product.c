#include "CKernels.h"

#include <string.h>

#include "clones.h"

// Eight neighbouring columns.
typedef double columns8 __attribute__((vector_size(64), aligned(8)));

// Four rows times a panel, or one.
INLINE void four_rows(const double *rows, long depth, const double *panel, double sums[32]) {
  columns8 a = {0}, b = {0}, c = {0}, d = {0};
  for (long k = 0; k < depth; k++) {
    const columns8 factor = *(const columns8 *)(panel + 8 * k);
    a += rows[k] * factor;
    b += rows[depth + k] * factor;
    c += rows[2 * depth + k] * factor;
    d += rows[3 * depth + k] * factor;
  }
  *(columns8 *)sums = a;
  *(columns8 *)(sums + 8) = b;
  *(columns8 *)(sums + 16) = c;
  *(columns8 *)(sums + 24) = d;
}

INLINE void one_row(const double *row, long depth, const double *panel, double sums[8]) {
  columns8 a = {0};
  for (long k = 0; k < depth; k++) a += row[k] * *(const columns8 *)(panel + 8 * k);
  *(columns8 *)sums = a;
}

GIBBON_CLONES
void gibbon_double_product(const double *rows, long count, long depth, const double *panels, long columns,
                           double *result) {
  double sums[32];
  for (long column = 0; column < columns; column += 8) {
    const double *panel = panels + column * depth;
    const size_t size = sizeof(double) * smaller(8, columns - column);
    long row = 0;
    for (; row + 4 <= count; row += 4) {
      four_rows(rows + row * depth, depth, panel, sums);
      for (long i = 0; i < 4; i++) memcpy(result + (row + i) * columns + column, sums + 8 * i, size);
    }
    for (; row < count; row++) {
      one_row(rows + row * depth, depth, panel, sums);
      memcpy(result + row * columns + column, sums, size);
    }
  }
}
