// Absorbed multi-query attention over rows that all heads share (model reference section 8):
//   out[:, h, t] = sum_s softmax_s(scale * q[h, t] . row s) * row s[0 .. value_width]
// Rows come in tiles of TILE, converted to floats once for all heads (and, without a choice of rows,
// for neighbouring tokens of one sequence), with a running maximum and sum per head. Tiles start at the
// token's first row whatever shares them, so the order of every sum is the token's own.

#include <math.h>
#include "row-tables.h"
#include "simd.h"

#define TILE 32
// Rows and heads whose dot products run side by side in registers.
#define DOT_ROWS 4
#if HAS_AVX512 || HAS_NEON
#define DOT_HEADS 4
#else
#define DOT_HEADS 2
#endif
#define VALUE_VECTORS 4

_Static_assert(TILE % VW == 0 && TILE % DOT_ROWS == 0, "tiles are whole vectors");

struct attention {
  const struct node *node;
  int64_t padded; // row stride in floats
  int64_t value_padded;
  float *tile;    // [TILE][padded]
  float *queries; // [padded] per head of the tokens at work; padding is zero
  float *sums;    // [value_padded] per head: weighted values
  float *largest; // per head: the largest score so far
  float *totals;  // per head: sum of weights
};

static void take_attention(struct attention *a, uint8_t **at, const struct node *node) {
  const int64_t pairs = (node->chosen ? 1 : block_size(node->num_heads)) * node->num_heads;
  a->node = node;
  a->padded = pad_width(node->width);
  a->value_padded = pad_width(node->value_width);
  a->tile = take(at, TILE * a->padded * 4);
  a->queries = take(at, pairs * a->padded * 4);
  a->sums = take(at, pairs * a->value_padded * 4);
  a->largest = take(at, pairs * 4);
  a->totals = take(at, pairs * 4);
}

// --- tiles -------------------------------------------------------------------------------------------

// Rows of a tile as floats: those listed, or count from `first` on where there is no list.
static void load_tile(struct attention *a, const uint8_t *layer, const int32_t *list, int64_t first,
                      int64_t count) {
  const struct node *node = a->node;
  for (int64_t s = 0; s < count; s++) {
    const int64_t row = list ? list[s] : first + s;
    float *to = a->tile + s * a->padded;
    widen_row(to, layer + row * node->row_bytes, node->width, node->dtype == ROWS_F16);
    for (int64_t i = node->width; i < a->padded; i++) to[i] = 0;
  }
  // Dot products run over whole blocks of rows; what lies beyond must at least be numbers.
  const int64_t whole = (count + DOT_ROWS - 1) / DOT_ROWS * DOT_ROWS;
  memset(a->tile + count * a->padded, 0, (size_t)((whole - count) * a->padded) * 4);
}

// Scores of `num` heads (a constant) with all rows of the tile: scores[head][TILE].
INLINE void score_heads(const struct attention *a, const float *queries, int64_t num_rows,
                        float (*scores)[TILE], const int num) {
  for (int64_t first = 0; first < num_rows; first += DOT_ROWS) {
    const float *rows = a->tile + first * a->padded;
    vf sums[DOT_HEADS][DOT_ROWS];
    UNROLL for (int h = 0; h < num; h++) {
      UNROLL for (int s = 0; s < DOT_ROWS; s++) sums[h][s] = splat(0);
    }
    for (int64_t i = 0; i < a->padded; i += VW) {
      vf row[DOT_ROWS];
      UNROLL for (int s = 0; s < DOT_ROWS; s++) row[s] = load(rows + s * a->padded + i);
      UNROLL for (int h = 0; h < num; h++) {
        const vf query = load(queries + h * a->padded + i);
        UNROLL for (int s = 0; s < DOT_ROWS; s++) sums[h][s] = multiply_add(query, row[s], sums[h][s]);
      }
    }
    UNROLL for (int h = 0; h < num; h++) {
      UNROLL for (int s = 0; s < DOT_ROWS; s++) scores[h][first + s] = sum_lanes(sums[h][s]);
    }
  }
}

