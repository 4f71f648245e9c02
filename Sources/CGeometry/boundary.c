#include "Boundary.h"

#include <math.h>
#include <string.h>

#include "clones.h"
#include "lanes.h"

// Sums are added up in one order, without contraction, so that every clone rounds alike.
#pragma STDC FP_CONTRACT OFF

// Every step is d = clamp(h(k slopes, way), low, high), where way leads back to the example: the Lagrangian's minimum with
// k from the plane's multiplier and s from the trust region's.
//   Euclidean length:   h = s way + k slopes, with s from 0 to 1
//   largest magnitude:  h = k slopes, within s of way
//   sum of magnitudes:  h = way where |way - k slopes| <= s, else k slopes moved by s toward way
//   pixels:             h = way where |way - k slopes|^2, summed over the pixel, is at most s^2, else k slopes
// Without a pull toward the example all are clamp(k slopes, low, high), the shortest step onto the plane.

#define CHOOSE(condition, yes, no) ((lanes)(((bits)(yes) & (condition)) | ((bits)(no) & ~(condition))))
#define LESS(a, b) CHOOSE((a) < (b), a, b)
#define MORE(a, b) CHOOSE((a) > (b), a, b)

// Single precision adds up this many values at most before it hands on to double precision.
enum { RUN = 512 };

typedef enum { plain, pull_two, pull_infinity, pull_one, pull_zero } pull;

// Arrays filled up with zeros to a multiple of 8.
typedef struct {
  const float *slopes, *way, *low, *high;
  // Sums over a pixel's channels of way^2, way slopes and slopes^2; for `pull_zero` alone.
  const float *ways, *mixed, *steep;
  size_t count;
} plane;

typedef struct {
  // slopes . d, how much of it a unit of k adds, and |d|^2.
  double gain, rate, square;
} sums;

INLINE void add_up(const lanes *part, double *sum) {
  for (int lane = 0; lane < 8; lane++) *sum += (*part)[lane];
}

INLINE void step_at(const plane *problem, pull kind, float k, float s, size_t i, lanes *step, bits *is_free) {
  const lanes slope = *(const lanes *)(problem->slopes + i);
  const lanes way = *(const lanes *)(problem->way + i);
  lanes low = *(const lanes *)(problem->low + i);
  lanes high = *(const lanes *)(problem->high + i);
  const lanes along = k * slope;
  lanes aim = along;
  bits moves = (bits)(low == low);
  if (kind == pull_two) aim = along + s * way;
  if (kind == pull_infinity) {
    low = MORE(low, way - s);
    high = LESS(high, way + s);
  }
  if (kind == pull_one) {
    const lanes gap = way - along;
    moves = (bits)((gap > s) | (gap < -s));
    aim = CHOOSE(moves, along + CHOOSE(gap > s, (lanes){0} + s, (lanes){0} - s), way);
  }
  if (kind == pull_zero) {
    const lanes ways = *(const lanes *)(problem->ways + i);
    const lanes mixed = *(const lanes *)(problem->mixed + i);
    const lanes steep = *(const lanes *)(problem->steep + i);
    moves = (bits)(ways - 2 * k * mixed + k * k * steep > s * s);
    aim = CHOOSE(moves, along, way);
  }
  *is_free = moves & (bits)((aim > low) & (aim < high));
  *step = LESS(MORE(aim, low), high);
}

INLINE void sums_at(const plane *problem, pull kind, float k, float s, sums *result) {
  *result = (sums){0, 0, 0};
  for (size_t start = 0; start < problem->count; start += RUN) {
    const size_t end = start + RUN < problem->count ? start + RUN : problem->count;
    lanes gain = {0}, rate = {0}, square = {0};
    for (size_t i = start; i < end; i += 8) {
      const lanes slope = *(const lanes *)(problem->slopes + i);
      lanes step;
      bits is_free;
      step_at(problem, kind, k, s, i, &step, &is_free);
      gain += slope * step;
      rate += (lanes)((bits)(slope * slope) & is_free);
      square += step * step;
    }
    add_up(&gain, &result->gain);
    add_up(&rate, &result->rate);
    add_up(&square, &result->square);
  }
}

