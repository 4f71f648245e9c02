#include <string.h>

#include "CKernels.h"
#include "clones.h"
#include "product.h"

// So many positions of a convolution at once that their windows stay in the second cache.
#define POSITIONS 48

INLINE long row_stride(const gibbon_map *m) {
  return (m->padding_left + m->width + m->padding_right) * m->channels;
}

INLINE long offset(const gibbon_map *m, long row, long column) {
  return (row + m->padding_top) * row_stride(m) + (column + m->padding_left) * m->channels;
}

GIBBON_CLONES
static int rows_differ(const float *left, const float *right, long count) {
  int differ = 0;
  for (long i = 0; i < count; i++) differ |= left[i] != right[i];
  return differ;
}

gibbon_rectangle gibbon_patch_difference(const float *left, const float *right, long channels, long height,
                                         long width) {
  gibbon_rectangle r = {.top = height, .left = width, .bottom = 0, .right = 0};
  for (long channel = 0; channel < channels; channel++) {
    for (long row = 0; row < height; row++) {
      const long at = (channel * height + row) * width;
      if (!rows_differ(left + at, right + at, width)) continue;
      if (row < r.top) r.top = row;
      if (row >= r.bottom) r.bottom = row + 1;
      long first = 0, last = width;
      while (left[at + first] == right[at + first]) first++;
      while (left[at + last - 1] == right[at + last - 1]) last--;
      if (first < r.left) r.left = first;
      if (last > r.right) r.right = last;
    }
  }
  if (r.bottom == 0) r = (gibbon_rectangle){0};
  return r;
}

void gibbon_patch_enter(const gibbon_map *map, const float *x, const float *factors, const float *offsets,
                        float *target, gibbon_rectangle part) {
  const long channels = map->channels;
  for (long row = part.top; row < part.bottom; row++) {
    for (long column = part.left; column < part.right; column++) {
      float *place = target + offset(map, row, column);
      for (long channel = 0; channel < channels; channel++) {
        place[channel] = factors[channel] * x[(channel * map->height + row) * map->width + column] + offsets[channel];
      }
    }
  }
}

INLINE long depth_of(const gibbon_patch_convolution *c) {
  return c->kernel_height * c->kernel_width * c->source.channels;
}

long gibbon_patch_weight_count(const gibbon_patch_convolution *c) {
  return rounded_up(c->target.channels, gibbon_panel_width()) * depth_of(c);
}

void gibbon_patch_weight(const gibbon_patch_convolution *c, const float *weight, float *packed) {
  const long panel = gibbon_panel_width(), depth = depth_of(c), channels = c->source.channels;
  const long area = c->kernel_height * c->kernel_width;
  for (long first = 0; first < c->target.channels; first += panel) {
    for (long k = 0; k < depth; k++) {
      // The depth runs through kernel rows, columns and channels, as windows are gathered.
      const long place = k / channels, channel = k % channels;
      for (long lane = 0; lane < panel; lane++) {
        const long o = first + lane;
        packed[first * depth + k * panel + lane] =
            o < c->target.channels ? weight[(o * channels + channel) * area + place] : 0;
      }
    }
  }
}

long gibbon_patch_workspace_count(const gibbon_patch_convolution *c) {
  return POSITIONS * (depth_of(c) + rounded_up(c->target.channels, gibbon_panel_width()));
}

GIBBON_CLONES
static void finish(const float *sums, const float *bias, float *target, long count, int relu) {
  if (relu) {
    // A NaN stays one.
    for (long i = 0; i < count; i++) {
      const float value = sums[i] + bias[i];
      target[i] = value < 0 ? 0 : value;
    }
  } else {
    for (long i = 0; i < count; i++) target[i] = sums[i] + bias[i];
  }
}

