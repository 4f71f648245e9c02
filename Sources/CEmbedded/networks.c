#include "EmbeddedNetworks.h"

static const unsigned char mnist_standard[] = {
#embed "networks/mnist-standard.safetensors"
};

static const unsigned char mnist_robust[] = {
#embed "networks/mnist-robust.safetensors"
};

static const unsigned char mnist_certified[] = {
#embed "networks/mnist-certified.safetensors"
};

EmbeddedFile embedded_mnist_standard(void) {
  return (EmbeddedFile){mnist_standard, sizeof mnist_standard};
}

EmbeddedFile embedded_mnist_robust(void) {
  return (EmbeddedFile){mnist_robust, sizeof mnist_robust};
}

EmbeddedFile embedded_mnist_certified(void) {
  return (EmbeddedFile){mnist_certified, sizeof mnist_certified};
}
