#ifndef GIBBON_ONEDNN_VERSION2_H
#define GIBBON_ONEDNN_VERSION2_H

// oneDNN 2.6 and later: an operation is described by a struct first, and a layout is a struct.

#include <stdlib.h>
#include <string.h>

static inline dnnl_memory_desc_t *gibbon_dnnl_md(gibbon_dnnl_layout_t layout) {
  return (dnnl_memory_desc_t *)layout;
}

static inline dnnl_status_t gibbon_dnnl_layout_copy(
    gibbon_dnnl_layout_t *copy, const dnnl_memory_desc_t *layout) {
  if (!layout) return dnnl_invalid_arguments;
  dnnl_memory_desc_t *memory = (dnnl_memory_desc_t *)malloc(sizeof *memory);
  if (!memory) return dnnl_out_of_memory;
  *memory = *layout;
  *copy = (gibbon_dnnl_layout_t)memory;
  return dnnl_success;
}

static inline void gibbon_dnnl_layout_destroy(gibbon_dnnl_layout_t layout) { free(layout); }

static inline dnnl_status_t gibbon_dnnl_layout_by_strides(
    gibbon_dnnl_layout_t *layout, int rank, const dnnl_dim_t *extents, const dnnl_dim_t *strides) {
  dnnl_memory_desc_t md;
  dnnl_status_t status = dnnl_memory_desc_init_by_strides(&md, rank, extents, dnnl_f32, strides);
  return status == dnnl_success ? gibbon_dnnl_layout_copy(layout, &md) : status;
}

static inline dnnl_status_t gibbon_dnnl_layout_by_tag(
    gibbon_dnnl_layout_t *layout, int rank, const dnnl_dim_t *extents, dnnl_format_tag_t tag) {
  dnnl_memory_desc_t md;
  dnnl_status_t status = dnnl_memory_desc_init_by_tag(&md, rank, extents, dnnl_f32, tag);
  return status == dnnl_success ? gibbon_dnnl_layout_copy(layout, &md) : status;
}

static inline dnnl_status_t gibbon_dnnl_layout_part(
    gibbon_dnnl_layout_t *part, gibbon_dnnl_layout_t whole, const dnnl_dim_t *extents,
    const dnnl_dim_t *offsets) {
  dnnl_memory_desc_t md;
  dnnl_status_t status =
      dnnl_memory_desc_init_submemory(&md, gibbon_dnnl_md(whole), extents, offsets);
  return status == dnnl_success ? gibbon_dnnl_layout_copy(part, &md) : status;
}

static inline size_t gibbon_dnnl_layout_size(gibbon_dnnl_layout_t layout) {
  return dnnl_memory_desc_get_size(gibbon_dnnl_md(layout));
}

/// The rank and the extents, of which there are at most DNNL_MAX_NDIMS.
static inline int gibbon_dnnl_layout_extents(gibbon_dnnl_layout_t layout, dnnl_dim_t *extents) {
  const dnnl_memory_desc_t *md = gibbon_dnnl_md(layout);
  memcpy(extents, md->dims, (size_t)md->ndims * sizeof *extents);
  return md->ndims;
}

/// Whether the layout is divided into blocks, and how.
static inline int gibbon_dnnl_layout_blocking(
    gibbon_dnnl_layout_t layout, gibbon_dnnl_blocking *result) {
  const dnnl_memory_desc_t *md = gibbon_dnnl_md(layout);
  if (md->format_kind != dnnl_blocked) return 0;
  const dnnl_blocking_desc_t *blocking = &md->format_desc.blocking;
  result->rank = md->ndims;
  result->offset = md->offset0;
  result->inner_count = blocking->inner_nblks;
  memcpy(result->extents, md->dims, sizeof(dnnl_dims_t));
  memcpy(result->padded, md->padded_dims, sizeof(dnnl_dims_t));
  memcpy(result->strides, blocking->strides, sizeof(dnnl_dims_t));
  memcpy(result->inner_blocks, blocking->inner_blks, sizeof(dnnl_dims_t));
  memcpy(result->inner_axes, blocking->inner_idxs, sizeof(dnnl_dims_t));
  return 1;
}

