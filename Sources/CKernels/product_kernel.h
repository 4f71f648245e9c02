// The product of some rows with panels of columns, for one kind of processor. The including file defines NAME,
// TARGET, LANES (floats in a vector) and ROWS.

#define GLUE_(a, b) a##b
#define GLUE(a, b) GLUE_(a, b)
#define VECTOR GLUE(NAME, _vector)
#define BLOCK GLUE(NAME, _block)
#define REST GLUE(NAME, _rest)
#define ALL GLUE(NAME, _all)
#define TURNED GLUE(NAME, _turned)

typedef float VECTOR __attribute__((vector_size(4 * LANES), aligned(4)));

// The number of rows is known to the compiler, so that all sums stay in registers.
TARGET static inline __attribute__((always_inline)) void BLOCK(const float *left, long row_step, long step,
                                                               const float *panel, float *result,
                                                               long result_stride, long depth,
                                                               const int rows, const int continues) {
  VECTOR sums[ROWS][2] = {{{0}}};
  if (continues) {
#pragma unroll
    for (int row = 0; row < rows; row++) {
      sums[row][0] = *(const VECTOR *)(result + row * result_stride);
      sums[row][1] = *(const VECTOR *)(result + row * result_stride + LANES);
    }
  }
  for (long k = 0; k < depth; k++) {
    const VECTOR first = *(const VECTOR *)(panel + 2 * LANES * k);
    const VECTOR second = *(const VECTOR *)(panel + 2 * LANES * k + LANES);
#pragma unroll
    for (int row = 0; row < rows; row++) {
      const float factor = left[row * row_step + k * step];
      sums[row][0] += factor * first;
      sums[row][1] += factor * second;
    }
  }
#pragma unroll
  for (int row = 0; row < rows; row++) {
    *(VECTOR *)(result + row * result_stride) = sums[row][0];
    *(VECTOR *)(result + row * result_stride + LANES) = sums[row][1];
  }
}

// Fewer rows than a group has.
TARGET static inline __attribute__((always_inline)) void REST(const float *left, long row_step, long step,
                                                              const float *panel, float *result,
                                                              long result_stride, long depth, long rows,
                                                              int continues) {
  long row = 0;
  for (; row + 4 <= rows; row += 4) {
    BLOCK(left + row * row_step, row_step, step, panel, result + row * result_stride, result_stride, depth, 4,
          continues);
  }
  for (; row + 2 <= rows; row += 2) {
    BLOCK(left + row * row_step, row_step, step, panel, result + row * result_stride, result_stride, depth, 2,
          continues);
  }
  if (row < rows) {
    BLOCK(left + row * row_step, row_step, step, panel, result + row * result_stride, result_stride, depth, 1,
          continues);
  }
}

TARGET static inline __attribute__((always_inline)) void ALL(const float *left, long row_step, long step,
                                                             const float *panels, float *result, long result_stride,
                                                             long rows, long depth, long columns, long panel_stride,
                                                             const float *following, int continues) {
  const long groups = (rows + ROWS - 1) / ROWS;
  for (long column = 0; column < columns; column += 2 * LANES) {
    const float *panel = panels + column / (2 * LANES) * panel_stride;
    const char *next = (const char *)(column + 2 * LANES < columns ? panel + panel_stride : following);
    const long share = 8 * LANES * depth / groups / 64 * 64 + 64;
    long row = 0;
    for (; row + ROWS <= rows; row += ROWS) {
      for (long byte = 0; byte < share; byte += 64) __builtin_prefetch(next + byte, 0, 2);
      next += share;
      BLOCK(left + row * row_step, row_step, step, panel, result + row * result_stride + column, result_stride, depth,
            ROWS, continues);
    }
    REST(left + row * row_step, row_step, step, panel, result + row * result_stride + column, result_stride, depth,
         rows - row, continues);
  }
}

TARGET static void NAME(const float *left, long left_stride, const float *panels, float *result,
                        long result_stride, long rows, long depth, long columns, long panel_stride,
                        const float *following, int continues) {
  ALL(left, left_stride, 1, panels, result, result_stride, rows, depth, columns, panel_stride, following, continues);
}

TARGET static void TURNED(const float *left, long left_stride, const float *panels, float *result,
                          long result_stride, long rows, long depth, long columns, long panel_stride,
                          const float *following, int continues) {
  ALL(left, 1, left_stride, panels, result, result_stride, rows, depth, columns, panel_stride, following, continues);
}

#undef GLUE_
#undef GLUE
#undef VECTOR
#undef BLOCK
#undef REST
#undef ALL
#undef TURNED
#undef NAME
#undef TARGET
#undef LANES
#undef ROWS
