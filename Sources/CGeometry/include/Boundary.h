#ifndef GIBBON_BOUNDARY_H
#define GIBBON_BOUNDARY_H

#include <stddef.h>

/// What is to be near the example: the number of pixels that differ, the sum of magnitudes, the Euclidean
/// length, or the largest magnitude.
typedef enum { gibbon_near_zero, gibbon_near_one, gibbon_near_two, gibbon_near_infinity } gibbon_nearness;

/// A step along the boundary of a classifier, linearised at a point.
typedef struct {
  /// The example, the point where one is, and the box of the data.
  const float *center, *point, *lower, *upper;
  /// The gradient of the margin.
  const float *slopes;
  /// Values are as many as pixels times channels; the channels of a pixel lie `pixels` apart.
  size_t pixels, channels;
  /// By how much the margin is to rise.
  double rise;
  /// The largest Euclidean length of the step.
  double trust;
} gibbon_boundary;

/// Writes point + d with d from: minimise |point + d - center| subject to slopes . d = rise, |d|_2 <= trust, and the box.
///
/// Where no step fulfils that, it is the longest one along the slopes, cut by the box. For the number of pixels, which is not convex,
/// the dual solution is rounded. `scratch` has room for `7 * (pixels * channels + 8)` floats.
void gibbon_boundary_follow(const gibbon_boundary *problem, gibbon_nearness nearness, float *target, float *scratch);

#endif
