// The MNIST database of handwritten digits: four gzipped IDX files. See mnist/LICENSE.md.

#ifndef CEMBEDDED_MNIST_H
#define CEMBEDDED_MNIST_H

#include "EmbeddedFile.h"

/// 60,000 training images.
EmbeddedFile embedded_mnist_train_images(void) EMBEDDED_FILE_PROPERTY("mnistTrainImages");

/// The labels of the training images.
EmbeddedFile embedded_mnist_train_labels(void) EMBEDDED_FILE_PROPERTY("mnistTrainLabels");

/// 10,000 test images.
EmbeddedFile embedded_mnist_test_images(void) EMBEDDED_FILE_PROPERTY("mnistTestImages");

/// The labels of the test images.
EmbeddedFile embedded_mnist_test_labels(void) EMBEDDED_FILE_PROPERTY("mnistTestLabels");

#endif
