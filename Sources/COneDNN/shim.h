#include <oneapi/dnnl/dnnl.h>

// These two are casts in the original header, which Swift does not import.
static void *const GIBBON_DNNL_MEMORY_ALLOCATE = DNNL_MEMORY_ALLOCATE;
static const dnnl_dim_t GIBBON_DNNL_RUNTIME_DIM = DNNL_RUNTIME_DIM_VAL;
