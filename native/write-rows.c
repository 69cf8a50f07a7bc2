// New rows of caches: floats to f32, f16 or i8 at each token's position. The roundings to int8 are
// those of src/tensor/i8-rows.ts, bit by bit.

#include "quantize-row.h"
#include "row-tables.h"
#include "simd.h"

static void write_half_row(uint16_t *to, const float *values, int64_t width) {
  for (int64_t i = 0; i < width; i++) to[i] = float_to_half(values[i]);
}

static void write_i8_row(uint8_t *layer, int64_t row, const float *values, int64_t width) {
  uint8_t *group = layer + row / GROUP * GROUP * (width + 4);
  const int64_t lane = row % GROUP;
  const float scale = row_scale(values, width);
  for (int64_t i = 0; i < width; i += 4) {
    int8_t four[4];
    for (int j = 0; j < 4; j++) four[j] = quantize_value(values[i + j], scale);
    memcpy(group + i * GROUP + lane * 4, four, 4);
  }
  memcpy(group + GROUP * width + lane * 4, &scale, 4);
}

EXPORT void hadal_write_rows(void *dst, int thread, int num_threads, void *params) {
  const struct node *node = params;
  (void)dst;
  for (int64_t token = thread; token < node->num_tokens; token += num_threads) {
    if (visible_rows(node, token) == 0) continue;
    const int64_t row = node->positions[token];
    const float *values = node->values + token * node->width;
    uint8_t *layer = layer_rows(node, token);
    if (node->dtype == ROWS_I8) {
      write_i8_row(layer, row, values, node->width);
    } else if (node->dtype == ROWS_F16) {
      write_half_row((uint16_t *)(layer + row * node->row_bytes), values, node->width);
    } else {
      memcpy(layer + row * node->row_bytes, values, (size_t)node->row_bytes);
    }
  }
}