// The k at which the gain is `rise`: Newton's method in a bracket that doubles until it holds the solution. The gain
// never falls as k grows. Returns whether there is one.
INLINE int solve(const plane *problem, pull kind, float s, double rise, double tolerance, double unit, float *k,
                 sums *found) {
  double low = -INFINITY, high = INFINITY, width = unit;
  double at = *k;
  for (int round = 0; round < 60; round++) {
    sums_at(problem, kind, (float)at, s, found);
    const double error = found->gain - rise;
    *k = (float)at;
    if (fabs(error) <= tolerance) return 1;
    if (error < 0) low = at; else high = at;
    double next = found->rate > 0 ? at - error / found->rate : NAN;
    const int is_inside = next > low && next < high;
    if (!is_inside || round > 12) {
      if (isinf(high)) next = at + width, width *= 4;
      else if (isinf(low)) next = at - width, width *= 4;
      else next = low + (high - low) / 2;
    }
    if (fabs(next) > 1e12 * unit) return 0;
    if (!isinf(low) && !isinf(high) && high - low <= 1e-7 * (fabs(low) + fabs(high))) return kind == pull_zero;
    at = next;
  }
  return kind == pull_zero;
}

INLINE void write(const gibbon_boundary *of, const plane *problem, pull kind, float k, float s, float *target) {
  const size_t count = of->pixels * of->channels;
  for (size_t i = 0; i < problem->count; i += 8) {
    lanes step;
    bits is_free;
    step_at(problem, kind, k, s, i, &step, &is_free);
    const size_t end = i + 8 < count ? i + 8 : count;
    for (size_t j = i; j < end; j++) {
      // All the way back is the example itself, to the bit.
      const float value = step[j - i] == problem->way[j] ? of->center[j] : of->point[j] + step[j - i];
      const float raised = value > of->lower[j] ? value : of->lower[j];
      target[j] = raised < of->upper[j] ? raised : of->upper[j];
    }
  }
}

// The longest step along the slopes within the trust region and the box, at most up to `k`.
INLINE float shortened(const plane *problem, float k, double trust, double unit) {
  double low = 0, high = k;
  if (isinf(high) || isnan(high)) high = k < 0 ? -1e6 * unit : 1e6 * unit;
  sums found;
  for (int round = 0; round < 30; round++) {
    const double middle = low + (high - low) / 2;
    sums_at(problem, plain, (float)middle, 0, &found);
    if (found.square <= trust * trust) low = middle; else high = middle;
  }
  return (float)low;
}

INLINE double prepare(const gibbon_boundary *of, plane *problem, float *scratch) {
  const size_t count = of->pixels * of->channels;
  const size_t padded = (count + 7) / 8 * 8;
  memset(scratch, 0, 7 * padded * sizeof *scratch);
  float *slopes = scratch, *way = scratch + padded, *low = way + padded, *high = low + padded;
  double square = 0;
  for (size_t i = 0; i < count; i++) {
    slopes[i] = isfinite(of->slopes[i]) ? of->slopes[i] : 0;
    way[i] = of->center[i] - of->point[i];
    low[i] = of->lower[i] - of->point[i];
    high[i] = of->upper[i] - of->point[i];
    square += (double)slopes[i] * slopes[i];
  }
  *problem = (plane){slopes, way, low, high, high + padded, high + 2 * padded, high + 3 * padded, padded};
  return square;
}

INLINE void prepare_pixels(const gibbon_boundary *of, const plane *problem) {
  float *ways = (float *)problem->ways, *mixed = (float *)problem->mixed, *steep = (float *)problem->steep;
  for (size_t pixel = 0; pixel < of->pixels; pixel++) {
    float all[3] = {0, 0, 0};
    for (size_t c = 0; c < of->channels; c++) {
      const float slope = problem->slopes[c * of->pixels + pixel], way = problem->way[c * of->pixels + pixel];
      all[0] += way * way, all[1] += way * slope, all[2] += slope * slope;
    }
    for (size_t c = 0; c < of->channels; c++) {
      const size_t i = c * of->pixels + pixel;
      ways[i] = all[0], mixed[i] = all[1], steep[i] = all[2];
    }
  }
}

