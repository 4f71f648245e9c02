// The product of some rows with one panel, for one kind of processor. The including file defines NAME, TARGET,
// LANES (floats in a vector) and ROWS.

#define GLUE_(a, b) a##b
#define GLUE(a, b) GLUE_(a, b)
#define VECTOR GLUE(NAME, _vector)
#define BLOCK GLUE(NAME, _block)

typedef float VECTOR __attribute__((vector_size(4 * LANES), aligned(4)));

TARGET static void BLOCK(const float *left, long left_stride, const float *panel, float *result,
                         long result_stride, long depth) {
  VECTOR sums[ROWS][2] = {{{0}}};
  for (long k = 0; k < depth; k++) {
    const VECTOR first = *(const VECTOR *)(panel + 2 * LANES * k);
    const VECTOR second = *(const VECTOR *)(panel + 2 * LANES * k + LANES);
#pragma unroll
    for (int row = 0; row < ROWS; row++) {
      const float factor = left[row * left_stride + k];
      sums[row][0] += factor * first;
      sums[row][1] += factor * second;
    }
  }
#pragma unroll
  for (int row = 0; row < ROWS; row++) {
    *(VECTOR *)(result + row * result_stride) = sums[row][0];
    *(VECTOR *)(result + row * result_stride + LANES) = sums[row][1];
  }
}

static void NAME(const float *left, long left_stride, const float *panels, float *result, long result_stride,
                 long rows, long depth, long columns) {
  for (long column = 0; column < columns; column += 2 * LANES) {
    for (long row = 0; row < rows; row += ROWS) {
      BLOCK(left + row * left_stride, left_stride, panels + column * depth, result + row * result_stride + column,
            result_stride, depth);
    }
  }
}
#undef GLUE_
#undef GLUE
#undef VECTOR
#undef BLOCK
#undef NAME
#undef TARGET
#undef LANES
#undef ROWS