void gibbon_patch_convolve(const gibbon_patch_convolution *c, const float *source, const float *packed,
                           const float *bias, float *target, gibbon_rectangle part, float *workspace) {
  const long depth = depth_of(c), outputs = c->target.channels;
  const long width = rounded_up(outputs, gibbon_panel_width());
  const long run = c->kernel_width * c->source.channels, stride = row_stride(&c->source);
  const long columns = part.right - part.left, count = (part.bottom - part.top) * columns;
  float *sums = workspace + POSITIONS * depth;
  for (long first = 0; first < count; first += POSITIONS) {
    const long last = smaller(first + POSITIONS, count);
    float *window = workspace;
    for (long position = first; position < last; position++) {
      const long row = part.top + position / columns, column = part.left + position % columns;
      const float *corner = source + row * c->stride_height * stride + column * c->stride_width * c->source.channels;
      for (long k = 0; k < c->kernel_height; k++, window += run) memcpy(window, corner + k * stride, sizeof(float) * run);
    }
    gibbon_product(workspace, depth, packed, depth * gibbon_panel_width(), sums, width, last - first, depth, width,
                   packed, 0);
    for (long position = first; position < last; position++) {
      const long row = part.top + position / columns, column = part.left + position % columns;
      finish(sums + (position - first) * width, bias, target + offset(&c->target, row, column), outputs, c->relu);
    }
  }
}

GIBBON_CLONES
void gibbon_patch_pool(const gibbon_patch_convolution *c, const float *source, float *target, gibbon_rectangle part) {
  const long channels = c->source.channels, stride = row_stride(&c->source);
  for (long row = part.top; row < part.bottom; row++) {
    for (long column = part.left; column < part.right; column++) {
      float *place = target + offset(&c->target, row, column);
      const float *corner = source + row * c->stride_height * stride + column * c->stride_width * channels;
      for (long channel = 0; channel < channels; channel++) place[channel] = corner[channel];
      for (long k = 0; k < c->kernel_height; k++) {
        for (long l = 0; l < c->kernel_width; l++) {
          const float *other = corner + k * stride + l * channels;
          // What is not a number wins.
          for (long channel = 0; channel < channels; channel++) {
            const float value = other[channel], best = place[channel];
            place[channel] = value > best || value != value ? value : best;
          }
        }
      }
      if (c->relu) {
        for (long channel = 0; channel < channels; channel++) place[channel] = place[channel] < 0 ? 0 : place[channel];
      }
    }
  }
}

void gibbon_patch_save(const gibbon_map *map, const float *source, float *saved, gibbon_rectangle part) {
  const long run = (part.right - part.left) * map->channels;
  for (long row = part.top; row < part.bottom; row++, saved += run) {
    memcpy(saved, source + offset(map, row, part.left), sizeof(float) * run);
  }
}

void gibbon_patch_restore(const gibbon_map *map, const float *saved, float *target, gibbon_rectangle part) {
  const long run = (part.right - part.left) * map->channels;
  for (long row = part.top; row < part.bottom; row++, saved += run) {
    memcpy(target + offset(map, row, part.left), saved, sizeof(float) * run);
  }
}

// Adds up to four rows at once, so that sums are read and written a quarter as often.
GIBBON_CLONES
static void add_rows(const float *const *rows, const float *factors, float *sums, long count) {
  const float *a = rows[0], *b = rows[1], *c = rows[2], *d = rows[3];
  const float fa = factors[0], fb = factors[1], fc = factors[2], fd = factors[3];
  for (long i = 0; i < count; i++) sums[i] += (fa * a[i] + fb * b[i]) + (fc * c[i] + fd * d[i]);
}

void gibbon_patch_accumulate(const gibbon_map *map, const float *values, const float *saved, const float *weight,
                             float *sums, long count, gibbon_rectangle part) {
  const float *rows[4];
  float factors[4];
  int waiting = 0;
  const long run = (part.right - part.left) * map->channels;
  for (long row = part.top; row < part.bottom; row++) {
    const float *now = values + offset(map, row, part.left);
    const float *from = weight + (row * map->width + part.left) * map->channels * count;
    for (long i = 0; i < run; i++) {
      const float change = saved ? now[i] - saved[i] : now[i];
      if (change == 0) continue;
      rows[waiting] = from + i * count;
      factors[waiting] = change;
      if (++waiting < 4) continue;
      add_rows(rows, factors, sums, count);
      waiting = 0;
    }
    if (saved) saved += run;
  }
  if (waiting == 0) return;
  for (int i = waiting; i < 4; i++) {
    rows[i] = rows[0];
    factors[i] = 0;
  }
  add_rows(rows, factors, sums, count);
}
