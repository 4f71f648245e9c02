#include "CKernels.h"

#include <string.h>

#include "clones.h"
#include "product.h"
#include "winograd_layout.h"

// As many results at once as the widest panel has.
#define WIDTH 32

// The taps of a panel's results for one channel, of which some may be missing.
INLINE void gather(const gibbon_winograd *w, const float *weight, int is_transposed, long channel, long result,
                   long count, double (*taps)[WIDTH]) {
  const long area = w->kernel * w->kernel;
  const long step = (is_transposed ? 1 : w->channels) * area;
  const float *source = weight + (is_transposed ? channel * w->results + result : result * w->channels + channel) * area;
  memset(taps, 0, sizeof *taps * area);
  for (long lane = 0; lane < count; lane++) {
    for (long i = 0; i < area; i++) taps[i][lane] = source[lane * step + (is_transposed ? area - 1 - i : i)];
  }
}

// Eight results in double precision, and as they are stored.
typedef double wide __attribute__((vector_size(64), aligned(8)));
typedef float narrow __attribute__((vector_size(32)));

INLINE void store(float *target, const wide *value, int bypasses_cache) {
  const narrow rounded = __builtin_convertvector(*value, narrow);
#if defined(__clang__)
  if (bypasses_cache) {
    __builtin_nontemporal_store(rounded, (narrow *)target);
    return;
  }
#endif
  *(narrow *)target = rounded;
}

INLINE void transform(const gibbon_winograd *w, const float *weight, int is_transposed, float *transformed, long first,
                      long last, const int kernel) {
  const long window = w->tile + kernel - 1, panel = gibbon_panel_width();
  const long count = gibbon_winograd_weight_count(w), slice = count / (window * window);
  // Larger weights leave the cache before they are used, and would push everything else out.
  const int bypasses_cache = count > (2 << 20);
  double factors[8][5], taps[25][WIDTH];
  wide half[5];
  for (long position = 0; position < window; position++) winograd_factors(factors[position], kernel, window, position);
  for (long part = first; part < last; part++) {
    for (long channel = 0; channel < w->channels; channel++) {
      gather(w, weight, is_transposed, channel, part * panel, smaller(panel, w->results - part * panel), taps);
      float *target = transformed + (part * w->channels + channel) * panel;
      for (long i = 0; i < window; i++) {
        for (long lane = 0; lane < panel; lane += 8) {
          for (long k = 0; k < kernel; k++) {
            half[k] = factors[i][0] * *(const wide *)&taps[k][lane];
            for (long j = 1; j < kernel; j++) half[k] += factors[i][j] * *(const wide *)&taps[j * kernel + k][lane];
          }
          for (long j = 0; j < window; j++) {
            wide sum = half[0] * factors[j][0];
            for (long k = 1; k < kernel; k++) sum += half[k] * factors[j][k];
            store(target + (i * window + j) * slice + lane, &sum, bypasses_cache);
          }
        }
      }
    }
  }
}

GIBBON_CLONES
void gibbon_winograd_weight(const gibbon_winograd *winograd, const float *weight, int is_transposed,
                            float *transformed, long first, long last) {
  const gibbon_winograd w = *winograd;
  if (w.kernel == 3) transform(&w, weight, is_transposed, transformed, first, last, 3);
  else transform(&w, weight, is_transposed, transformed, first, last, 5);
}
