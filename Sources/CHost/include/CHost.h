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

#endif
