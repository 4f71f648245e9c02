#ifndef GIBBON_MINIMAL_FILTERING_H
#define GIBBON_MINIMAL_FILTERING_H

// Winograd's transforms in one dimension, on vectors of 8 channels at given distances (in floats). The points of
// interpolation are 0, 1, -1, 2, -2, 1/2, -1/2 and infinity, as many as a window has positions.

#include "clones.h"
#include "lanes.h"

INLINE void spread_4(const float *x, long step, float *v, long stride) {
  const lanes x0 = *(const lanes *)x, x1 = *(const lanes *)(x + step);
  const lanes x2 = *(const lanes *)(x + 2 * step), x3 = *(const lanes *)(x + 3 * step);
  *(lanes *)v = x0 - x2;
  *(lanes *)(v + stride) = x1 + x2;
  *(lanes *)(v + 2 * stride) = x2 - x1;
  *(lanes *)(v + 3 * stride) = x3 - x1;
}

INLINE void spread_6(const float *x, long step, float *v, long stride) {
  const lanes x0 = *(const lanes *)x, x1 = *(const lanes *)(x + step);
  const lanes x2 = *(const lanes *)(x + 2 * step), x3 = *(const lanes *)(x + 3 * step);
  const lanes x4 = *(const lanes *)(x + 4 * step), x5 = *(const lanes *)(x + 5 * step);
  const lanes even1 = x4 - 4 * x2, odd1 = x3 - 4 * x1;
  const lanes even2 = x4 - x2, odd2 = 2 * (x3 - x1);
  *(lanes *)v = 4 * x0 - 5 * x2 + x4;
  *(lanes *)(v + stride) = even1 + odd1;
  *(lanes *)(v + 2 * stride) = even1 - odd1;
  *(lanes *)(v + 3 * stride) = even2 + odd2;
  *(lanes *)(v + 4 * stride) = even2 - odd2;
  *(lanes *)(v + 5 * stride) = 4 * x1 - 5 * x3 + x5;
}

INLINE void spread_8(const float *x, long step, float *v, long stride) {
  const lanes x0 = *(const lanes *)x, x1 = *(const lanes *)(x + step);
  const lanes x2 = *(const lanes *)(x + 2 * step), x3 = *(const lanes *)(x + 3 * step);
  const lanes x4 = *(const lanes *)(x + 4 * step), x5 = *(const lanes *)(x + 5 * step);
  const lanes x6 = *(const lanes *)(x + 6 * step), x7 = *(const lanes *)(x + 7 * step);
  const lanes even1 = x2 + x6 - 4.25f * x4, odd1 = x1 + x5 - 4.25f * x3;
  const lanes even2 = x6 + 0.25f * x2 - 1.25f * x4, odd2 = 0.5f * x1 - 2.5f * x3 + 2 * x5;
  const lanes even3 = x6 + 4 * x2 - 5 * x4, odd3 = 2 * x1 - 2.5f * x3 + 0.5f * x5;
  *(lanes *)v = x0 - x6 + 5.25f * (x4 - x2);
  *(lanes *)(v + stride) = even1 + odd1;
  *(lanes *)(v + 2 * stride) = even1 - odd1;
  *(lanes *)(v + 3 * stride) = even2 + odd2;
  *(lanes *)(v + 4 * stride) = even2 - odd2;
  *(lanes *)(v + 5 * stride) = even3 + odd3;
  *(lanes *)(v + 6 * stride) = even3 - odd3;
  *(lanes *)(v + 7 * stride) = x7 - x1 + 5.25f * (x3 - x5);
}

// Back to `tile` results from a window of `window` positions.
INLINE void collect(const float *m, long step, float *y, long stride, const int window, const int tile) {
  const int pairs = (window - 2) / 2;
  lanes sums[3], differences[3];
#pragma unroll
  for (int pair = 0; pair < pairs; pair++) {
    const lanes plus = *(const lanes *)(m + (1 + 2 * pair) * step);
    const lanes minus = *(const lanes *)(m + (2 + 2 * pair) * step);
    sums[pair] = plus + minus;
    differences[pair] = plus - minus;
  }
  float second = 1, third = 1;
#pragma unroll
  for (int i = 0; i < tile; i++) {
    lanes result = i % 2 == 0 ? sums[0] : differences[0];
    if (pairs > 1) result += second * (i % 2 == 0 ? sums[1] : differences[1]);
    if (pairs > 2) result += third * (i % 2 == 0 ? sums[2] : differences[2]);
    if (i == 0) result += *(const lanes *)m;
    if (i == tile - 1) result += *(const lanes *)(m + (window - 1) * step);
    *(lanes *)(y + i * stride) = result;
    second *= 2;
    third *= 0.5f;
  }
}

#endif
