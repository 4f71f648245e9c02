// The built-in networks, in safetensors. Their metadata say by which command they were made.

#ifndef CEMBEDDED_NETWORKS_H
#define CEMBEDDED_NETWORKS_H

#include "EmbeddedFile.h"

/// Trained on MNIST without an adversary.
EmbeddedFile embedded_mnist_standard(void) EMBEDDED_FILE_PROPERTY("mnistStandard");

/// Trained on MNIST against changes of up to 0.3 in the maximum norm.
EmbeddedFile embedded_mnist_robust(void) EMBEDDED_FILE_PROPERTY("mnistRobust");

/// Trained on MNIST by interval bounds over changes of up to 0.33 in the maximum norm.
EmbeddedFile embedded_mnist_certified(void) EMBEDDED_FILE_PROPERTY("mnistCertified");

#endif
