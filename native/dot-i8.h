// int8 dot products of a group of 16 rows with several queries at once, exact in 32 bits. Rows are
// interleaved by fours (row-tables.h), so one step multiplies four elements of 16 rows with four
// elements of a query, broadcast.
// What changes between CPUs is one step:
//   AVX-512 VNNI: vpdpbusd takes unsigned times signed: rows are biased by 128, corrected at the start
//   AVX2 (+ VNNI): |row| times query with the row's sign; without VNNI by way of 16 bits, which
//                  127 * 127 * 2 does not overflow
//   NEON: sdot.

#ifndef HADAL_DOT_I8_H
#define HADAL_DOT_I8_H

#include "row-tables.h"
#include "simd.h"

#if HAS_AVX512 && defined(__AVX512VNNI__)
#define I8_ISA "avx512-vnni"
// Queries per pass over a group: as many as leave the sums in registers.
#define I8_QUERIES 16
typedef __m512i sums16;
typedef __m512i keys16;

INLINE sums16 start_sums(int32_t query_sum) { return _mm512_set1_epi32(-128 * query_sum); }
INLINE keys16 load_keys(const uint8_t *from) {
  return _mm512_xor_si512(_mm512_loadu_si512(from), _mm512_set1_epi8((char)0x80));
}
INLINE sums16 step(sums16 sums, keys16 keys, int32_t four) {
  return _mm512_dpbusd_epi32(sums, keys, _mm512_set1_epi32(four));
}
// sums + relu(dots) * factor, rounded after each operation
INLINE void add_relu(float *to, sums16 dots, float factor) {
  const __m512 dot = _mm512_cvtepi32_ps(_mm512_max_epi32(dots, _mm512_setzero_si512()));
  const __m512 term = _mm512_mul_ps(dot, _mm512_set1_ps(factor));
  _mm512_storeu_ps(to, _mm512_add_ps(_mm512_loadu_ps(to), term));
}

#else

#if HAS_AVX2 || HAS_AVX512
#define I8_ISA_BASE "avx2"
#define I8_QUERIES 4
typedef struct {
  __m256i low, high;
} sums16;
typedef struct {
  __m256i low, high;
} keys16;

INLINE sums16 start_sums(int32_t query_sum) {
  (void)query_sum;
  return (sums16){_mm256_setzero_si256(), _mm256_setzero_si256()};
}
INLINE keys16 load_keys(const uint8_t *from) {
  return (keys16){_mm256_loadu_si256((const __m256i *)from),
                  _mm256_loadu_si256((const __m256i *)(from + 32))};
}
INLINE __m256i step8(__m256i sums, __m256i keys, __m256i query) {
  const __m256i magnitude = _mm256_abs_epi8(keys);
  const __m256i signedQuery = _mm256_sign_epi8(query, keys);
#if defined(__AVXVNNI__)
#define I8_ISA "avx2-vnni"
  return _mm256_dpbusd_avx_epi32(sums, magnitude, signedQuery);
#else
#define I8_ISA "avx2"
  const __m256i pairs = _mm256_maddubs_epi16(magnitude, signedQuery);
  return _mm256_add_epi32(sums, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
#endif
}
INLINE sums16 step(sums16 sums, keys16 keys, int32_t four) {
  const __m256i query = _mm256_set1_epi32(four);
  return (sums16){step8(sums.low, keys.low, query), step8(sums.high, keys.high, query)};
}
INLINE void store_dots(int32_t *to, sums16 sums) {
  _mm256_storeu_si256((__m256i *)to, sums.low);
  _mm256_storeu_si256((__m256i *)(to + 8), sums.high);
}

#elif HAS_NEON && defined(__ARM_FEATURE_DOTPROD)
#define I8_ISA "neon-dotprod"
#define I8_QUERIES 4
typedef struct {
  int32x4_t v[4];
} sums16;
typedef struct {
  int8x16_t v[4];
} keys16;

INLINE sums16 start_sums(int32_t query_sum) {
  (void)query_sum;
  const int32x4_t zero = vdupq_n_s32(0);
  return (sums16){{zero, zero, zero, zero}};
}
INLINE keys16 load_keys(const uint8_t *from) {
  const int8_t *bytes = (const int8_t *)from;
  return (keys16){{vld1q_s8(bytes), vld1q_s8(bytes + 16), vld1q_s8(bytes + 32), vld1q_s8(bytes + 48)}};
}
INLINE sums16 step(sums16 sums, keys16 keys, int32_t four) {
  const int8x16_t query = vreinterpretq_s8_s32(vdupq_n_s32(four));
  for (int i = 0; i < 4; i++) sums.v[i] = vdotq_s32(sums.v[i], keys.v[i], query);
  return sums;
}
INLINE void store_dots(int32_t *to, sums16 sums) {
  for (int i = 0; i < 4; i++) vst1q_s32(to + 4 * i, sums.v[i]);
}

#else
#define I8_ISA "portable"
#define I8_QUERIES 4
typedef struct {
  int32_t v[GROUP];
} sums16;
typedef struct {
  const int8_t *bytes;
} keys16;

INLINE sums16 start_sums(int32_t query_sum) {
  (void)query_sum;
  return (sums16){{0}};
}
INLINE keys16 load_keys(const uint8_t *from) { return (keys16){(const int8_t *)from}; }
INLINE sums16 step(sums16 sums, keys16 keys, int32_t four) {
  int8_t query[4];
  memcpy(query, &four, 4);
  for (int i = 0; i < GROUP; i++) {
    for (int j = 0; j < 4; j++) sums.v[i] += keys.bytes[4 * i + j] * query[j];
  }
  return sums;
}
INLINE void store_dots(int32_t *to, sums16 sums) { memcpy(to, sums.v, sizeof sums.v); }
#endif

INLINE void add_relu(float *to, sums16 sums, float factor) {
  int32_t dots[GROUP];
  store_dots(dots, sums);
  for (int i = 0; i < GROUP; i++) {
    const float term = (float)(dots[i] > 0 ? dots[i] : 0) * factor;
    to[i] += term;
  }
}

#endif

#endif
