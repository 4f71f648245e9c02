#ifndef GIBBON_HOST_H
#define GIBBON_HOST_H

#include <stddef.h>

/// One step of stochastic gradient descent with momentum and weight decay, in place:
/// g = gradient + decay * parameter; velocity = momentum * velocity + g; parameter -= rate * velocity.
void gibbon_sgd(float *parameter, float *velocity, const float *gradient, size_t count, float rate,
                float momentum, float decay);

/// One step of Adam in place; the corrections are 1 - beta^t.
void gibbon_adam(float *parameter, float *mean, float *variance, const float *gradient,
                 size_t count, float rate, float beta1, float beta2, float epsilon, float decay,
                 float correction1, float correction2);

/// Sizes of a convolution and distances, in floats, between neighbours of its result's gradient. Channels
/// come in blocks of 16 neighbours.
typedef struct {
  long channels, height, width;
  long kernel_height, kernel_width;
  long stride_height, stride_width;
  long padding_height, padding_width;
  long dilation_height, dilation_width;
  long result_blocks, result_height, result_width;
  long result_example_stride, result_block_stride, result_row_stride, result_column_stride;
} gibbon_convolution;

/// The gradient with respect to an input of few channels, for the examples from `first` to before `last`.
/// The weight is laid out as channel, kernel row, kernel column, result channel; dx as example, channel,
/// row, column.
void gibbon_convolution_input_gradient(const gibbon_convolution *convolution, const float *dy,
                                       const float *weight, float *dx, long first, long last);

#endif
