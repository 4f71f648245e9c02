#ifndef GIBBON_LINEAR_H
#define GIBBON_LINEAR_H

#include "Epilogue.h"

/// The sizes of a linear layer's product, rows by depth times depth by columns.
typedef struct {
  long depth, columns;
} gibbon_linear;

/// The number of floats of the packed weight.
long gibbon_linear_weight_count(const gibbon_linear *l);

/// The number of blocks of columns, which threads may share.
long gibbon_linear_blocks(const gibbon_linear *l);

/// Packs the weight of the blocks from `first` to before `last`. It is laid out as column, depth; or, if
/// `is_transposed`, as depth, column.
void gibbon_linear_weight(const gibbon_linear *l, const float *weight, int is_transposed, float *packed,
                          long first, long last);

/// The number of floats of working memory.
long gibbon_linear_workspace_count(long rows);

/// Computes the blocks from `first` to before `last` of all rows. Each sum is taken in the order of the depth,
/// whatever the number of rows.
void gibbon_linear_apply(const gibbon_linear *l, const float *x, const float *packed,
                         const gibbon_epilogue *epilogue, float *y, float *workspace, long rows, long first,
                         long last);

#endif
