#include "EmbeddedMNIST.h"

static const unsigned char train_images[] = {
#embed "mnist/train-images-idx3-ubyte.gz"
};

static const unsigned char train_labels[] = {
#embed "mnist/train-labels-idx1-ubyte.gz"
};

static const unsigned char test_images[] = {
#embed "mnist/t10k-images-idx3-ubyte.gz"
};

static const unsigned char test_labels[] = {
#embed "mnist/t10k-labels-idx1-ubyte.gz"
};

EmbeddedFile embedded_mnist_train_images(void) {
  return (EmbeddedFile){train_images, sizeof train_images};
}

EmbeddedFile embedded_mnist_train_labels(void) {
  return (EmbeddedFile){train_labels, sizeof train_labels};
}

EmbeddedFile embedded_mnist_test_images(void) {
  return (EmbeddedFile){test_images, sizeof test_images};
}

EmbeddedFile embedded_mnist_test_labels(void) {
  return (EmbeddedFile){test_labels, sizeof test_labels};
}
