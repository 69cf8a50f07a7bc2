// Columns of activations to eight bits, in blocks of 32 with one scale: the roundings of ggml's q8_0
// on x86 (scale = max|x| / 127 rounded to f16, integers = round(x * (127 / max|x|)), ties to even), so
// that products equal ggml's but for the order of sums. A block with a value that is not finite gets
// the scale NaN, and so does every result of its column.

#include "products.h"
#include "simd.h"

// As an integer, 1.5 * 2^23 + n has n in its low byte.
#define ROUNDING 12582912.0f

static void quantize_block(struct activations *to, const float *values) {
  vf most = splat(0), nothing = splat(0);
  for (int i = 0; i < BLOCK; i += VW) {
    const vf x = load(values + i);
    most = larger((vf)((vi)x & 0x7fffffff), most);
    nothing += x * splat(0); // NaN where x is not finite
  }
  const float largest = largest_lane(most);
  const float factor = largest > 0 ? 127.0f / largest : 0;
  int32_t sum = 0;
  for (int i = 0; i < BLOCK; i += VW) {
    int32_t rounded[VW];
    store((float *)rounded, load(values + i) * splat(factor) + splat(ROUNDING));
    for (int j = 0; j < VW; j++) to->values[i + j] = (int8_t)rounded[j];
  }
  for (int i = 0; i < BLOCK; i++) sum += to->values[i];
  to->sum = sum;
  to->scale = half_to_float(float_to_half(largest / 127.0f)) + sum_lanes(nothing);
}

// One column after the other, whatever their strides.
EXPORT void hadal_quantize_columns(void *dst, int thread, int num_threads, void *params) {
  const struct product *node = params;
  (void)dst;
  const int64_t num_blocks = node->num_summed / BLOCK;
  const int64_t end = node->num_columns * (thread + 1) / num_threads;
  for (int64_t column = node->num_columns * thread / num_threads; column < end; column++) {
    const int64_t outer = column / node->sizes[0];
    const int64_t offset = column % node->sizes[0] * node->strides[0] +
                           outer % node->sizes[1] * node->strides[1] +
                           outer / node->sizes[1] * node->strides[2];
    const float *values = (const float *)((const uint8_t *)node->source + offset);
    struct activations *to = (struct activations *)node->dst + column * num_blocks;
    for (int64_t b = 0; b < num_blocks; b++) quantize_block(to + b, values + b * BLOCK);
  }
}