static inline dnnl_status_t gibbon_dnnl_descriptor_layout(
    gibbon_dnnl_layout_t *layout, dnnl_primitive_desc_t descriptor, dnnl_query_t what) {
  return gibbon_dnnl_layout_copy(layout, dnnl_primitive_desc_query_md(descriptor, what, 0));
}

static inline dnnl_status_t gibbon_dnnl_append_relu(dnnl_post_ops_t operations) {
  return dnnl_post_ops_append_eltwise(operations, 1, dnnl_eltwise_relu, 0, 0);
}

static inline dnnl_status_t gibbon_dnnl_convolution(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, dnnl_prop_kind_t kind,
    gibbon_dnnl_layout_t x, gibbon_dnnl_layout_t weight, gibbon_dnnl_layout_t bias,
    gibbon_dnnl_layout_t y, const gibbon_dnnl_geometry *window, dnnl_primitive_attr_t attributes) {
  dnnl_convolution_desc_t description;
  dnnl_status_t status = dnnl_dilated_convolution_forward_desc_init(
      &description, kind, dnnl_convolution_direct, gibbon_dnnl_md(x), gibbon_dnnl_md(weight),
      gibbon_dnnl_md(bias), gibbon_dnnl_md(y), window->strides, window->dilations, window->before,
      window->after);
  if (status != dnnl_success) return status;
  return dnnl_primitive_desc_create(result, &description, attributes, engine, NULL);
}

static inline dnnl_status_t gibbon_dnnl_convolution_input_gradient(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, gibbon_dnnl_layout_t dx,
    gibbon_dnnl_layout_t weight, gibbon_dnnl_layout_t dy, const gibbon_dnnl_geometry *window,
    dnnl_primitive_desc_t hint) {
  dnnl_convolution_desc_t description;
  dnnl_status_t status = dnnl_dilated_convolution_backward_data_desc_init(
      &description, dnnl_convolution_direct, gibbon_dnnl_md(dx), gibbon_dnnl_md(weight),
      gibbon_dnnl_md(dy), window->strides, window->dilations, window->before, window->after);
  if (status != dnnl_success) return status;
  return dnnl_primitive_desc_create(result, &description, NULL, engine, hint);
}

static inline dnnl_status_t gibbon_dnnl_convolution_weight_gradient(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, gibbon_dnnl_layout_t x,
    gibbon_dnnl_layout_t dweight, gibbon_dnnl_layout_t dbias, gibbon_dnnl_layout_t dy,
    const gibbon_dnnl_geometry *window, dnnl_primitive_desc_t hint) {
  dnnl_convolution_desc_t description;
  dnnl_status_t status = dnnl_dilated_convolution_backward_weights_desc_init(
      &description, dnnl_convolution_direct, gibbon_dnnl_md(x), gibbon_dnnl_md(dweight),
      gibbon_dnnl_md(dbias), gibbon_dnnl_md(dy), window->strides, window->dilations, window->before,
      window->after);
  if (status != dnnl_success) return status;
  return dnnl_primitive_desc_create(result, &description, NULL, engine, hint);
}

static inline dnnl_status_t gibbon_dnnl_batch_normalization(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, dnnl_prop_kind_t kind,
    gibbon_dnnl_layout_t x, float epsilon, unsigned flags) {
  dnnl_batch_normalization_desc_t description;
  dnnl_status_t status = dnnl_batch_normalization_forward_desc_init(
      &description, kind, gibbon_dnnl_md(x), epsilon, flags);
  if (status != dnnl_success) return status;
  return dnnl_primitive_desc_create(result, &description, NULL, engine, NULL);
}

