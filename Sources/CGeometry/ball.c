#include "CGeometry.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "clones.h"

// Without contraction, and with eight sums added up in a fixed order, every clone rounds alike.
#pragma STDC FP_CONTRACT OFF

typedef double lanes __attribute__((vector_size(64)));
typedef long long mask __attribute__((vector_size(64)));
typedef float narrow __attribute__((vector_size(32)));

INLINE double total(const lanes *sums) {
  double part[8];
  memcpy(part, sums, sizeof part);
  for (int half = 4; half > 0; half /= 2) {
    for (int lane = 0; lane < half; lane++) part[lane] += part[lane + half];
  }
  return part[0];
}

// Through a pointer, since how vectors are passed and returned depends on the processor.
INLINE void widen(const float *values, lanes *result) {
  narrow block;
  memcpy(&block, values, sizeof block);
  *result = __builtin_convertvector(block, lanes);
}

GIBBON_CLONES
void gibbon_box_step(const float *point, const float *slopes, float length, const gibbon_box *box,
                     float *restrict target) {
  const float *lower = box->lower, *upper = box->upper;
  for (size_t i = 0; i < box->count; i++) {
    const float sign = (slopes[i] > 0 ? 1.0f : 0.0f) - (slopes[i] < 0 ? 1.0f : 0.0f);
    const float moved = point[i] + length * sign;
    const float raised = moved > lower[i] ? moved : lower[i];
    target[i] = raised < upper[i] ? raised : upper[i];
  }
}

INLINE float next_down(float value) {
  int bits;
  memcpy(&bits, &value, sizeof bits);
  const int down = value == 0 ? (int)0x80000001 : bits < 0 ? bits + 1 : bits - 1;
  float result;
  memcpy(&result, &down, sizeof result);
  return result;
}

// Whether `limit` is farther from `start` than the radius, as real numbers. The rounded difference decides unless it equals
// the radius; then its rounding error does.
INLINE int is_beyond(double limit, double start, double radius) {
  const double difference = limit - start;
  const double recovered = difference + start;
  const double error = (limit - recovered) - (start - (recovered - difference));
  return (difference > radius) | ((difference == radius) & (error > 0));
}

// A largest float within the radius of a value, or the value itself. `open` becomes positive where this one may still be
// beyond it: the sum itself is rounded, so that equality says nothing.
INLINE float limit_above(float value, double radius, int *open) {
  const double start = value, sum = start + radius;
  const float nearest = (float)(sum < FLT_MAX ? sum : FLT_MAX);
  const float limit = nearest > sum ? next_down(nearest) : nearest;
  *open |= (limit == sum) & (limit > value) & is_beyond(limit, start, radius);
  return value >= limit ? value : limit;
}

INLINE float exact_limit_above(float value, double radius) {
  int open = 0;
  float limit = limit_above(value, radius, &open);
  while (open && limit > value && is_beyond(limit, value, radius)) limit = next_down(limit);
  return limit;
}

// Separate loops for one interval and for one per coordinate, so that both have no branches.
INLINE int limits(const float *center, size_t count, double radius, const float *least, const float *most, size_t step,
                  float *restrict lower, float *restrict upper) {
  int open = 0;
  for (size_t i = 0; i < count; i++) {
    const float below = -limit_above(-center[i], radius, &open);
    const float above = limit_above(center[i], radius, &open);
    lower[i] = below >= least[step * i] ? below : least[step * i];
    upper[i] = above < most[step * i] ? above : most[step * i];
  }
  return open;
}

GIBBON_CLONES
void gibbon_ball_limits(const float *center, size_t count, double radius, const float *least, const float *most,
                        size_t step, float *restrict lower, float *restrict upper) {
  const int open = step == 0 ? limits(center, count, radius, least, most, 0, lower, upper)
                             : limits(center, count, radius, least, most, 1, lower, upper);
  if (!open) return;
  for (size_t i = 0; i < count; i++) {
    const float below = -exact_limit_above(-center[i], radius), above = exact_limit_above(center[i], radius);
    lower[i] = below >= least[step * i] ? below : least[step * i];
    upper[i] = above < most[step * i] ? above : most[step * i];
  }
}

GIBBON_CLONES
double gibbon_sum_of_squares(const float *values, size_t count) {
  lanes sums = {0};
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    lanes wide;
    widen(values + i, &wide);
    sums += wide * wide;
  }
  double sum = total(&sums);
  for (; i < count; i++) sum += (double)values[i] * values[i];
  return sum;
}

