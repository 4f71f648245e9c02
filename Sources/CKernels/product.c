#include "product.h"

#if defined(__x86_64__)
// Unless told so, compilers prefer vectors of 256 bits here, and the sums of a group would not fit the registers.
#if defined(__clang__)
#define WHOLE_VECTORS __attribute__((min_vector_width(512)))
#else
#define WHOLE_VECTORS __attribute__((target("prefer-vector-width=512")))
#endif
#define NAME product_v4
#define TARGET __attribute__((target("arch=x86-64-v4"))) WHOLE_VECTORS
#define LANES 16
#define ROWS 12
#include "product_kernel.h"

#define NAME product_v3
#define TARGET __attribute__((target("arch=x86-64-v3")))
#define LANES 8
#define ROWS 6
#include "product_kernel.h"
#endif

#define NAME product_default
#define TARGET
#define LANES 4
#define ROWS 6
#include "product_kernel.h"

#if defined(__x86_64__)
static int level(void) {
  return __builtin_cpu_supports("x86-64-v4") ? 4 : __builtin_cpu_supports("x86-64-v3") ? 3 : 1;
}
#else
static int level(void) { return 1; }
#endif

long gibbon_panel_width(void) {
  switch (level()) {
    case 4: return 32;
    case 3: return 16;
    default: return 8;
  }
}

long gibbon_row_group(void) { return level() == 4 ? 12 : 6; }

#if defined(__x86_64__)
#define CALL(suffix)                                                                                              \
  const int found = level();                                                                                      \
  if (found == 4) {                                                                                               \
    product_v4##suffix(ARGUMENTS);                                                                                \
  } else if (found == 3) {                                                                                        \
    product_v3##suffix(ARGUMENTS);                                                                                \
  } else {                                                                                                        \
    product_default##suffix(ARGUMENTS);                                                                           \
  }
#else
#define CALL(suffix) product_default##suffix(ARGUMENTS);
#endif
#define ARGUMENTS left, left_stride, panels, result, result_stride, rows, depth, columns, panel_stride, following, continues

void gibbon_product(const float *left, long left_stride, const float *panels, long panel_stride, float *result,
                    long result_stride, long rows, long depth, long columns, const float *following,
                    int continues) {
  CALL()
}

void gibbon_product_turned(const float *left, long left_stride, const float *panels, long panel_stride, float *result,
                           long result_stride, long rows, long depth, long columns, const float *following,
                           int continues) {
  CALL(_turned)
}
