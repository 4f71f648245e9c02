#ifndef GIBBON_GEOMETRY_H
#define GIBBON_GEOMETRY_H

#include <stddef.h>

#include "Boundary.h"
#include "Box.h"
#include "Hyperplane.h"

/// A step of a length along the signs of slopes, cut by a box: clamp(point + length sign(slope)); a slope that is NaN
/// does not move, and a point that is NaN goes to the lower end.
void gibbon_box_step(const float *point, const float *slopes, float length, const gibbon_box *box,
                     float *target);

/// The box of the values within a finite radius of a point, as real numbers: rounded inward, and cut by `least` and `most`,
/// one of each where `step` is 0 or one for each coordinate where it is 1.
void gibbon_ball_limits(const float *center, size_t count, double radius, const float *least, const float *most,
                        size_t step, float *lower, float *upper);

/// The sum of squares in double precision.
double gibbon_sum_of_squares(const float *values, size_t count);

/// The squared Euclidean distance in double precision.
double gibbon_squared_distance(const float *left, const float *right, size_t count);

/// Prepares the points center + clamp(t slope, -cap, cap): writes, per coordinate, the slope of the aim (its
/// distance from the center if it is a point) and the room in the direction of the slope. The slope is 0 where
/// there is no room, or where the aim is NaN. Both arrays are filled up with zeros to a multiple of 8. Returns
/// the largest magnitude of a slope.
double gibbon_saturation_prepare(const gibbon_box *box, const float *aim, int aim_is_point, double *slopes,
                                 double *caps);

/// Sums of squares: of the caps of coordinates that are moved by all their room, of the slopes of the others.
typedef struct {
  double saturated, free;
} gibbon_saturation;

/// The sums at a given t; the count is a multiple of 8.
gibbon_saturation gibbon_saturation_sums(const double *slopes, const double *caps, size_t count, double t);

/// Writes the point at a given t, rounded to the nearest.
void gibbon_saturation_move(const gibbon_box *box, const double *slopes, const double *caps, double t,
                            float *target);

/// Writes the point at a given t, every coordinate rounded toward the center.
void gibbon_saturation_move_inward(const gibbon_box *box, const double *slopes, const double *caps,
                                   double t, float *target);

#endif
