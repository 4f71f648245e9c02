#include "CKernels.h"

#include <string.h>

#include "clones.h"
#include "lanes.h"

// The n-th column to be visited: 0, 8, 16, ..., 1, 9, 17, ... Neighbours overlap on the canvas, and reading
// what has just been written in other pieces stalls the processor.
INLINE long visited(long n, long width) {
  const long longer = width % 8, per_phase = width / 8 + 1;
  const long phase = n < longer * per_phase ? n / per_phase
                                            : longer + (n - longer * per_phase) / (per_phase - 1);
  const long before = phase < longer ? phase * per_phase
                                     : longer * per_phase + (phase - longer) * (per_phase - 1);
  return phase + 8 * (n - before);
}

// A row of the kernel, padded with zeros, makes one vector. Adds to the canvas what some rows of the kernel make of one row of dy. The number of kernel rows is known
// to the compiler, so that the sums over the channels stay in registers; two columns share what is loaded.
INLINE void spread(const gibbon_convolution *c, const float *dy, const float *weight, float *canvas,
                   long width, const int rows) {
  for (long n = 0; n < c->result_width; n += 2) {
    const int single = n + 1 == c->result_width;
    const long left = visited(n, c->result_width);
    const long right = single ? left : visited(n + 1, c->result_width);
    lanes sums[6] = {0}, others[6] = {0};
    const float *weights = weight;
    for (long block = 0; block < c->blocks; block++) {
      const float *values = dy + block * c->dy.block + left * c->dy.column;
      const long distance = (right - left) * c->dy.column;
      for (long channel = 0; channel < 8 * c->vectors; channel++) {
        const float a = values[channel], b = values[channel + distance];
        for (int row = 0; row < rows; row++) {
          const lanes taps = *(const lanes *)(weights + 8 * row);
          sums[row] += a * taps;
          others[row] += b * taps;
        }
        weights += 8 * c->kernel_height;
      }
    }
    for (int row = 0; row < rows; row++) {
      *(lanes *)(canvas + row * width + left * c->stride_width) += sums[row];
    }
    if (single) continue;
    for (int row = 0; row < rows; row++) {
      *(lanes *)(canvas + row * width + right * c->stride_width) += others[row];
    }
  }
}

// The canvas has every position that a kernel row of eight reaches, padding included.
INLINE long canvas_height(const gibbon_convolution *c) {
  return larger(c->height + c->padding_height,
                 (c->result_height - 1) * c->stride_height + c->kernel_height);
}

INLINE long canvas_width(const gibbon_convolution *c) {
  return larger(c->width + c->padding_width, (c->result_width - 1) * c->stride_width + 8);
}

long gibbon_convolution_canvas(const gibbon_convolution *convolution) {
  return canvas_height(convolution) * canvas_width(convolution);
}

GIBBON_CLONES
void gibbon_convolution_input_gradient(const gibbon_convolution *convolution, const float *dy,
                                       const float *weight, float *canvas, float *dx, long first,
                                       long last) {
  const gibbon_convolution c = *convolution;
  const long height = canvas_height(&c), width = canvas_width(&c);
  for (long example = first; example < last; example++) {
    for (long channel = 0; channel < c.channels; channel++) {
      memset(canvas, 0, sizeof(float) * height * width);
      const float *filter = weight + channel * 64 * c.blocks * c.vectors * c.kernel_height;
      for (long row = 0; row < c.result_height; row++) {
        const float *source = dy + example * c.dy.example + row * c.dy.row;
        for (long i = 0; i < c.kernel_height;) {
          float *target = canvas + (row * c.stride_height + i) * width;
          const long left = c.kernel_height - i;
          const float *taps = filter + 8 * i;
          switch (left) {
            case 1: spread(&c, source, taps, target, width, 1); break;
            case 2: spread(&c, source, taps, target, width, 2); break;
            case 3: spread(&c, source, taps, target, width, 3); break;
            case 4: spread(&c, source, taps, target, width, 4); break;
            case 5: spread(&c, source, taps, target, width, 5); break;
            default: spread(&c, source, taps, target, width, 4); break;
          }
          i += left <= 5 ? left : 4;
        }
      }
      float *target = dx + (example * c.channels + channel) * c.height * c.width;
      for (long row = 0; row < c.height; row++) {
        memcpy(target + row * c.width, canvas + (row + c.padding_height) * width + c.padding_width,
               sizeof(float) * c.width);
      }
    }
  }
}
