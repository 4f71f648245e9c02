#include "CPNGReader.h"

#include <png.h>
#include <setjmp.h>
#include <string.h>

// The bytes that are not read yet.
typedef struct {
  const uint8_t *bytes;
  size_t count;
} rest;

static void fail(png_structp png, png_const_charp message) {
  gibbon_png *image = png_get_error_ptr(png);
  strncpy(image->error, message, sizeof image->error - 1);
  png_longjmp(png, 1);
}

static void ignore(png_structp png, png_const_charp message) {
  (void)png;
  (void)message;
}

static void take(png_structp png, png_bytep target, size_t count) {
  rest *rest = png_get_io_ptr(png);
  if (count > rest->count) png_error(png, "the data end before the image is complete");
  memcpy(target, rest->bytes, count);
  rest->bytes += count;
  rest->count -= count;
}

static void read_header(png_structp png, png_infop info, gibbon_png *image) {
  // Gamma, profiles, texts: nothing that is not needed for the samples is decompressed or computed with.
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
  png_set_benign_errors(png, 1);
  png_read_info(png, info);
  image->width = png_get_image_width(png, info);
  image->height = png_get_image_height(png, info);
  image->bits_per_pixel = png_get_bit_depth(png, info) * png_get_channels(png, info);
  png_byte color = png_get_color_type(png, info);
  image->bytes_per_pixel = color & PNG_COLOR_MASK_COLOR                                     ? 3
                           : color == PNG_COLOR_TYPE_GRAY && png_get_bit_depth(png, info) == 16 ? 2
                                                                                            : 1;
}

static void read_samples(png_structp png, png_infop info, const gibbon_png *image, uint8_t *samples) {
  png_byte color = png_get_color_type(png, info);
  if (color == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png);
  if (color == PNG_COLOR_TYPE_GRAY) png_set_expand_gray_1_2_4_to_8(png);
  if (image->bytes_per_pixel != 2) png_set_strip_16(png);
  png_set_strip_alpha(png);
  int passes = png_set_interlace_handling(png);
  png_read_update_info(png, info);
  size_t row = (size_t)image->width * image->bytes_per_pixel;
  if (png_get_rowbytes(png, info) != row) png_error(png, "the rows are of another length than the header says");
  for (int pass = 0; pass < passes; pass++) {
    for (uint32_t y = 0; y < image->height; y++) png_read_row(png, samples + y * row, NULL);
  }
  // What follows the last row is not looked at, as Pillow does not: files without an end are common.
}

int gibbon_png_read(const uint8_t *file, size_t size, gibbon_png *image, uint8_t *samples) {
  memset(image, 0, sizeof *image);
  rest rest = {file, size};
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, image, fail, ignore);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  if (!info) {
    png_destroy_read_struct(&png, NULL, NULL);
    strcpy(image->error, "libpng cannot start");
    return -1;
  }
  // Nothing that changes after this line is looked at once libpng has jumped back to it.
  if (setjmp(png_jmpbuf(png))) {
    png_destroy_read_struct(&png, &info, NULL);
    return -1;
  }
  png_set_read_fn(png, &rest, take);
  read_header(png, info, image);
  if (samples) read_samples(png, info, image, samples);
  png_destroy_read_struct(&png, &info, NULL);
  return 0;
}
