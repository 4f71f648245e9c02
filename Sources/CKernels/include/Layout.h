#ifndef GIBBON_LAYOUT_H
#define GIBBON_LAYOUT_H

/// Distances in floats between neighbours of N x C x H x W values whose channels are contiguous in blocks.
typedef struct {
  long example, block, row, column;
} gibbon_layout;

#endif
