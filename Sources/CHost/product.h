#ifndef GIBBON_PRODUCT_H
#define GIBBON_PRODUCT_H

#include "CHost.h"

/// The number of rows that are computed together; the left matrix and the result have a multiple of it.
long gibbon_row_group(void);

/// result = left times right, for row-major matrices; the right one is cut into panels of `gibbon_panel_width`
/// columns, each of them laid out row by row. Every sum is taken in the order of the depth, whatever the number of rows.
void gibbon_product(const float *left, long left_stride, const float *panels, float *result, long result_stride,
                    long rows, long depth, long columns);

#endif