static inline dnnl_status_t gibbon_dnnl_batch_normalization_gradient(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, gibbon_dnnl_layout_t x, float epsilon,
    dnnl_primitive_desc_t hint) {
  dnnl_batch_normalization_desc_t description;
  dnnl_status_t status = dnnl_batch_normalization_backward_desc_init(
      &description, dnnl_backward_data, gibbon_dnnl_md(x), gibbon_dnnl_md(x), epsilon, 0);
  if (status != dnnl_success) return status;
  return dnnl_primitive_desc_create(result, &description, NULL, engine, hint);
}

static inline dnnl_status_t gibbon_dnnl_inner_product(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, gibbon_dnnl_layout_t x,
    gibbon_dnnl_layout_t weight, gibbon_dnnl_layout_t bias, gibbon_dnnl_layout_t y,
    dnnl_primitive_attr_t attributes) {
  dnnl_inner_product_desc_t description;
  dnnl_status_t status = dnnl_inner_product_forward_desc_init(
      &description, dnnl_forward_inference, gibbon_dnnl_md(x), gibbon_dnnl_md(weight),
      gibbon_dnnl_md(bias), gibbon_dnnl_md(y));
  if (status != dnnl_success) return status;
  return dnnl_primitive_desc_create(result, &description, attributes, engine, NULL);
}

static inline dnnl_status_t gibbon_dnnl_inner_product_weight_gradient(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, gibbon_dnnl_layout_t x,
    gibbon_dnnl_layout_t dweight, gibbon_dnnl_layout_t dbias, gibbon_dnnl_layout_t dy,
    dnnl_primitive_desc_t hint) {
  dnnl_inner_product_desc_t description;
  dnnl_status_t status = dnnl_inner_product_backward_weights_desc_init(
      &description, gibbon_dnnl_md(x), gibbon_dnnl_md(dweight), gibbon_dnnl_md(dbias),
      gibbon_dnnl_md(dy));
  if (status != dnnl_success) return status;
  return dnnl_primitive_desc_create(result, &description, NULL, engine, hint);
}

static inline dnnl_status_t gibbon_dnnl_matrix_multiply(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, gibbon_dnnl_layout_t left,
    gibbon_dnnl_layout_t right, gibbon_dnnl_layout_t product) {
  dnnl_matmul_desc_t description;
  dnnl_status_t status = dnnl_matmul_desc_init(
      &description, gibbon_dnnl_md(left), gibbon_dnnl_md(right), NULL, gibbon_dnnl_md(product));
  if (status != dnnl_success) return status;
  return dnnl_primitive_desc_create(result, &description, NULL, engine, NULL);
}

static inline dnnl_status_t gibbon_dnnl_elementwise(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, dnnl_prop_kind_t kind,
    dnnl_alg_kind_t algorithm, gibbon_dnnl_layout_t x, float alpha, float beta) {
  dnnl_eltwise_desc_t description;
  dnnl_status_t status = dnnl_eltwise_forward_desc_init(
      &description, kind, algorithm, gibbon_dnnl_md(x), alpha, beta);
  if (status != dnnl_success) return status;
  return dnnl_primitive_desc_create(result, &description, NULL, engine, NULL);
}

static inline dnnl_status_t gibbon_dnnl_elementwise_gradient(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, dnnl_alg_kind_t algorithm,
    gibbon_dnnl_layout_t y, gibbon_dnnl_layout_t dy, float alpha, float beta,
    dnnl_primitive_desc_t hint) {
  dnnl_eltwise_desc_t description;
  dnnl_status_t status = dnnl_eltwise_backward_desc_init(
      &description, algorithm, gibbon_dnnl_md(dy), gibbon_dnnl_md(y), alpha, beta);
  if (status != dnnl_success) return status;
  return dnnl_primitive_desc_create(result, &description, NULL, engine, hint);
}

