#include "CKernels.h"

#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>

int gibbon_processor(char name[64], int *family, int *model) {
  unsigned int words[12], a, b, c, d;
  if (__get_cpuid_max(0x80000000, 0) < 0x80000004) return 0;
  for (unsigned int part = 0; part < 3; part++) {
    unsigned int *four = words + 4 * part;
    __get_cpuid(0x80000002 + part, four, four + 1, four + 2, four + 3);
  }
  memcpy(name, words, sizeof words);
  name[sizeof words] = 0;
  __get_cpuid(1, &a, &b, &c, &d);
  *family = (int)((a >> 8 & 15) + (a >> 20 & 255));
  *model = (int)((a >> 4 & 15) + (a >> 12 & 240));
  return 1;
}
#else
int gibbon_processor(char name[64], int *family, int *model) {
  (void)name, (void)family, (void)model;
  return 0;
}
#endif
