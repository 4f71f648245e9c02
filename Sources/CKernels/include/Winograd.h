#ifndef GIBBON_WINOGRAD_H
#define GIBBON_WINOGRAD_H

#include "Epilogue.h"
#include "Layout.h"

/// Sizes and layouts of a convolution of stride 1 with a square kernel, computed by Winograd's minimal filtering
/// (Lavin and Gray 2016, https://arxiv.org/abs/1509.09308) on tiles of `tile` x `tile` results. Channels and results
/// come in whole vectors of 8. The pairs (tile, kernel) are (2, 3), (4, 3), (6, 3), (2, 5) and (4, 5).
typedef struct {
  long channels, height, width;
  long results, result_height, result_width;
  long padding_height, padding_width;
  long kernel, tile;
  /// The number of vectors in a block of x and of y.
  long x_vectors, y_vectors;
  gibbon_layout x, y;
} gibbon_winograd;

/// The number of tiles of an example.
long gibbon_winograd_tiles(const gibbon_winograd *w);

/// The number of positions in a tile's transform, each with a product of its own.
long gibbon_winograd_positions(const gibbon_winograd *w);

/// The number of floats of the transformed weight.
long gibbon_winograd_weight_count(const gibbon_winograd *w);

/// The number of panels in which results are transformed.
long gibbon_winograd_panels(const gibbon_winograd *w);

/// Transforms the weight of the panels from `first` to before `last`. The weight is laid out as result, channel, row,
/// column; or, if `is_transposed`, as channel, result, row, column and turned by 180 degrees: the gradient with respect
/// to an input is the convolution with that.
void gibbon_winograd_weight(const gibbon_winograd *w, const float *weight, int is_transposed, float *transformed,
                            long first, long last);

/// Tiles that share working memory; they are counted through all examples.
typedef struct {
  long start, count;
} gibbon_tiles;

/// The number of floats of working memory for some tiles at once.
long gibbon_winograd_workspace_count(const gibbon_winograd *w, long tiles);

/// The convolution of the tiles from `first` to before `last`, `chunk` at a time, with working memory for as many.
void gibbon_winograd_convolve(const gibbon_winograd *w, const float *x, const float *weight,
                              const gibbon_epilogue *epilogue, float *y, float *workspace, long chunk, long first,
                              long last);

// The three parts of the same, each of which several threads can share.

/// Transforms the tiles from `first` to before `last`.
void gibbon_winograd_spread(const gibbon_winograd *w, const float *x, float *workspace, const gibbon_tiles *tiles,
                            long first, long last);

/// Multiplies by the weight at the positions from `first` to before `last`.
void gibbon_winograd_multiply(const gibbon_winograd *w, const float *weight, float *workspace,
                              const gibbon_tiles *tiles, long first, long last);

/// Transforms the tiles from `first` to before `last` back, and applies the epilogue.
void gibbon_winograd_collect(const gibbon_winograd *w, const float *workspace, const gibbon_epilogue *epilogue,
                             float *y, const gibbon_tiles *tiles, long first, long last);

// The gradient with respect to the weight: G' [sum over tiles of (A dy A') (.) (B' x B)] G, with the same working memory.

/// The number of floats of the sums over tiles.
long gibbon_winograd_gradient_sums_count(const gibbon_winograd *w);

/// Transforms x and dy, which has the layout of y, of the tiles from `first` to before `last`.
void gibbon_winograd_gradient_spread(const gibbon_winograd *w, const float *x, const float *dy, float *workspace,
                                     const gibbon_tiles *tiles, long first, long last);

/// Multiplies at the positions from `first` to before `last`, and adds to what the sums hold if it `continues`. Each sum
/// is taken in the order of the tiles.
void gibbon_winograd_gradient_multiply(const gibbon_winograd *w, const float *workspace, float *sums,
                                       const gibbon_tiles *tiles, int continues, long first, long last);

/// Transforms the sums back to the gradient, laid out as result, channel, row, column, for the vectors of 8 results from
/// `first` to before `last`.
void gibbon_winograd_gradient_collect(const gibbon_winograd *w, const float *sums, float *dweight, long first,
                                      long last);

#endif
