#ifndef GIBBON_ONEDNN_H
#define GIBBON_ONEDNN_H

#include <oneapi/dnnl/dnnl.h>

// What differs between oneDNN's major versions, as one interface: layouts are handles, as in 3.x, and each
// operation has one function that makes a primitive descriptor. Statuses, kinds and arguments are oneDNN's.

/// The layout of a block of fp32 numbers; ended by `gibbon_dnnl_layout_destroy`.
typedef struct gibbon_dnnl_layout *gibbon_dnnl_layout_t;

/// How the numbers of a layout lie that is divided into blocks.
typedef struct {
  int rank, inner_count;
  dnnl_dim_t offset;
  dnnl_dims_t extents, padded, strides, inner_blocks, inner_axes;
} gibbon_dnnl_blocking;

/// Strides, dilations and padding of a window, two of each; a dilation of 0 is none.
typedef struct {
  dnnl_dims_t strides, dilations, before, after;
} gibbon_dnnl_geometry;

#if DNNL_VERSION_MAJOR == 2 && DNNL_VERSION_MINOR >= 6
#include "version2.h"
#elif DNNL_VERSION_MAJOR == 3
#include "version3.h"
#else
#error "Gibbon needs oneDNN 2.6 or later of major version 2, or 3.x: install libdnnl-dev, or make ONEDNN=/path/to/onednn"
#endif

static inline int gibbon_dnnl_layout_equal(gibbon_dnnl_layout_t left, gibbon_dnnl_layout_t right) {
  return dnnl_memory_desc_equal(gibbon_dnnl_md(left), gibbon_dnnl_md(right));
}

static inline dnnl_status_t gibbon_dnnl_memory(
    dnnl_memory_t *memory, gibbon_dnnl_layout_t layout, dnnl_engine_t engine, void *values) {
  return dnnl_memory_create(memory, gibbon_dnnl_md(layout), engine, values);
}

static inline dnnl_status_t gibbon_dnnl_append_addend(
    dnnl_post_ops_t operations, gibbon_dnnl_layout_t addend) {
  return dnnl_post_ops_append_binary(operations, dnnl_binary_add, gibbon_dnnl_md(addend));
}

static inline dnnl_status_t gibbon_dnnl_reorder(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, gibbon_dnnl_layout_t from,
    gibbon_dnnl_layout_t to) {
  return dnnl_reorder_primitive_desc_create(
      result, gibbon_dnnl_md(from), engine, gibbon_dnnl_md(to), engine, NULL);
}

#endif