static inline dnnl_status_t gibbon_dnnl_binary(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, dnnl_alg_kind_t algorithm,
    gibbon_dnnl_layout_t left, gibbon_dnnl_layout_t right, gibbon_dnnl_layout_t y) {
  dnnl_binary_desc_t description;
  dnnl_status_t status = dnnl_binary_desc_init(
      &description, algorithm, gibbon_dnnl_md(left), gibbon_dnnl_md(right), gibbon_dnnl_md(y));
  if (status != dnnl_success) return status;
  return dnnl_primitive_desc_create(result, &description, NULL, engine, NULL);
}

static inline dnnl_status_t gibbon_dnnl_reduction(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, dnnl_alg_kind_t algorithm,
    gibbon_dnnl_layout_t x, gibbon_dnnl_layout_t y) {
  dnnl_reduction_desc_t description;
  dnnl_status_t status = dnnl_reduction_desc_init(
      &description, algorithm, gibbon_dnnl_md(x), gibbon_dnnl_md(y), 0, 0);
  if (status != dnnl_success) return status;
  return dnnl_primitive_desc_create(result, &description, NULL, engine, NULL);
}

static inline dnnl_status_t gibbon_dnnl_softmax(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, int is_logarithm, gibbon_dnnl_layout_t x,
    int axis) {
  dnnl_softmax_desc_t description;
  dnnl_status_t status =
      is_logarithm
          ? dnnl_logsoftmax_forward_desc_init(
                &description, dnnl_forward_inference, gibbon_dnnl_md(x), axis)
          : dnnl_softmax_forward_desc_init(
                &description, dnnl_forward_inference, gibbon_dnnl_md(x), axis);
  if (status != dnnl_success) return status;
  return dnnl_primitive_desc_create(result, &description, NULL, engine, NULL);
}

/// The window's dilations are not used.
static inline dnnl_status_t gibbon_dnnl_pooling(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, dnnl_prop_kind_t kind,
    dnnl_alg_kind_t algorithm, gibbon_dnnl_layout_t x, gibbon_dnnl_layout_t y,
    const dnnl_dim_t *kernel, const gibbon_dnnl_geometry *window) {
  dnnl_pooling_desc_t description;
  dnnl_status_t status = dnnl_pooling_forward_desc_init(
      &description, kind, algorithm, gibbon_dnnl_md(x), gibbon_dnnl_md(y), window->strides, kernel,
      window->before, window->after);
  if (status != dnnl_success) return status;
  return dnnl_primitive_desc_create(result, &description, NULL, engine, NULL);
}

/// The window's dilations are not used.
static inline dnnl_status_t gibbon_dnnl_pooling_gradient(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, dnnl_alg_kind_t algorithm,
    gibbon_dnnl_layout_t dx, gibbon_dnnl_layout_t dy, const dnnl_dim_t *kernel,
    const gibbon_dnnl_geometry *window, dnnl_primitive_desc_t hint) {
  dnnl_pooling_desc_t description;
  dnnl_status_t status = dnnl_pooling_backward_desc_init(
      &description, algorithm, gibbon_dnnl_md(dx), gibbon_dnnl_md(dy), window->strides, kernel,
      window->before, window->after);
  if (status != dnnl_success) return status;
  return dnnl_primitive_desc_create(result, &description, NULL, engine, hint);
}

static inline dnnl_status_t gibbon_dnnl_concatenation(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, const gibbon_dnnl_layout_t *parts,
    int count, int axis, gibbon_dnnl_layout_t whole) {
  dnnl_memory_desc_t *copies = (dnnl_memory_desc_t *)calloc((size_t)count, sizeof *copies);
  if (!copies) return dnnl_out_of_memory;
  for (int part = 0; part < count; part++) copies[part] = *gibbon_dnnl_md(parts[part]);
  dnnl_status_t status = dnnl_concat_primitive_desc_create(
      result, gibbon_dnnl_md(whole), count, axis, copies, NULL, engine);
  free(copies);
  return status;
}

#endif
