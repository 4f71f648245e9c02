#include "CKernels.h"

#include "clones.h"
#include "lanes.h"

INLINE void combine(const gibbon_image *m, const float *x, const float *values, float *y, long first, long last,
                    const int multiplies) {
  for (long part = first * m->blocks; part < last * m->blocks; part++) {
    const long block = part % m->blocks;
    const long start = part / m->blocks * m->layout.example + block * m->layout.block;
    const float *own = values + block * m->vectors * 8;
    for (long row = 0; row < m->height; row++) {
      for (long column = 0; column < m->width; column++) {
        const long at = start + row * m->layout.row + column * m->layout.column;
        for (long i = 0; i < m->vectors * 8; i += 8) {
          const lanes value = *(const lanes *)(x + at + i), other = *(const lanes *)(own + i);
          *(lanes *)(y + at + i) = multiplies ? value * other : value + other;
        }
      }
    }
  }
}

GIBBON_CLONES
void gibbon_channels_combine(const gibbon_image *image, const float *x, const float *values, int multiplies, float *y,
                             long first, long last) {
  const gibbon_image m = *image;
  if (multiplies) combine(&m, x, values, y, first, last, 1);
  else combine(&m, x, values, y, first, last, 0);
}

GIBBON_CLONES
void gibbon_spatial_mean(const gibbon_image *image, const float *x, float *means, long first, long last) {
  const gibbon_image m = *image;
  const float share = 1 / (float)(m.height * m.width);
  for (long vector = first * m.blocks * m.vectors; vector < last * m.blocks * m.vectors; vector++) {
    const long block = vector / m.vectors;
    const float *source = x + block / m.blocks * m.layout.example + block % m.blocks * m.layout.block +
                          vector % m.vectors * 8;
    lanes sum = {0};
    for (long row = 0; row < m.height; row++) {
      lanes part = {0};
      for (long column = 0; column < m.width; column++) {
        part += *(const lanes *)(source + row * m.layout.row + column * m.layout.column);
      }
      sum += part;
    }
    *(lanes *)(means + vector * 8) = sum * share;
  }
}

GIBBON_CLONES
void gibbon_spatial_mean_gradient(const gibbon_image *image, const float *means, float *x, long first, long last) {
  const gibbon_image m = *image;
  const float share = 1 / (float)(m.height * m.width);
  for (long part = first * m.blocks; part < last * m.blocks; part++) {
    const long start = part / m.blocks * m.layout.example + part % m.blocks * m.layout.block;
    for (long row = 0; row < m.height; row++) {
      for (long column = 0; column < m.width; column++) {
        float *target = x + start + row * m.layout.row + column * m.layout.column;
        for (long i = 0; i < m.vectors * 8; i += 8) {
          *(lanes *)(target + i) = *(const lanes *)(means + part * m.vectors * 8 + i) * share;
        }
      }
    }
  }
}