// Scores become weights relative to the new maximum; returns the factor for what was summed before.
INLINE float weigh(float *scores, int64_t count, float scale, float *largest, float *total) {
  for (int64_t s = count; s < TILE; s++) scores[s] = -INFINITY;
  vf most = splat(-INFINITY);
  for (int s = 0; s < TILE; s += VW) {
    // Beyond the count -infinity must stay itself, also where the scale is negative or zero.
    const vf score = load(scores + s);
    const vf scaled = blend(score == splat(-INFINITY), score, score * splat(scale));
    store(scores + s, scaled);
    most = larger(scaled, most);
  }
  const float tile_most = largest_lane(most);
  const float next = tile_most > *largest ? tile_most : *largest;
  vf sum = splat(0);
  for (int s = 0; s < TILE; s += VW) {
    const vf weight = exp_negative(load(scores + s) - splat(next));
    store(scores + s, weight);
    sum += weight;
  }
  float before[VW];
  store(before, exp_negative(splat(*largest - next)));
  *total = *total * before[0] + sum_lanes(sum);
  *largest = next;
  return before[0];
}

// sums = sums * before + weights * rows, for `num` heads and `vectors` vectors from element i on.
INLINE void add_values(struct attention *a, float *sums, int64_t i, const float (*weights)[TILE],
                       const float *before, int64_t count, const int num, const int vectors) {
  vf acc[DOT_HEADS][VALUE_VECTORS];
  UNROLL for (int h = 0; h < num; h++) {
    UNROLL for (int v = 0; v < vectors; v++) {
      acc[h][v] = load(sums + h * a->value_padded + i + v * VW) * splat(before[h]);
    }
  }
  for (int64_t s = 0; s < count; s++) {
    const float *row = a->tile + s * a->padded + i;
    vf value[VALUE_VECTORS];
    UNROLL for (int v = 0; v < vectors; v++) value[v] = load(row + v * VW);
    UNROLL for (int h = 0; h < num; h++) {
      const vf weight = splat(weights[h][s]);
      UNROLL for (int v = 0; v < vectors; v++) acc[h][v] = multiply_add(weight, value[v], acc[h][v]);
    }
  }
  UNROLL for (int h = 0; h < num; h++) {
    UNROLL for (int v = 0; v < vectors; v++) {
      store(sums + h * a->value_padded + i + v * VW, acc[h][v]);
    }
  }
}

// The tile's first `count` rows for `num` heads from `pair` on.
INLINE void attend_heads(struct attention *a, int64_t pair, int64_t count, const int num) {
  float scores[DOT_HEADS][TILE];
  float before[DOT_HEADS];
  const float scale = (float)a->node->scale;
  score_heads(a, a->queries + pair * a->padded, count, scores, num);
  for (int h = 0; h < num; h++) {
    before[h] = weigh(scores[h], count, scale, &a->largest[pair + h], &a->totals[pair + h]);
  }
  float *sums = a->sums + pair * a->value_padded;
  const float(*weights)[TILE] = (const float(*)[TILE])scores;
  int64_t i = 0;
  for (; i + VALUE_VECTORS * VW <= a->value_padded; i += VALUE_VECTORS * VW) {
    add_values(a, sums, i, weights, before, count, num, VALUE_VECTORS);
  }
  for (; i < a->value_padded; i += VW) add_values(a, sums, i, weights, before, count, num, 1);
}

static void attend_tile(struct attention *a, int64_t pair, int64_t num_heads, int64_t count) {
  int64_t head = 0;
  for (; head + DOT_HEADS <= num_heads; head += DOT_HEADS) {
    attend_heads(a, pair + head, count, DOT_HEADS);
  }
  for (; head < num_heads; head++) attend_heads(a, pair + head, count, 1);
}

// --- tokens ------------------------------------------------------------------------------------------

// Takes over heads first_head .. first_head + num_heads of a token as pairs from `pair` on.
static void start_token(struct attention *a, int64_t pair, int64_t token, int64_t first_head,
                        int64_t num_heads) {
  const struct node *node = a->node;
  const int64_t width = node->width;
  for (int64_t h = 0; h < num_heads; h++) {
    float *query = a->queries + (pair + h) * a->padded;
    const int64_t from = (token * node->num_heads + first_head + h) * width;
    memcpy(query, node->queries + from, (size_t)width * 4);
    memset(query + width, 0, (size_t)(a->padded - width) * 4);
    a->largest[pair + h] = -INFINITY;
    a->totals[pair + h] = 0;
  }
  memset(a->sums + pair * a->value_padded, 0, (size_t)(num_heads * a->value_padded) * 4);
}

// A token without any row gets zeros.
static void finish_token(const struct attention *a, int64_t pair, int64_t token, int64_t first_head,
                         int64_t num_heads, int64_t num_rows) {
  const struct node *node = a->node;
  const int64_t width = node->value_width;
  for (int64_t h = 0; h < num_heads; h++) {
    float *out = (float *)node->dst + (token * node->num_heads + first_head + h) * width;
    const float *sums = a->sums + (pair + h) * a->value_padded;
    const float divisor = num_rows == 0 ? 1 : a->totals[pair + h];
    for (int64_t i = 0; i < width; i++) out[i] = sums[i] / divisor;
  }
}

