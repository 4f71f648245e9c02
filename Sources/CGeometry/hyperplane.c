#include "Hyperplane.h"

#include <math.h>
#include <string.h>

#include "clones.h"
#include "lanes.h"

// Sums are added up in one order, without contraction, so that every clone rounds alike.
#pragma STDC FP_CONTRACT OFF

typedef double wide __attribute__((vector_size(64)));

// Single precision adds up this many values at most before it hands on to double precision.
enum { RUN = 512 };

#define CHOOSE(condition, yes, no) ((lanes)(((bits)(yes) & (condition)) | ((bits)(no) & ~(condition))))

// Through a pointer, since how vectors are passed depends on the processor.
INLINE double total(const lanes *sums) {
  double sum = 0;
  for (int lane = 0; lane < 8; lane++) sum += (*sums)[lane];
  return sum;
}

// The problem in non-negative numbers, filled up with zeros to a multiple of 8: how far each coordinate may go, what
// it gains by that, and by how much faster than others it moves.
typedef struct {
  const float *weights, *rooms, *speeds;
  size_t count;
} ascent;

typedef struct {
  double saturated, free;
} gains;

// What coordinates that are at the end of their room at t have gained, and the others gain per unit of t.
INLINE void gains_at(const ascent *problem, float t, gains *result) {
  *result = (gains){0, 0};
  for (size_t start = 0; start < problem->count; start += RUN) {
    const size_t end = start + RUN < problem->count ? start + RUN : problem->count;
    lanes saturated = {0};
    lanes free = {0};
    for (size_t i = start; i < end; i += 8) {
      const lanes weight = *(const lanes *)(problem->weights + i);
      const lanes room = *(const lanes *)(problem->rooms + i);
      const lanes speed = *(const lanes *)(problem->speeds + i);
      const bits full = t * speed >= room;
      saturated += (lanes)((bits)(weight * room) & full);
      free += (lanes)((bits)(weight * speed) & ~full);
    }
    result->saturated += total(&saturated);
    result->free += total(&free);
  }
}

// The t at which the moves min(t speed, room) gain `rise`. The gain is concave and made of straight pieces, so that
// Newton's method climbs to it from zero without ever passing it.
INLINE float time_of(const ascent *problem, double rise) {
  float t = 0;
  for (int round = 0; round < 100; round++) {
    gains now;
    gains_at(problem, t, &now);
    if (!(now.free > 0)) break;
    const float next = (float)((rise - now.saturated) / now.free);
    if (!(next > t * 1.0000002f)) break;
    t = next;
  }
  return t;
}

INLINE double gain_from(const float *weights, const float *room_gains, size_t count, float least) {
  double sum = 0;
  for (size_t start = 0; start < count; start += RUN) {
    const size_t end = start + RUN < count ? start + RUN : count;
    lanes part = {0};
    for (size_t i = start; i < end; i += 8) {
      const lanes gain = *(const lanes *)(room_gains + i);
      part += (lanes)((bits)gain & (*(const lanes *)(weights + i) >= least));
    }
    sum += total(&part);
  }
  return sum;
}

// The largest weight such that coordinates of it or more can gain `rise`: bisection on the bits of a positive number
// at most 1, whose order is that of the numbers.
INLINE float least_weight(const float *weights, const float *room_gains, size_t count, double rise) {
  unsigned low = 1, high = 0x3f800001;
  while (high - low > 1) {
    const unsigned middle = low + (high - low) / 2;
    float weight;
    memcpy(&weight, &middle, sizeof weight);
    if (gain_from(weights, room_gains, count, weight) >= rise) {
      low = middle;
    } else {
      high = middle;
    }
  }
  float weight;
  memcpy(&weight, &low, sizeof weight);
  return weight;
}

INLINE float largest_slope(const float *slopes, size_t count) {
  lanes largest = {0};
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const lanes slope = *(const lanes *)(slopes + i);
    const lanes size = CHOOSE(slope < 0, -slope, slope);
    largest = CHOOSE(size > largest, size, largest);
  }
  float result = 0;
  for (int lane = 0; lane < 8; lane++) result = largest[lane] > result ? largest[lane] : result;
  for (; i < count; i++) result = fabsf(slopes[i]) > result ? fabsf(slopes[i]) : result;
  return result;
}

INLINE void prepare(const gibbon_box *box, const float *slopes, int is_up, float largest, float *weights,
                    float *rooms) {
  const float scale = 1 / largest;
  const int is_plain = isfinite(largest) && isfinite(scale);
  for (size_t i = 0; i < box->count; i++) {
    const float slope = slopes[i];
    const float weight = is_plain ? fabsf(slope) * scale
                         : isfinite(largest) ? fabsf(slope) / largest
                         : isinf(slope) ? 1 : 0;
    const float above = box->upper[i] - box->center[i];
    const float below = box->center[i] - box->lower[i];
    const float room = (slope > 0) == is_up ? above : below;
    const int moves = weight > 0 && room > 0;
    weights[i] = moves ? weight : 0;
    rooms[i] = moves ? room : 0;
  }
}

