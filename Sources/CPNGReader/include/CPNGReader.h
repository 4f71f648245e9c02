#ifndef CPNGREADER_H
#define CPNGREADER_H

#include <stddef.h>
#include <stdint.h>

// What a PNG file holds, as it is read here: its samples, without gamma, colour profile and transparency.
typedef struct {
  uint32_t width;
  uint32_t height;
  // Bits of a pixel in the file.
  uint32_t bits_per_pixel;
  // Bytes of a pixel as it is read: 1 for grey, 2 for grey of 16 bits (the upper byte first), 3 for RGB.
  uint32_t bytes_per_pixel;
  // libpng's own words, if the file could not be read.
  char error[256];
} gibbon_png;

// Reads a whole PNG file in memory with libpng, whose jumps out of errors end in here.
//
// Without samples only the header is read; otherwise width * height * bytes_per_pixel bytes are written, the top row
// first. Returns 0, or -1 with an error; samples may be written in part then.
int gibbon_png_read(const uint8_t *file, size_t size, gibbon_png *image, uint8_t *samples);

#endif