// Length of the token's list of rows; a row that it does not see ends the list and raises the fault.
static int64_t num_chosen(const struct node *node, int64_t token, const int32_t *list) {
  const int64_t visible = visible_rows(node, token);
  for (int64_t i = 0; i < node->k; i++) {
    if (list[i] >= 0 && list[i] < visible) continue;
    if (list[i] != -1 && visible > 0) raise_fault(node, FAULT_CHOSEN, token, list[i], visible);
    return i;
  }
  return node->k;
}

static void attend_chosen(struct attention *a, int64_t token, int64_t first_head,
                          int64_t num_heads) {
  const struct node *node = a->node;
  const int32_t *list = node->chosen + token * node->k;
  const int64_t num_rows = num_chosen(node, token, list);
  const uint8_t *layer = layer_rows(node, token);
  start_token(a, 0, token, first_head, num_heads);
  for (int64_t first = 0; first < num_rows; first += TILE) {
    const int64_t count = num_rows - first < TILE ? num_rows - first : TILE;
    for (int64_t s = first + TILE; s < first + 2 * TILE && s < num_rows; s++) {
      const uint8_t *row = layer + list[s] * node->row_bytes;
      for (int64_t byte = 0; byte < node->row_bytes; byte += 64) __builtin_prefetch(row + byte);
    }
    load_tile(a, layer, list + first, 0, count);
    attend_tile(a, 0, num_heads, count);
  }
  finish_token(a, 0, token, first_head, num_heads, num_rows);
}

// All visible rows of tokens first .. first + num_tokens, which share their rows.
static void attend_visible(struct attention *a, int64_t first, int64_t num_tokens,
                           int64_t first_head, int64_t num_heads) {
  const struct node *node = a->node;
  int64_t visible[MAX_BLOCK], most = 0;
  for (int64_t t = 0; t < num_tokens; t++) {
    visible[t] = visible_rows(node, first + t);
    most = visible[t] > most ? visible[t] : most;
    start_token(a, t * num_heads, first + t, first_head, num_heads);
  }
  const uint8_t *layer = layer_rows(node, first);
  for (int64_t row = 0; row < most; row += TILE) {
    load_tile(a, layer, 0, row, most - row < TILE ? most - row : TILE);
    for (int64_t t = 0; t < num_tokens; t++) {
      const int64_t left = visible[t] - row;
      if (left <= 0) continue;
      attend_tile(a, t * num_heads, num_heads, left < TILE ? left : TILE);
    }
  }
  for (int64_t t = 0; t < num_tokens; t++) {
    finish_token(a, t * num_heads, first + t, first_head, num_heads, visible[t]);
  }
}

// --- what ggml calls -----------------------------------------------------------------------------------

EXPORT void hadal_attend_rows(void *dst, int thread, int num_threads, void *params) {
  struct node *node = params;
  (void)dst;
  const int64_t heads = node->num_heads, tokens = node->num_tokens;
  const int64_t size = node->chosen ? 1 : block_size(heads);
  const int64_t num_blocks = (tokens + size - 1) / size;
  // Few tokens: their heads are divided as well.
  int64_t parts = 1;
  if (num_blocks < 4 * num_threads) {
    const int64_t most = (heads + DOT_HEADS - 1) / DOT_HEADS;
    parts = num_threads < most ? num_threads : most;
  }
  if (thread < node->num_threads) {
    struct attention a;
    uint8_t *at = node->scratch + thread * node->scratch_stride;
    take_attention(&a, &at, node);
    for (int64_t item; (item = draw_item(node)) < num_blocks * parts;) {
      const int64_t start = item / parts * size, part = item % parts;
      const int64_t end = start + size < tokens ? start + size : tokens;
      const int64_t first_head = heads * part / parts;
      const int64_t num_heads = heads * (part + 1) / parts - first_head;
      for (int64_t first = start, length; first < end; first += length) {
        length = run_length(node, first, end);
        if (node->chosen) attend_chosen(&a, first, first_head, num_heads);
        else attend_visible(&a, first, length, first_head, num_heads);
      }
    }
  }
  finish_items(node, num_threads);
}

EXPORT int64_t hadal_attend_scratch(const struct node *node) {
  struct attention a;
  uint8_t *at = 0;
  take_attention(&a, &at, node);
  return (int64_t)(intptr_t)at;
}
