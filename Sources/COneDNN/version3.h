#ifndef GIBBON_ONEDNN_VERSION3_H
#define GIBBON_ONEDNN_VERSION3_H

// oneDNN 3.x: no descriptions of operations, and layouts behind handles.

#include <string.h>

static inline dnnl_memory_desc_t gibbon_dnnl_md(gibbon_dnnl_layout_t layout) {
  return (dnnl_memory_desc_t)layout;
}

static inline void gibbon_dnnl_layout_destroy(gibbon_dnnl_layout_t layout) {
  dnnl_memory_desc_destroy(gibbon_dnnl_md(layout));
}

static inline dnnl_status_t gibbon_dnnl_layout_by_strides(
    gibbon_dnnl_layout_t *layout, int rank, const dnnl_dim_t *extents, const dnnl_dim_t *strides) {
  return dnnl_memory_desc_create_with_strides(
      (dnnl_memory_desc_t *)layout, rank, extents, dnnl_f32, strides);
}

static inline dnnl_status_t gibbon_dnnl_layout_by_tag(
    gibbon_dnnl_layout_t *layout, int rank, const dnnl_dim_t *extents, dnnl_format_tag_t tag) {
  return dnnl_memory_desc_create_with_tag(
      (dnnl_memory_desc_t *)layout, rank, extents, dnnl_f32, tag);
}

static inline dnnl_status_t gibbon_dnnl_layout_part(
    gibbon_dnnl_layout_t *part, gibbon_dnnl_layout_t whole, const dnnl_dim_t *extents,
    const dnnl_dim_t *offsets) {
  return dnnl_memory_desc_create_submemory(
      (dnnl_memory_desc_t *)part, gibbon_dnnl_md(whole), extents, offsets);
}

static inline size_t gibbon_dnnl_layout_size(gibbon_dnnl_layout_t layout) {
  return dnnl_memory_desc_get_size(gibbon_dnnl_md(layout));
}

static inline int gibbon_dnnl_layout_query(
    gibbon_dnnl_layout_t layout, dnnl_query_t what, void *result) {
  return dnnl_memory_desc_query(gibbon_dnnl_md(layout), what, result) == dnnl_success;
}

/// Copies the first `count` of the numbers that a query points at.
static inline int gibbon_dnnl_layout_copy_dims(
    gibbon_dnnl_layout_t layout, dnnl_query_t what, int count, dnnl_dim_t *result) {
  const dnnl_dim_t *numbers = NULL;
  if (!gibbon_dnnl_layout_query(layout, what, &numbers) || !numbers) return count == 0;
  memcpy(result, numbers, (size_t)count * sizeof *result);
  return 1;
}

/// The rank and the extents, of which there are at most DNNL_MAX_NDIMS.
static inline int gibbon_dnnl_layout_extents(gibbon_dnnl_layout_t layout, dnnl_dim_t *extents) {
  int rank = 0;
  if (!gibbon_dnnl_layout_query(layout, dnnl_query_ndims_s32, &rank)) return 0;
  return gibbon_dnnl_layout_copy_dims(layout, dnnl_query_dims, rank, extents) ? rank : 0;
}

/// Whether the layout is divided into blocks, and how.
static inline int gibbon_dnnl_layout_blocking(
    gibbon_dnnl_layout_t layout, gibbon_dnnl_blocking *result) {
  dnnl_format_kind_t kind = dnnl_format_kind_undef;
  if (!gibbon_dnnl_layout_query(layout, dnnl_query_format_kind, &kind) || kind != dnnl_blocked)
    return 0;
  int rank = result->rank = gibbon_dnnl_layout_extents(layout, result->extents);
  return gibbon_dnnl_layout_query(layout, dnnl_query_submemory_offset_s64, &result->offset)
      && gibbon_dnnl_layout_query(layout, dnnl_query_inner_nblks_s32, &result->inner_count)
      && gibbon_dnnl_layout_copy_dims(layout, dnnl_query_padded_dims, rank, result->padded)
      && gibbon_dnnl_layout_copy_dims(layout, dnnl_query_strides, rank, result->strides)
      && gibbon_dnnl_layout_copy_dims(
          layout, dnnl_query_inner_blks, result->inner_count, result->inner_blocks)
      && gibbon_dnnl_layout_copy_dims(
          layout, dnnl_query_inner_idxs, result->inner_count, result->inner_axes);
}

static inline dnnl_status_t gibbon_dnnl_descriptor_layout(
    gibbon_dnnl_layout_t *layout, dnnl_primitive_desc_t descriptor, dnnl_query_t what) {
  const_dnnl_memory_desc_t found = dnnl_primitive_desc_query_md(descriptor, what, 0);
  if (!found) return dnnl_invalid_arguments;
  return dnnl_memory_desc_clone((dnnl_memory_desc_t *)layout, found);
}

