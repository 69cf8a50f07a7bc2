// The numbers of an int8 row: scale = max|x| / 127, integers = round(x / scale), ties to even. A row
// with a value that is not finite gets the scale NaN and zeros, so that its score is NaN and it ranks
// last. Same roundings as src/tensor/i8-rows.ts.

#ifndef HADAL_QUANTIZE_ROW_H
#define HADAL_QUANTIZE_ROW_H

#include <math.h>
#include <stdint.h>

static inline float row_scale(const float *values, int64_t width) {
  float largest = 0;
  int is_finite = 1;
  for (int64_t i = 0; i < width; i++) {
    const float magnitude = fabsf(values[i]);
    is_finite &= magnitude <= 3.40282347e38f;
    largest = magnitude > largest ? magnitude : largest;
  }
  return is_finite ? largest / 127.0f : NAN;
}

static inline int8_t quantize_value(float value, float scale) {
  if (!(scale > 0)) return 0;
  const float rounded = (value / scale + 12582912.0f) - 12582912.0f;
  return (int8_t)(rounded > 127 ? 127 : rounded < -127 ? -127 : rounded);
}

#endif
