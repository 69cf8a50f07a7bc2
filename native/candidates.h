// The k best of a stream of scores that comes in ascending row order. Candidates above a running
// threshold collect in a buffer; when it is full, selection shrinks it to k and raises the threshold.
// Linear in the number of scores whatever their order; exact, ties to the lower row; what remains is
// in ascending order. NaN ranks as -infinity.

#ifndef HADAL_CANDIDATES_H
#define HADAL_CANDIDATES_H

#include <math.h>
#include "row-tables.h"
#include "simd.h"

struct candidates {
  float *scores;
  int32_t *rows;
  int32_t *keys; // room for selection
  int64_t count;
  int64_t capacity;
  int64_t k;
  float threshold; // only more than this can still be among the k best; NaN = anything can
};

// Scores arrive by GROUP, and every store may write a whole group.
static inline int64_t candidate_capacity(int64_t k) { return (2 * k + 512 + GROUP - 1) / GROUP * GROUP; }

static inline void take_candidates(struct candidates *c, uint8_t **at, int64_t k) {
  c->capacity = candidate_capacity(k);
  c->scores = take(at, (c->capacity + GROUP) * 4);
  c->rows = take(at, (c->capacity + GROUP) * 4);
  c->k = k;
}

static inline void reset_candidates(struct candidates *c) {
  c->count = 0;
  c->threshold = NAN;
}

// Integers in the order of the floats. -0 does not occur (add_candidates).
static inline int32_t order_key(float score) {
  int32_t bits;
  memcpy(&bits, &score, 4);
  return bits ^ (bits >> 31 & 0x7fffffff);
}

static inline float key_score(int32_t key) {
  const int32_t bits = key ^ (key >> 31 & 0x7fffffff);
  float score;
  memcpy(&score, &bits, 4);
  return score;
}

// Leaves the k best: bisects for the largest key that at least k candidates reach.
static void shrink_candidates(struct candidates *c) {
  const int64_t count = c->count, k = c->k;
  if (count <= k) return;
  int32_t *keys = c->keys;
  int32_t low = INT32_MAX, high = INT32_MIN;
  for (int64_t i = 0; i < count; i++) {
    const int32_t key = order_key(c->scores[i]);
    keys[i] = key;
    low = key < low ? key : low;
    high = key > high ? key : high;
  }
  int64_t reached = count; // by low
  while (low < high && reached != k) {
    const int32_t middle = (int32_t)(low + ((int64_t)high - low + 1) / 2);
    int32_t at_least = 0;
    for (int64_t i = 0; i < count; i++) at_least += keys[i] >= middle;
    if (at_least >= k) {
      low = middle;
      reached = at_least;
    } else {
      high = middle - 1;
    }
  }
  // More than k reach the border only where several tie on it: the first of them stay.
  int64_t above = 0;
  for (int64_t i = 0; i < count; i++) above += keys[i] > low;
  int64_t ties = k - above;
  int64_t kept = 0;
  for (int64_t i = 0; i < count; i++) {
    const int is_tie = keys[i] == low;
    const int stays = (keys[i] > low) | (is_tie & (ties > 0));
    ties -= is_tie;
    c->scores[kept] = c->scores[i];
    c->rows[kept] = c->rows[i];
    kept += stays;
  }
  c->count = kept;
  // Later rows lose a tie with all that are here.
  c->threshold = key_score(low);
}

// Rows first .. first + 15, of which the lower `num_valid` count.
INLINE void add_candidates(struct candidates *c, const float *scores, int32_t first,
                           int64_t num_valid) {
  int64_t count = c->count;
#if HAS_AVX512
  const __mmask16 valid = num_valid >= GROUP ? 0xffff : (__mmask16)((1u << num_valid) - 1);
  // maxps gives its second operand for NaN; adding zero makes -0 a 0.
  __m512 v = _mm512_max_ps(_mm512_loadu_ps(scores), _mm512_set1_ps(-INFINITY));
  v = _mm512_add_ps(v, _mm512_setzero_ps());
  const __m512 threshold = _mm512_set1_ps(c->threshold);
  const __mmask16 good = _mm512_mask_cmp_ps_mask(valid, v, threshold, _CMP_NLE_UQ);
  if (good == 0) return;
  const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const __m512i rows = _mm512_add_epi32(lanes, _mm512_set1_epi32(first));
  _mm512_storeu_ps(c->scores + count, _mm512_maskz_compress_ps(good, v));
  _mm512_storeu_si512(c->rows + count, _mm512_maskz_compress_epi32(good, rows));
  count += __builtin_popcount(good);
#else
  int any = 0;
  for (int i = 0; i < GROUP; i++) any |= !(scores[i] <= c->threshold);
  if (!any) return;
  const int64_t end = num_valid < GROUP ? num_valid : GROUP;
  for (int64_t i = 0; i < end; i++) {
    const float score = scores[i] == scores[i] ? scores[i] + 0.0f : -INFINITY;
    c->scores[count] = score;
    c->rows[count] = first + (int32_t)i;
    count += !(score <= c->threshold);
  }
#endif
  c->count = count;
  if (count + GROUP > c->capacity) shrink_candidates(c);
}

#endif
