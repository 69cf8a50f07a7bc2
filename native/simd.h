// Vectors of VW floats on whatever this CPU has: AVX-512, AVX2, NEON, or what the compiler makes of
// four floats elsewhere. Only explicit multiply_add() fuses (the build turns contraction off), so that sums
// that must round like the TypeScript reference do.

#ifndef HADAL_SIMD_H
#define HADAL_SIMD_H

#include <stdint.h>
#include <string.h>

#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512VL__) && defined(__AVX512DQ__)
#include <immintrin.h>
#define HAS_AVX512 1
#define VW 16
#elif defined(__AVX2__) && defined(__FMA__) && defined(__F16C__)
#include <immintrin.h>
#define HAS_AVX2 1
#define VW 8
#elif defined(__ARM_NEON) && defined(__aarch64__)
#include <arm_neon.h>
#define HAS_NEON 1
#define VW 4
#else
#define VW 4
#endif

#define INLINE static inline __attribute__((always_inline))
// Loops over a handful of registers, unrolled so that the array of them is one of registers.
#define UNROLL _Pragma("GCC unroll 16")

typedef float vf __attribute__((vector_size(VW * 4)));
typedef int32_t vi __attribute__((vector_size(VW * 4)));

static inline int64_t pad_width(int64_t width) { return (width + VW - 1) / VW * VW; }

INLINE vf load(const float *from) {
  vf v;
  memcpy(&v, from, sizeof v);
  return v;
}

INLINE void store(float *to, vf v) { memcpy(to, &v, sizeof v); }

INLINE vf splat(float x) {
#if HAS_AVX512
  return (vf)_mm512_set1_ps(x);
#elif HAS_AVX2
  return (vf)_mm256_set1_ps(x);
#elif HAS_NEON
  return (vf)vdupq_n_f32(x);
#else
  return (vf){x, x, x, x};
#endif
}

// a * b + c
INLINE vf multiply_add(vf a, vf b, vf c) {
#if HAS_AVX512
  return (vf)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif HAS_AVX2
  return (vf)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#elif HAS_NEON
  return (vf)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
#else
  return a * b + c;
#endif
}

// Where mask (all ones or zeros per lane) is set a, else b.
INLINE vf blend(vi mask, vf a, vf b) { return (vf)((mask & (vi)a) | (~mask & (vi)b)); }

// The larger of two; b where a is NaN.
INLINE vf larger(vf a, vf b) { return blend(a > b, a, b); }

INLINE float sum_lanes(vf v) {
#if HAS_AVX512
  return _mm512_reduce_add_ps((__m512)v);
#else
  float lanes[VW];
  store(lanes, v);
  for (int half = VW / 2; half > 0; half /= 2) {
    for (int i = 0; i < half; i++) lanes[i] += lanes[i + half];
  }
  return lanes[0];
#endif
}

INLINE float largest_lane(vf v) {
#if HAS_AVX512
  return _mm512_reduce_max_ps((__m512)v);
#else
  float lanes[VW];
  store(lanes, v);
  float most = lanes[0];
  for (int i = 1; i < VW; i++) most = lanes[i] > most ? lanes[i] : most;
  return most;
#endif
}

// e^x to about one unit in the last place for x <= 0, 0 below -87 (denormals are not worth their
// time). NaN stays NaN. Range reduction to |r| <= ln(2)/2, then the Taylor series to r^7.
INLINE vf exp_negative(vf x) {
  const vi tiny = x < splat(-87.0f);
  const vf bounded = blend(tiny, splat(-87.0f), x);
  // Adding 1.5 * 2^23 leaves the rounded integer in the low bits of the mantissa.
  const vf shifted = multiply_add(bounded, splat(1.44269504f), splat(12582912.0f));
  const vf n = shifted - splat(12582912.0f);
  const vf r = multiply_add(n, splat(2.12194440e-4f), multiply_add(n, splat(-0.693359375f), bounded));
  vf p = splat(1.0f / 5040);
  p = multiply_add(p, r, splat(1.0f / 720));
  p = multiply_add(p, r, splat(1.0f / 120));
  p = multiply_add(p, r, splat(1.0f / 24));
  p = multiply_add(p, r, splat(1.0f / 6));
  p = multiply_add(p, r, splat(0.5f));
  p = multiply_add(p, r, splat(1.0f));
  p = multiply_add(p, r, splat(1.0f));
  const vf scaled = (vf)((vi)p + ((vi)shifted << 23));
  // Integer arithmetic on NaN makes something else of it.
  return blend(x != x, x, blend(tiny, splat(0.0f), scaled));
}

// --- half precision --------------------------------------------------------------------------------

static inline float half_to_float(uint16_t half) {
  const uint32_t sign = (uint32_t)(half & 0x8000) << 16;
  const uint32_t magnitude = half & 0x7fff;
  uint32_t bits;
  float result;
  if (magnitude >= 0x7c00) {
    bits = sign | 0x7f800000 | (magnitude & 0x3ff) << 13;
  } else if (magnitude >= 0x400) {
    bits = sign | ((magnitude << 13) + 0x38000000);
  } else {
    result = (float)magnitude * 0x1p-24f;
    memcpy(&bits, &result, 4);
    bits |= sign;
  }
  memcpy(&result, &bits, 4);
  return result;
}

// To nearest, ties to even.
static inline uint16_t float_to_half(float value) {
  uint32_t bits;
  memcpy(&bits, &value, 4);
  const uint32_t sign = bits >> 16 & 0x8000;
  const uint32_t magnitude = bits & 0x7fffffff;
  if (magnitude >= 0x7f800000) return (uint16_t)(sign | (magnitude > 0x7f800000 ? 0x7e00 : 0x7c00));
  if (magnitude >= 0x477ff000) return (uint16_t)(sign | 0x7c00);
  if (magnitude >= 0x38800000) {
    const uint32_t rebased = magnitude - 0x38000000;
    return (uint16_t)(sign | (rebased + 0xfff + (rebased >> 13 & 1)) >> 13);
  }
  if (magnitude < 0x33000000) return (uint16_t)sign;
  const uint32_t shift = 126 - (magnitude >> 23);
  const uint32_t mantissa = (magnitude & 0x7fffff) | 0x800000;
  const uint32_t half = 1u << (shift - 1);
  return (uint16_t)(sign | (mantissa + half - 1 + (mantissa >> shift & 1)) >> shift);
}

INLINE vf load_halves(const uint16_t *from) {
#if HAS_AVX512
  return (vf)_mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)from));
#elif HAS_AVX2
  return (vf)_mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)from));
#elif HAS_NEON
  return (vf)vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(from)));
#else
  return (vf){half_to_float(from[0]), half_to_float(from[1]), half_to_float(from[2]),
              half_to_float(from[3])};
#endif
}

// A row of f32 or f16 as floats. Writes `width` of them; the padding is the caller's.
static inline void widen_row(float *to, const uint8_t *row, int64_t width, int is_half) {
  if (!is_half) {
    memcpy(to, row, (size_t)width * 4);
    return;
  }
  const uint16_t *halves = (const uint16_t *)row;
  int64_t i = 0;
  for (; i + VW <= width; i += VW) store(to + i, load_halves(halves + i));
  for (; i < width; i++) to[i] = half_to_float(halves[i]);
}

#endif
