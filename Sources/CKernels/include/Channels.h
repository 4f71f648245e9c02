#ifndef GIBBON_CHANNELS_H
#define GIBBON_CHANNELS_H

#include "Layout.h"

/// Sizes and layout of N x C x H x W values whose channels lie in `blocks` blocks of 8 `vectors`.
typedef struct {
  long blocks, vectors, height, width;
  gibbon_layout layout;
} gibbon_image;

/// y = x * values, or x + values, with one of `values` for each channel, for the examples from `first` to before `last`.
/// y has the layout of x and may be x.
void gibbon_channels_combine(const gibbon_image *image, const float *x, const float *values, int multiplies, float *y,
                             long first, long last);

/// The mean over all places for each example and channel, means laid out as example, channel.
void gibbon_spatial_mean(const gibbon_image *image, const float *x, float *means, long first, long last);

/// The gradient of that: each mean divided by the number of places, at every place.
void gibbon_spatial_mean_gradient(const gibbon_image *image, const float *means, float *x, long first, long last);

#endif
