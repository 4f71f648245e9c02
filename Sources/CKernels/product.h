#ifndef GIBBON_PRODUCT_H
#define GIBBON_PRODUCT_H

#include "CKernels.h"

/// The number of rows that are computed together, most efficiently.
long gibbon_row_group(void);

/// result = left times right, or is increased by it if it `continues`, for row-major matrices. The right one is cut into
/// panels of `gibbon_panel_width` columns, each laid out row by row and `panel_stride` from the next. While a panel is
/// computed, the next one is fetched from memory, and during the last the one at `following`. Every sum is taken in the
/// order of the depth, whatever the number of rows.
void gibbon_product(const float *left, long left_stride, const float *panels, long panel_stride, float *result,
                    long result_stride, long rows, long depth, long columns, const float *following,
                    int continues);

/// The same with the left matrix transposed in memory: depth by rows.
void gibbon_product_turned(const float *left, long left_stride, const float *panels, long panel_stride, float *result,
                           long result_stride, long rows, long depth, long columns, const float *following,
                           int continues);

#endif