INLINE double longest(const plane *problem) {
  float result = 0;
  for (size_t i = 0; i < problem->count; i++) {
    result = fabsf(problem->way[i]) > result ? fabsf(problem->way[i]) : result;
  }
  return result;
}

// Fixes the pixels that the dual solution puts back, and moves the others by the shortest step onto the plane.
INLINE void round_off(const gibbon_boundary *of, const plane *problem, float k, float s, double tolerance, double unit,
                      float *target) {
  float *low = (float *)problem->low, *high = (float *)problem->high;
  for (size_t i = 0; i < problem->count; i++) {
    const float gap = problem->ways[i] - 2 * k * problem->mixed[i] + k * k * problem->steep[i];
    if (gap <= s * s) low[i] = high[i] = problem->way[i];
  }
  sums found;
  if (!solve(problem, plain, 0, of->rise, tolerance, unit, &k, &found) || found.square > of->trust * of->trust) {
    // As far as the trust region goes, measured by the others alone.
    sums fixed;
    sums_at(problem, plain, 0, 0, &fixed);
    const double rest = of->trust * of->trust;
    k = shortened(problem, k, sqrt(rest > fixed.square ? rest : fixed.square), unit);
  }
  write(of, problem, plain, k, 0, target);
}

GIBBON_CLONES
void gibbon_boundary_follow(const gibbon_boundary *of, gibbon_nearness nearness, float *target, float *scratch) {
  plane problem;
  const double steepness = prepare(of, &problem, scratch);
  if (!(steepness > 0) || isnan(of->rise)) {
    memcpy(target, of->point, of->pixels * of->channels * sizeof *target);
    return;
  }
  const double most = of->trust * of->trust;
  const double far = longest(&problem);
  const double unit = (fabs(of->rise) + far * sqrt(steepness)) / steepness;
  // What sums in single precision leave of a step as long as the trust region.
  const double tolerance = 1e-4 * fabs(of->rise) + 3e-6 * of->trust * sqrt(steepness);
  float k = (float)(of->rise / steepness);
  sums found;
  if (!solve(&problem, plain, 0, of->rise, tolerance, unit, &k, &found) || found.square > most) {
    write(of, &problem, plain, shortened(&problem, k, of->trust, unit), 0, target);
    return;
  }
  const pull kind = nearness == gibbon_near_two        ? pull_two
                    : nearness == gibbon_near_infinity ? pull_infinity
                    : nearness == gibbon_near_one      ? pull_one
                                                       : pull_zero;
  if (kind == pull_zero) prepare_pixels(of, &problem);
  // How hard the pull is, as a share; `best` fulfils everything.
  float best_k = k, best = 0;
  double low = 0, high = 1;
  const int is_scaled = kind == pull_one || kind == pull_zero;
  for (int round = 0; round < 18 && far > 0; round++) {
    const double share = round == 0 ? 1 : low + (high - low) / 2;
    const double strength = is_scaled ? far * share / fmax(1.0001 - share, 1e-4)
                            : kind == pull_infinity ? far * (1 - share)
                                                    : share;
    float trial = best_k;
    if (solve(&problem, kind, (float)strength, of->rise, tolerance, unit, &trial, &found) && found.square <= most) {
      best_k = trial, best = (float)strength, low = share;
      if (round == 0) break;
    } else {
      high = share;
    }
  }
  if (low == 0) {
    write(of, &problem, plain, k, 0, target);
  } else if (kind == pull_zero) {
    round_off(of, &problem, best_k, best, tolerance, unit, target);
  } else {
    write(of, &problem, kind, best_k, best, target);
  }
}