static inline dnnl_status_t gibbon_dnnl_append_relu(dnnl_post_ops_t operations) {
  return dnnl_post_ops_append_eltwise(operations, dnnl_eltwise_relu, 0, 0);
}

static inline dnnl_status_t gibbon_dnnl_convolution(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, dnnl_prop_kind_t kind,
    gibbon_dnnl_layout_t x, gibbon_dnnl_layout_t weight, gibbon_dnnl_layout_t bias,
    gibbon_dnnl_layout_t y, const gibbon_dnnl_geometry *window, dnnl_primitive_attr_t attributes) {
  return dnnl_convolution_forward_primitive_desc_create(
      result, engine, kind, dnnl_convolution_direct, gibbon_dnnl_md(x), gibbon_dnnl_md(weight),
      gibbon_dnnl_md(bias), gibbon_dnnl_md(y), window->strides, window->dilations, window->before,
      window->after, attributes);
}

/// Whether the sums of an implementation are taken in an order that depends on the batch.
static inline int gibbon_dnnl_depends_on_batch(dnnl_primitive_desc_t descriptor) {
  const char *name = NULL;
  return dnnl_primitive_desc_query(descriptor, dnnl_query_impl_info_str, 0, &name) == dnnl_success
      && name && strncmp(name, "brgconv_strided", strlen("brgconv_strided")) == 0;
}

static inline dnnl_status_t gibbon_dnnl_convolution_input_gradient(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, gibbon_dnnl_layout_t dx,
    gibbon_dnnl_layout_t weight, gibbon_dnnl_layout_t dy, const gibbon_dnnl_geometry *window,
    dnnl_primitive_desc_t hint) {
  dnnl_status_t status = dnnl_convolution_backward_data_primitive_desc_create(
      result, engine, dnnl_convolution_direct, gibbon_dnnl_md(dx), gibbon_dnnl_md(weight),
      gibbon_dnnl_md(dy), window->strides, window->dilations, window->before, window->after, hint,
      NULL);
  if (status != dnnl_success) return status;
  while (status == dnnl_success && gibbon_dnnl_depends_on_batch(*result))
    status = dnnl_primitive_desc_next_impl(*result);
  if (status != dnnl_success) dnnl_primitive_desc_destroy(*result);
  return status;
}

static inline dnnl_status_t gibbon_dnnl_convolution_weight_gradient(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, gibbon_dnnl_layout_t x,
    gibbon_dnnl_layout_t dweight, gibbon_dnnl_layout_t dbias, gibbon_dnnl_layout_t dy,
    const gibbon_dnnl_geometry *window, dnnl_primitive_desc_t hint) {
  return dnnl_convolution_backward_weights_primitive_desc_create(
      result, engine, dnnl_convolution_direct, gibbon_dnnl_md(x), gibbon_dnnl_md(dweight),
      gibbon_dnnl_md(dbias), gibbon_dnnl_md(dy), window->strides, window->dilations, window->before,
      window->after, hint, NULL);
}

static inline dnnl_status_t gibbon_dnnl_batch_normalization(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, dnnl_prop_kind_t kind,
    gibbon_dnnl_layout_t x, float epsilon, unsigned flags) {
  return dnnl_batch_normalization_forward_primitive_desc_create(
      result, engine, kind, gibbon_dnnl_md(x), gibbon_dnnl_md(x), epsilon, flags, NULL);
}

static inline dnnl_status_t gibbon_dnnl_batch_normalization_gradient(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, gibbon_dnnl_layout_t x, float epsilon,
    dnnl_primitive_desc_t hint) {
  return dnnl_batch_normalization_backward_primitive_desc_create(
      result, engine, dnnl_backward_data, gibbon_dnnl_md(x), gibbon_dnnl_md(x), gibbon_dnnl_md(x),
      epsilon, 0, hint, NULL);
}

static inline dnnl_status_t gibbon_dnnl_inner_product(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, gibbon_dnnl_layout_t x,
    gibbon_dnnl_layout_t weight, gibbon_dnnl_layout_t bias, gibbon_dnnl_layout_t y,
    dnnl_primitive_attr_t attributes) {
  return dnnl_inner_product_forward_primitive_desc_create(
      result, engine, dnnl_forward_inference, gibbon_dnnl_md(x), gibbon_dnnl_md(weight),
      gibbon_dnnl_md(bias), gibbon_dnnl_md(y), attributes);
}

