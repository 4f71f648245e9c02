#include "CHost.h"

#if defined(__GLIBC__)
#include <malloc.h>

void gibbon_give_back_free_memory(void) { malloc_trim(0); }
#else
void gibbon_give_back_free_memory(void) {}
#endif
