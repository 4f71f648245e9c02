#ifndef GIBBON_WINDOW_CONVOLUTION_H
#define GIBBON_WINDOW_CONVOLUTION_H

/// Rows and columns from the first to before the last.
typedef struct {
  long top, left, bottom, right;
} gibbon_rectangle;

/// The values of one example, laid out as row, column, channel, with rows and columns of padding around.
typedef struct {
  long channels, height, width;
  long padding_top, padding_left, padding_bottom, padding_right;
} gibbon_map;

/// A convolution of one example with bias and, perhaps, a ReLU.
typedef struct {
  gibbon_map source, target;
  long kernel_height, kernel_width, stride_height, stride_width;
  int relu;
} gibbon_patch_convolution;

/// The smallest rectangle outside which two inputs, laid out as channel, row, column, are equal; NaN differs from all.
gibbon_rectangle gibbon_patch_difference(const float *left, const float *right, long channels, long height,
                                         long width);

/// Copies a rectangle of an input, laid out as channel, row, column, into a map: factor[channel] * x + offset[channel].
void gibbon_patch_enter(const gibbon_map *map, const float *x, const float *factors, const float *offsets,
                        float *target, gibbon_rectangle part);

/// The number of floats of a packed weight.
long gibbon_patch_weight_count(const gibbon_patch_convolution *c);

/// Packs a weight that is laid out as result channel, channel, kernel row, kernel column.
void gibbon_patch_weight(const gibbon_patch_convolution *c, const float *weight, float *packed);

/// The number of floats of working memory.
long gibbon_patch_workspace_count(const gibbon_patch_convolution *c);

/// Computes a rectangle of the result. Each sum is taken in one order, whatever the rectangle.
void gibbon_patch_convolve(const gibbon_patch_convolution *c, const float *source, const float *packed,
                           const float *bias, float *target, gibbon_rectangle part, float *workspace);

/// Computes a rectangle of max pooling without padding, and perhaps a ReLU, with the sizes of a convolution.
void gibbon_patch_pool(const gibbon_patch_convolution *c, const float *source, float *target, gibbon_rectangle part);

/// Copies a rectangle of a map to contiguous memory, or back.
void gibbon_patch_save(const gibbon_map *map, const float *source, float *saved, gibbon_rectangle part);
void gibbon_patch_restore(const gibbon_map *map, const float *saved, float *target, gibbon_rectangle part);

/// Adds to sums the rows of a weight (input, output) times what a rectangle of a map changed: its values less the
/// saved ones, or its values where nothing is saved. Rows are ordered as row, column, channel; outputs are `count`.
void gibbon_patch_accumulate(const gibbon_map *map, const float *values, const float *saved, const float *weight,
                             float *sums, long count, gibbon_rectangle part);

#endif
