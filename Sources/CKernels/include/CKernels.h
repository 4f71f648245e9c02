#ifndef GIBBON_KERNELS_H
#define GIBBON_KERNELS_H

#include <stddef.h>

#include "Channels.h"
#include "Layout.h"
#include "Linear.h"
#include "WindowConvolution.h"
#include "Winograd.h"

/// The processor's name with its family and model, or 0 where it does not tell.
int gibbon_processor(char name[64], int *family, int *model);

/// The number of columns of a matrix product that this processor computes together.
long gibbon_panel_width(void);

/// One step of stochastic gradient descent with momentum and weight decay, in place:
/// g = gradient + decay * parameter; velocity = momentum * velocity + g; parameter -= rate * velocity.
void gibbon_sgd(float *parameter, float *velocity, const float *gradient, size_t count, float rate,
                float momentum, float decay);

/// The same with Nesterov's momentum: parameter -= rate * (g + momentum * velocity).
void gibbon_sgd_nesterov(float *parameter, float *velocity, const float *gradient, size_t count,
                         float rate, float momentum, float decay);

/// One step of Adam in place; the corrections are 1 - beta^t.
void gibbon_adam(float *parameter, float *mean, float *variance, const float *gradient,
                 size_t count, float rate, float beta1, float beta2, float epsilon, float decay,
                 float correction1, float correction2);

/// Whether no value is infinite or NaN.
int gibbon_all_finite(const float *values, size_t count);

/// result = factor * values.
void gibbon_scale(float *result, const float *values, size_t count, float factor);

/// values += factor * direction; the two may be the same.
void gibbon_add_scaled(float *values, const float *direction, size_t count, float factor);

/// average += share * (values - average).
void gibbon_approach(float *average, const float *values, size_t count, float share);

/// Exchanges the values of two places.
void gibbon_exchange(float *left, float *right, size_t count);

/// Sizes of a convolution's input and result, and the layout of its result's gradient, with `blocks` blocks
/// of 8 `vectors` channels. Kernels are at most 8 wide; there is no dilation.
typedef struct {
  long channels, height, width;
  long kernel_height, kernel_width;
  long stride_height, stride_width;
  long padding_height, padding_width;
  long blocks, vectors, result_height, result_width;
  gibbon_layout dy;
} gibbon_convolution;

/// The number of floats that the gradient needs as working memory.
long gibbon_convolution_canvas(const gibbon_convolution *convolution);

/// The gradient with respect to an input of few channels, for the examples from `first` to before `last`.
/// The weight is laid out as channel, result channel, kernel row, and kernel column padded with zeros to 8;
/// dx as example, channel, row, column.
void gibbon_convolution_input_gradient(const gibbon_convolution *convolution, const float *dy,
                                       const float *weight, float *canvas, float *dx, long first,
                                       long last);

/// Sizes and layouts of a pooling, with `blocks` blocks of 8 `vectors` channels.
typedef struct {
  long blocks, vectors;
  long height, width, result_height, result_width;
  long kernel_height, kernel_width;
  long stride_height, stride_width;
  long padding_height, padding_width;
  gibbon_layout x, y;
  /// Whether a ReLU follows: then y has zeros for what is not above zero, and no winner there.
  int relu;
} gibbon_pooling;

/// Max pooling of the examples from `first` to before `last`. Unless it is null, `winners` receives, at the
/// places of y, which position of the window held the largest value; windows have at most 255 positions.
void gibbon_max_pooling(const gibbon_pooling *pooling, const float *x, float *y, unsigned char *winners,
                        long first, long last);

/// The gradient of max pooling with respect to x, from the winners.
void gibbon_max_pooling_gradient(const gibbon_pooling *pooling, const float *dy,
                                 const unsigned char *winners, float *dx, long first, long last);

/// `count` rows of `depth` values times a matrix, in double precision. The matrix lies in panels of eight columns, each row
/// after row, the last filled up; the result has `count` rows of `columns` values.
void gibbon_double_product(const double *rows, long count, long depth, const double *panels, long columns,
                           double *result);

#endif