GIBBON_CLONES
double gibbon_squared_distance(const float *left, const float *right, size_t count) {
  lanes sums = {0};
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    lanes a, b;
    widen(left + i, &a);
    widen(right + i, &b);
    const lanes difference = a - b;
    sums += difference * difference;
  }
  double sum = total(&sums);
  for (; i < count; i++) {
    const double difference = (double)left[i] - right[i];
    sum += difference * difference;
  }
  return sum;
}

// The first `count` of eight values, then zeros.
INLINE void widen_part(const float *values, size_t count, lanes *result) {
  float part[8] = {0};
  memcpy(part, values, count * sizeof *values);
  widen(part, result);
}

#define CHOOSE(condition, yes, no) ((lanes)(((mask)(yes) & (condition)) | ((mask)(no) & ~(condition))))

GIBBON_CLONES
double gibbon_saturation_prepare(const gibbon_box *box, const float *aim, int aim_is_point,
                                 double *slopes, double *caps) {
  lanes largest = {0};
  for (size_t i = 0; i < box->count; i += 8) {
    lanes start, lower, upper, slope;
    if (i + 8 <= box->count) {
      widen(box->center + i, &start);
      widen(box->lower + i, &lower);
      widen(box->upper + i, &upper);
      widen(aim + i, &slope);
    } else {
      widen_part(box->center + i, box->count - i, &start);
      widen_part(box->lower + i, box->count - i, &lower);
      widen_part(box->upper + i, box->count - i, &upper);
      widen_part(aim + i, box->count - i, &slope);
    }
    if (aim_is_point) slope -= start;
    const lanes cap = CHOOSE(slope < 0, start - lower, upper - start);
    // A NaN is neither above zero nor below. Without room there is no slope either, which spares the solver a
    // round.
    const lanes kept = (lanes)((mask)slope & ((slope > 0) | (slope < 0)) & (cap > 0));
    const lanes magnitude = CHOOSE(kept < 0, -kept, kept);
    largest = CHOOSE(magnitude > largest, magnitude, largest);
    memcpy(slopes + i, &kept, sizeof kept);
    memcpy(caps + i, &cap, sizeof cap);
  }
  double result = 0;
  for (int lane = 0; lane < 8; lane++) result = largest[lane] > result ? largest[lane] : result;
  return result;
}

GIBBON_CLONES
gibbon_saturation gibbon_saturation_sums(const double *slopes, const double *caps, size_t count,
                                         double t) {
  lanes saturated = {0};
  lanes free = {0};
  for (size_t i = 0; i < count; i += 8) {
    lanes slope, cap;
    memcpy(&slope, slopes + i, sizeof slope);
    memcpy(&cap, caps + i, sizeof cap);
    const lanes moved = t * slope;
    const mask full = (moved >= cap) | (-moved >= cap);
    saturated += (lanes)((mask)(cap * cap) & full);
    free += (lanes)((mask)(slope * slope) & ~full);
  }
  return (gibbon_saturation){.saturated = total(&saturated), .free = total(&free)};
}

INLINE double moved(double slope, double cap, double t) {
  const double scaled = t * fabs(slope);
  const double length = scaled < cap ? scaled : cap;
  return slope > 0 ? length : (slope < 0 ? -length : 0);
}

INLINE float clamped(float value, float lower, float upper) {
  const float raised = value > lower ? value : lower;
  return raised < upper ? raised : upper;
}

GIBBON_CLONES
void gibbon_saturation_move(const gibbon_box *box, const double *slopes, const double *caps, double t,
                            float *target) {
  for (size_t i = 0; i < box->count; i++) {
    const float value = (float)(box->center[i] + moved(slopes[i], caps[i], t));
    target[i] = clamped(value, box->lower[i], box->upper[i]);
  }
}

void gibbon_saturation_move_inward(const gibbon_box *box, const double *slopes, const double *caps,
                                   double t, float *target) {
  for (size_t i = 0; i < box->count; i++) {
    const double move = moved(slopes[i], caps[i], t);
    float value = (float)(box->center[i] + move);
    if (fabs((double)value - box->center[i]) > fabs(move)) value = nextafterf(value, box->center[i]);
    target[i] = clamped(value, box->lower[i], box->upper[i]);
  }
}
