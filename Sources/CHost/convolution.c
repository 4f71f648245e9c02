#include "CHost.h"

#include "clones.h"

// Sixteen result channels at once; the compiler splits the vector where registers are narrower.
typedef float lanes __attribute__((vector_size(64), aligned(4)));

// The numbers of kernel positions that reach an input position are few for strided convolutions, so the
// loops run over kernel positions and ask which result position each comes from.
GIBBON_CLONES
void gibbon_convolution_input_gradient(const gibbon_convolution *convolution, const float *dy,
                                       const float *weight, float *dx, long first, long last) {
  const gibbon_convolution c = *convolution;
  const long depth = 16 * c.result_blocks;
  for (long example = first; example < last; example++) {
    const float *source = dy + example * c.result_example_stride;
    for (long channel = 0; channel < c.channels; channel++) {
      const float *filter = weight + channel * c.kernel_height * c.kernel_width * depth;
      float *target = dx + (example * c.channels + channel) * c.height * c.width;
      for (long row = 0; row < c.height; row++) {
        for (long column = 0; column < c.width; column++) {
          lanes sum = {0};
          lanes other = {0};
          for (long i = 0; i < c.kernel_height; i++) {
            const long scaled_row = row + c.padding_height - i * c.dilation_height;
            if (scaled_row < 0 || scaled_row % c.stride_height != 0) continue;
            const long result_row = scaled_row / c.stride_height;
            if (result_row >= c.result_height) continue;
            for (long j = 0; j < c.kernel_width; j++) {
              const long scaled_column = column + c.padding_width - j * c.dilation_width;
              if (scaled_column < 0 || scaled_column % c.stride_width != 0) continue;
              const long result_column = scaled_column / c.stride_width;
              if (result_column >= c.result_width) continue;
              const float *values =
                  source + result_row * c.result_row_stride + result_column * c.result_column_stride;
              const float *weights = filter + (i * c.kernel_width + j) * depth;
              long block = 0;
              for (; block + 1 < c.result_blocks; block += 2) {
                sum += *(const lanes *)(values + block * c.result_block_stride) *
                       *(const lanes *)(weights + 16 * block);
                other += *(const lanes *)(values + (block + 1) * c.result_block_stride) *
                         *(const lanes *)(weights + 16 * block + 16);
              }
              if (block < c.result_blocks) {
                sum += *(const lanes *)(values + block * c.result_block_stride) *
                       *(const lanes *)(weights + 16 * block);
              }
            }
          }
          sum += other;
          float total = 0;
          for (int half = 8; half > 0; half /= 2) {
            for (int lane = 0; lane < half; lane++) sum[lane] += sum[lane + half];
          }
          total = sum[0];
          target[row * c.width + column] = total;
        }
      }
    }
  }
}