// All that have more than the least weight go to the end; those of that weight share what is missing, in order.
INLINE double fill(const float *weights, const float *rooms, const float *room_gains, size_t count, float least,
                   double rise, float *move) {
  double rest = rise - gain_from(weights, room_gains, count, nextafterf(least, 2));
  double size = 0;
  for (size_t i = 0; i < count; i++) {
    float length = weights[i] > least ? rooms[i] : 0;
    if (weights[i] == least && rest > 0) {
      const double needed = rest / least;
      length = needed < rooms[i] ? (float)needed : rooms[i];
      rest -= (double)least * length;
    }
    move[i] = length;
    size += length;
  }
  return size;
}

INLINE double advance(const ascent *problem, size_t count, float t, gibbon_norm norm, float *move) {
  double size = 0;
  for (size_t i = 0; i < count; i++) {
    const float length = t * problem->speeds[i];
    move[i] = length < problem->rooms[i] ? length : problem->rooms[i];
  }
  if (norm == gibbon_norm_infinity) {
    float largest = 0;
    for (size_t i = 0; i < count; i++) largest = move[i] > largest ? move[i] : largest;
    return largest;
  }
  for (size_t start = 0; start < count; start += RUN) {
    const size_t end = start + RUN < count ? start + RUN : count;
    lanes part = {0};
    size_t i = start;
    for (; i + 8 <= end; i += 8) {
      const lanes length = *(const lanes *)(move + i);
      part += norm == gibbon_norm_two ? length * length : length;
    }
    size += total(&part);
    for (; i < end; i++) size += norm == gibbon_norm_two ? (double)move[i] * move[i] : move[i];
  }
  return norm == gibbon_norm_two ? sqrt(size) : size;
}

GIBBON_CLONES
double gibbon_hyperplane_move(const gibbon_box *box, const float *slopes, double rise, gibbon_norm norm,
                              float *move, float *scratch) {
  const size_t count = box->count;
  const size_t padded = (count + 7) / 8 * 8;
  float *weights = scratch, *rooms = scratch + padded, *third = scratch + 2 * padded;
  const float largest = largest_slope(slopes, count);
  if (!(largest > 0) || rise == 0 || isnan(rise)) {
    memset(move, 0, count * sizeof *move);
    return 0;
  }
  memset(scratch, 0, 3 * padded * sizeof *scratch);
  prepare(box, slopes, rise > 0, largest, weights, rooms);
  const double needed = fabs(rise) / (isfinite(largest) ? largest : 1);

  for (size_t i = 0; i < padded; i += 8) {
    *(lanes *)(third + i) = *(const lanes *)(weights + i) * *(const lanes *)(rooms + i);
  }
  double size;
  if (!(gain_from(weights, third, padded, 0) > needed)) {
    for (size_t i = 0; i < padded; i++) third[i] = rooms[i];
    const ascent problem = {weights, rooms, third, padded};
    size = advance(&problem, count, 1, norm, move);
  } else if (norm == gibbon_norm_one) {
    const float least = least_weight(weights, third, padded, needed);
    size = fill(weights, rooms, third, count, least, needed, move);
  } else {
    if (norm == gibbon_norm_infinity) {
      for (size_t i = 0; i < padded; i++) third[i] = weights[i] > 0 ? 1 : 0;
    }
    const ascent problem = {weights, rooms, norm == gibbon_norm_two ? weights : third, padded};
    size = advance(&problem, count, time_of(&problem, needed), norm, move);
  }
  const int is_up = rise > 0;
  for (size_t i = 0; i < count; i++) move[i] = (slopes[i] > 0) == is_up ? move[i] : -move[i];
  return size;
}

GIBBON_CLONES
static double linear_gain(const float *slopes, const float *start, const float *end, size_t count) {
  wide sums = {0};
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const wide slope = __builtin_convertvector(*(const lanes *)(slopes + i), wide);
    const wide from = __builtin_convertvector(*(const lanes *)(start + i), wide);
    const wide to = __builtin_convertvector(*(const lanes *)(end + i), wide);
    sums += slope * (to - from);
  }
  double sum = 0;
  for (int lane = 0; lane < 8; lane++) sum += sums[lane];
  for (; i < count; i++) sum += (double)slopes[i] * ((double)end[i] - start[i]);
  return sum;
}

INLINE float clamped(float value, float lower, float upper) {
  const float raised = value > lower ? value : lower;
  return raised < upper ? raised : upper;
}

GIBBON_CLONES
static void blend(const gibbon_box *box, const float *point, const float *move, const float *center_move,
                  float bias, float overshoot, float *target) {
  for (size_t i = 0; i < box->count; i++) {
    const float near = point[i] + overshoot * move[i];
    const float far = box->center[i] + overshoot * center_move[i];
    target[i] = clamped((1 - bias) * near + bias * far, box->lower[i], box->upper[i]);
  }
}

double gibbon_boundary_step(const gibbon_box *box, const float *point, const float *slopes, double rise,
                            gibbon_norm norm, double bias, double overshoot, float *target, float *scratch) {
  const size_t room = box->count + 8;
  float *move = scratch, *center_move = scratch + room, *rest = scratch + 2 * room;
  gibbon_box around = *box;
  around.center = point;
  const double gained = linear_gain(slopes, box->center, point, box->count);
  const double near = gibbon_hyperplane_move(&around, slopes, rise, norm, move, rest);
  const double far = gibbon_hyperplane_move(box, slopes, rise + gained, norm, center_move, rest);
  const double weight = fmax(near, 1e-8) / (fmax(near, 1e-8) + fmax(far, 1e-8));
  blend(box, point, move, center_move, (float)fmin(weight, bias), (float)overshoot, target);
  return far;
}
