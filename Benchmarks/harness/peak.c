// The processor's peak in single precision: multiply-adds on registers, nothing else.
//
//     peak THREADS    prints floating-point operations per second, the best of some tries

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#if defined(__AVX512F__)
enum { BYTES = 64, CHAINS = 16 };
#elif defined(__AVX__)
// Sixteen registers must hold the chains and both constants.
enum { BYTES = 32, CHAINS = 12 };
#elif defined(__x86_64__)
enum { BYTES = 16, CHAINS = 12 };
#else
enum { BYTES = 16, CHAINS = 24 };
#endif

typedef float Vector __attribute__((vector_size(BYTES)));

enum { LANES = BYTES / sizeof(float), TRIES = 7 };
static const long ROUNDS = 20000000;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

// The chains do not depend on each other, so that every unit is busy while others wait for their results.
static void *work(void *result) {
  Vector chains[CHAINS], factor, summand;
  for (int lane = 0; lane < LANES; lane++) {
    factor[lane] = 0.999f;
    summand[lane] = 0.001f;
  }
  for (int chain = 0; chain < CHAINS; chain++) chains[chain] = factor * (float)chain;
  for (long round = 0; round < ROUNDS; round++) {
#pragma GCC unroll 24
    for (int chain = 0; chain < CHAINS; chain++) chains[chain] = chains[chain] * factor + summand;
  }
  float sum = 0;
  for (int chain = 0; chain < CHAINS; chain++) sum += chains[chain][0];
  *(volatile float *)result = sum;
  return NULL;
}

int main(int count, char **arguments) {
  const int threads = count == 2 ? atoi(arguments[1]) : 0;
  if (threads < 1 || threads > 1024) {
    fprintf(stderr, "usage: peak THREADS\n");
    return 2;
  }
  double best = 0;
  for (int attempt = 0; attempt < TRIES; attempt++) {
    pthread_t handles[1024];
    float results[1024];
    const double start = now();
    for (int thread = 0; thread < threads; thread++) {
      if (pthread_create(&handles[thread], NULL, work, &results[thread])) return 1;
    }
    for (int thread = 0; thread < threads; thread++) pthread_join(handles[thread], NULL);
    const double rate = 2.0 * ROUNDS * CHAINS * LANES * threads / (now() - start);
    if (rate > best) best = rate;
  }
  printf("%.6g\n", best);
  return 0;
}