static inline dnnl_status_t gibbon_dnnl_inner_product_weight_gradient(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, gibbon_dnnl_layout_t x,
    gibbon_dnnl_layout_t dweight, gibbon_dnnl_layout_t dbias, gibbon_dnnl_layout_t dy,
    dnnl_primitive_desc_t hint) {
  return dnnl_inner_product_backward_weights_primitive_desc_create(
      result, engine, gibbon_dnnl_md(x), gibbon_dnnl_md(dweight), gibbon_dnnl_md(dbias),
      gibbon_dnnl_md(dy), hint, NULL);
}

static inline dnnl_status_t gibbon_dnnl_matrix_multiply(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, gibbon_dnnl_layout_t left,
    gibbon_dnnl_layout_t right, gibbon_dnnl_layout_t product) {
  return dnnl_matmul_primitive_desc_create(
      result, engine, gibbon_dnnl_md(left), gibbon_dnnl_md(right), NULL, gibbon_dnnl_md(product),
      NULL);
}

static inline dnnl_status_t gibbon_dnnl_elementwise(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, dnnl_prop_kind_t kind,
    dnnl_alg_kind_t algorithm, gibbon_dnnl_layout_t x, float alpha, float beta) {
  return dnnl_eltwise_forward_primitive_desc_create(
      result, engine, kind, algorithm, gibbon_dnnl_md(x), gibbon_dnnl_md(x), alpha, beta, NULL);
}

static inline dnnl_status_t gibbon_dnnl_elementwise_gradient(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, dnnl_alg_kind_t algorithm,
    gibbon_dnnl_layout_t y, gibbon_dnnl_layout_t dy, float alpha, float beta,
    dnnl_primitive_desc_t hint) {
  return dnnl_eltwise_backward_primitive_desc_create(
      result, engine, algorithm, gibbon_dnnl_md(dy), gibbon_dnnl_md(dy), gibbon_dnnl_md(y), alpha,
      beta, hint, NULL);
}

static inline dnnl_status_t gibbon_dnnl_binary(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, dnnl_alg_kind_t algorithm,
    gibbon_dnnl_layout_t left, gibbon_dnnl_layout_t right, gibbon_dnnl_layout_t y) {
  return dnnl_binary_primitive_desc_create(
      result, engine, algorithm, gibbon_dnnl_md(left), gibbon_dnnl_md(right), gibbon_dnnl_md(y),
      NULL);
}

static inline dnnl_status_t gibbon_dnnl_reduction(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, dnnl_alg_kind_t algorithm,
    gibbon_dnnl_layout_t x, gibbon_dnnl_layout_t y) {
  return dnnl_reduction_primitive_desc_create(
      result, engine, algorithm, gibbon_dnnl_md(x), gibbon_dnnl_md(y), 0, 0, NULL);
}

static inline dnnl_status_t gibbon_dnnl_softmax(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, int is_logarithm, gibbon_dnnl_layout_t x,
    int axis) {
  return dnnl_softmax_forward_primitive_desc_create(
      result, engine, dnnl_forward_inference,
      is_logarithm ? dnnl_softmax_log : dnnl_softmax_accurate, gibbon_dnnl_md(x), gibbon_dnnl_md(x),
      axis, NULL);
}

/// The window's dilations are not used.
static inline dnnl_status_t gibbon_dnnl_pooling(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, dnnl_prop_kind_t kind,
    dnnl_alg_kind_t algorithm, gibbon_dnnl_layout_t x, gibbon_dnnl_layout_t y,
    const dnnl_dim_t *kernel, const gibbon_dnnl_geometry *window) {
  const dnnl_dims_t none = {0};
  return dnnl_pooling_forward_primitive_desc_create(
      result, engine, kind, algorithm, gibbon_dnnl_md(x), gibbon_dnnl_md(y), window->strides,
      kernel, none, window->before, window->after, NULL);
}

/// The window's dilations are not used.
static inline dnnl_status_t gibbon_dnnl_pooling_gradient(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, dnnl_alg_kind_t algorithm,
    gibbon_dnnl_layout_t dx, gibbon_dnnl_layout_t dy, const dnnl_dim_t *kernel,
    const gibbon_dnnl_geometry *window, dnnl_primitive_desc_t hint) {
  const dnnl_dims_t none = {0};
  return dnnl_pooling_backward_primitive_desc_create(
      result, engine, algorithm, gibbon_dnnl_md(dx), gibbon_dnnl_md(dy), window->strides, kernel,
      none, window->before, window->after, hint, NULL);
}

static inline dnnl_status_t gibbon_dnnl_concatenation(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, const gibbon_dnnl_layout_t *parts,
    int count, int axis, gibbon_dnnl_layout_t whole) {
  return dnnl_concat_primitive_desc_create(
      result, engine, gibbon_dnnl_md(whole), count, axis,
      (const_dnnl_memory_desc_t const *)parts, NULL);
}

#endif
