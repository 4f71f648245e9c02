#include "CKernels.h"

#include <math.h>

#include "clones.h"
#include "lanes.h"

// Without contraction every clone rounds alike, so that training does not depend on the processor.
#pragma STDC FP_CONTRACT OFF

GIBBON_CLONES
void gibbon_sgd(float *parameter, float *velocity, const float *gradient, size_t count, float rate,
                float momentum, float decay) {
  for (size_t i = 0; i < count; i++) {
    float slope = gradient[i] + decay * parameter[i];
    velocity[i] = momentum * velocity[i] + slope;
    parameter[i] -= rate * velocity[i];
  }
}

GIBBON_CLONES
void gibbon_sgd_nesterov(float *parameter, float *velocity, const float *gradient, size_t count,
                         float rate, float momentum, float decay) {
  for (size_t i = 0; i < count; i++) {
    float slope = gradient[i] + decay * parameter[i];
    velocity[i] = momentum * velocity[i] + slope;
    parameter[i] -= rate * (slope + momentum * velocity[i]);
  }
}

GIBBON_CLONES
int gibbon_all_finite(const float *values, size_t count) {
  // Zero times anything finite is zero; times anything else it is NaN, which stays.
  lanes sum = {0};
  size_t i = 0;
  for (; i + 8 <= count; i += 8) sum += *(const lanes *)(values + i) * 0;
  for (; i < count; i++) sum[0] += values[i] * 0;
  for (int lane = 0; lane < 8; lane++) {
    if (sum[lane] != 0) return 0;
  }
  return 1;
}

GIBBON_CLONES
void gibbon_adam(float *parameter, float *mean, float *variance, const float *gradient,
                 size_t count, float rate, float beta1, float beta2, float epsilon, float decay,
                 float correction1, float correction2) {
  float step = rate / correction1;
  for (size_t i = 0; i < count; i++) {
    float slope = gradient[i] + decay * parameter[i];
    mean[i] = beta1 * mean[i] + (1 - beta1) * slope;
    variance[i] = beta2 * variance[i] + (1 - beta2) * slope * slope;
    parameter[i] -= step * mean[i] / (sqrtf(variance[i] / correction2) + epsilon);
  }
}

GIBBON_CLONES
void gibbon_scale(float *result, const float *values, size_t count, float factor) {
  for (size_t i = 0; i < count; i++) result[i] = factor * values[i];
}

GIBBON_CLONES
void gibbon_add_scaled(float *values, const float *direction, size_t count, float factor) {
  for (size_t i = 0; i < count; i++) values[i] += factor * direction[i];
}

GIBBON_CLONES
void gibbon_approach(float *average, const float *values, size_t count, float share) {
  for (size_t i = 0; i < count; i++) average[i] += share * (values[i] - average[i]);
}

GIBBON_CLONES
void gibbon_exchange(float *left, float *right, size_t count) {
  for (size_t i = 0; i < count; i++) {
    float value = left[i];
    left[i] = right[i];
    right[i] = value;
  }
}
