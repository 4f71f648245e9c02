#ifndef GIBBON_HYPERPLANE_H
#define GIBBON_HYPERPLANE_H

#include <stddef.h>

#include "Box.h"

/// How the size of a move is measured: by its largest magnitude, its Euclidean length, or its sum of magnitudes.
typedef enum { gibbon_norm_infinity, gibbon_norm_two, gibbon_norm_one } gibbon_norm;

/// The smallest move within a box that changes a linear function by `rise`, which may be below zero.
///
/// The move starts at the box's center, which lies in the box. Where the box ends before, the move goes to the
/// corner at which the function has changed most. Slopes that are NaN count as zero; infinite ones outweigh all
/// others. `scratch` has room for `3 * (count + 8)` values. Writes the move and returns its size.
double gibbon_hyperplane_move(const gibbon_box *box, const float *slopes, double rise, gibbon_norm norm,
                              float *move, float *scratch);

/// One step of the fast adaptive boundary attack, across the hyperplane on which a linear function has risen by `rise`
/// since `point`, which lies in the box: (1 - a) (point + overshoot * m) + a (center + overshoot * c), cut by the box,
/// where m and c are the smallest moves from the point and from the center to the hyperplane, and a = |m| / (|m| + |c|),
/// at most `bias`. `scratch` has room for `5 * (count + 8)` values. Returns |c|.
double gibbon_boundary_step(const gibbon_box *box, const float *point, const float *slopes, double rise,
                            gibbon_norm norm, double bias, double overshoot, float *target, float *scratch);

#endif
