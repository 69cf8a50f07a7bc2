// The lightning indexer (V3.2 report section 2.1): scores every visible row of each token and keeps
// the k best, without the scores ever lying in memory as a whole.
//   score[t, s] = sum_j w[j, t] * relu(q[:, j, t] . row s)
// Neighbouring tokens of one sequence (a prompt) share each pass over the rows; a few tokens (decoding)
// have their rows divided among the threads instead, and a second node merges the parts. Neither
// changes a result: each score is computed by itself, and the k best of parts contain the k best.

#include "candidates.h"
#include "dot-i8.h"
#include "quantize-row.h"
#include "row-tables.h"
#include "simd.h"

#define FLOAT_QUERIES 8

// One pass over the rows: up to MAX_BLOCK tokens of one sequence with all their heads. A pair is one
// head of one token.
struct pass {
  int64_t num_tokens;
  int64_t num_pairs;
  int64_t visible[MAX_BLOCK];
  struct candidates candidates[MAX_BLOCK];
  int32_t *packed;     // i8: per chunk of pairs [width / 4][pairs], four bytes each
  int32_t *query_sums; // i8: per pair
  float *queries;      // float: [padded width] per pair
  float *row;          // float: one row, padded
  float *factors;      // per pair: head weight, times the query's scale for i8
  float (*scores)[GROUP];
};

static void take_pass(struct pass *pass, uint8_t **at, const struct node *node) {
  const int64_t size = block_size(node->num_heads), max_pairs = size * node->num_heads;
  const int64_t padded = pad_width(node->width);
  if (node->dtype == ROWS_I8) {
    pass->packed = take(at, max_pairs * node->width);
    pass->query_sums = take(at, max_pairs * 4);
  } else {
    pass->queries = take(at, max_pairs * padded * 4);
    pass->row = take(at, padded * 4);
  }
  pass->factors = take(at, max_pairs * 4);
  pass->scores = take(at, size * GROUP * 4);
  int32_t *keys = take(at, (candidate_capacity(node->k) + GROUP) * 4);
  for (int64_t t = 0; t < size; t++) {
    take_candidates(&pass->candidates[t], at, node->k);
    pass->candidates[t].keys = keys;
  }
}

// --- i8 rows -----------------------------------------------------------------------------------------

// Chunks of I8_QUERIES pairs, then of the powers of two below.
INLINE int64_t chunk_size(int64_t num_left, int64_t most) {
  while (most > num_left) most /= 2;
  return most;
}

static void pack_queries(struct pass *pass, const struct node *node, int64_t token) {
  const int64_t width = node->width, heads = node->num_heads;
  const float *queries = node->queries + token * heads * width;
  int8_t *chunk = (int8_t *)pass->packed;
  for (int64_t first = 0, size; first < pass->num_pairs; first += size, chunk += size * width) {
    size = chunk_size(pass->num_pairs - first, I8_QUERIES);
    for (int64_t p = 0; p < size; p++) {
      const float *query = queries + (first + p) * width;
      const float scale = row_scale(query, width);
      int32_t sum = 0;
      for (int64_t i = 0; i < width; i++) {
        const int8_t value = quantize_value(query[i], scale);
        chunk[(i / 4 * size + p) * 4 + i % 4] = value;
        sum += value;
      }
      pass->query_sums[first + p] = sum;
      pass->factors[first + p] = node->weights[token * heads + first + p] * scale;
    }
  }
}

// Dot products of `num` packed queries (a constant where this is called) with one group of rows.
INLINE void dot_chunk(sums16 *dots, const uint8_t *group, const int32_t *packed,
                      const int32_t *query_sums, int64_t num_steps, const int num) {
  sums16 sums[I8_QUERIES];
  UNROLL for (int p = 0; p < num; p++) sums[p] = start_sums(query_sums[p]);
  do {
    const keys16 keys = load_keys(group);
    UNROLL for (int p = 0; p < num; p++) sums[p] = step(sums[p], keys, packed[p]);
    group += 4 * GROUP;
    packed += num;
  } while (--num_steps > 0);
  UNROLL for (int p = 0; p < num; p++) dots[p] = sums[p];
}

// Functions of their own, so that the compiler keeps all sums in registers.
#define DOT_CHUNK(num)                                                                         \
  static __attribute__((noinline)) void dot_chunk_##num(                                       \
      sums16 *dots, const uint8_t *group, const int32_t *packed, const int32_t *query_sums,   \
      int64_t num_steps) {                                                                     \
    dot_chunk(dots, group, packed, query_sums, num_steps, num);                                \
  }
DOT_CHUNK(1)
DOT_CHUNK(2)
DOT_CHUNK(4)
#if I8_QUERIES >= 16
DOT_CHUNK(8)
DOT_CHUNK(16)
#endif

static void score_i8_group(struct pass *pass, const uint8_t *group, int64_t width,
                           int64_t num_heads) {
  const int64_t num_steps = width / 4;
  const int32_t *packed = pass->packed;
  int64_t token = 0, head = 0;
  for (int64_t first = 0, size; first < pass->num_pairs; first += size, packed += size * num_steps) {
    const int32_t *sums = pass->query_sums + first;
    sums16 dots[I8_QUERIES];
    size = chunk_size(pass->num_pairs - first, I8_QUERIES);
    switch (size) {
#if I8_QUERIES >= 16
    case 16:
      dot_chunk_16(dots, group, packed, sums, num_steps);
      break;
    case 8:
      dot_chunk_8(dots, group, packed, sums, num_steps);
      break;
#endif
    case 4:
      dot_chunk_4(dots, group, packed, sums, num_steps);
      break;
    case 2:
      dot_chunk_2(dots, group, packed, sums, num_steps);
      break;
    default:
      dot_chunk_1(dots, group, packed, sums, num_steps);
    }
    for (int64_t p = 0; p < size; p++) {
      add_relu(pass->scores[token], dots[p], pass->factors[first + p]);
      if (++head < num_heads) continue;
      head = 0;
      token++;
    }
  }
  const uint8_t *scales = group + GROUP * width;
  for (int64_t t = 0; t < pass->num_tokens; t++) {
    for (int i = 0; i < GROUP; i++) {
      float scale;
      memcpy(&scale, scales + 4 * i, 4);
      pass->scores[t][i] *= scale;
    }
  }
}

// --- float rows --------------------------------------------------------------------------------------

static void copy_queries(struct pass *pass, const struct node *node, int64_t token) {
  const int64_t width = node->width, padded = pad_width(width);
  const float *queries = node->queries + token * node->num_heads * width;
  for (int64_t p = 0; p < pass->num_pairs; p++) {
    float *to = pass->queries + p * padded;
    memcpy(to, queries + p * width, (size_t)width * 4);
    memset(to + width, 0, (size_t)(padded - width) * 4);
    pass->factors[p] = node->weights[token * node->num_heads + p];
  }
  memset(pass->row + width, 0, (size_t)(padded - width) * 4);
}

INLINE void score_row_chunk(struct pass *pass, int lane, int64_t first, int64_t padded,
                            int64_t num_heads, const int num) {
  vf sums[FLOAT_QUERIES];
  const float *queries = pass->queries + first * padded;
  UNROLL for (int p = 0; p < num; p++) sums[p] = splat(0);
  for (int64_t i = 0; i < padded; i += VW) {
    const vf row = load(pass->row + i);
    UNROLL for (int p = 0; p < num; p++) sums[p] = multiply_add(row, load(queries + p * padded + i), sums[p]);
  }
  for (int p = 0; p < num; p++) {
    const float dot = sum_lanes(sums[p]);
    // NaN is not below zero: it stays.
    const float term = (dot < 0 ? 0 : dot) * pass->factors[first + p];
    pass->scores[(first + p) / num_heads][lane] += term;
  }
}

static void score_float_rows(struct pass *pass, const uint8_t *rows, int64_t num_rows,
                             const struct node *node) {
  const int64_t padded = pad_width(node->width), heads = node->num_heads;
  for (int lane = 0; lane < num_rows; lane++) {
    widen_row(pass->row, rows + lane * node->row_bytes, node->width, node->dtype == ROWS_F16);
    int64_t first = 0;
    for (; first + 8 <= pass->num_pairs; first += 8) {
      score_row_chunk(pass, lane, first, padded, heads, 8);
    }
    for (; first < pass->num_pairs; first++) score_row_chunk(pass, lane, first, padded, heads, 1);
  }
}

// --- passes ------------------------------------------------------------------------------------------

// Part `part` of the rows of tokens first .. first + num_tokens, which share their rows.
static void run_pass(struct pass *pass, const struct node *node, int64_t first, int64_t num_tokens,
                     int64_t part) {
  int64_t most = 0;
  for (int64_t t = 0; t < num_tokens; t++) {
    pass->visible[t] = visible_rows(node, first + t);
    most = pass->visible[t] > most ? pass->visible[t] : most;
    reset_candidates(&pass->candidates[t]);
  }
  pass->num_tokens = num_tokens;
  pass->num_pairs = num_tokens * node->num_heads;
  if (node->dtype == ROWS_I8) pack_queries(pass, node, first);
  else copy_queries(pass, node, first);

  const uint8_t *rows = layer_rows(node, first);
  const int64_t num_groups = (most + GROUP - 1) / GROUP;
  const int64_t end = num_groups * (part + 1) / node->num_parts;
  for (int64_t g = num_groups * part / node->num_parts; g < end; g++) {
    memset(pass->scores, 0, (size_t)num_tokens * sizeof *pass->scores);
    const uint8_t *group = rows + g * GROUP * node->row_bytes;
    if (node->dtype == ROWS_I8) {
      score_i8_group(pass, group, node->width, node->num_heads);
    } else {
      const int64_t left = most - g * GROUP;
      score_float_rows(pass, group, left < GROUP ? left : GROUP, node);
    }
    for (int64_t t = 0; t < num_tokens; t++) {
      const int64_t valid = pass->visible[t] - g * GROUP;
      if (valid <= 0) continue;
      add_candidates(&pass->candidates[t], pass->scores[t], (int32_t)(g * GROUP), valid);
    }
  }
  for (int64_t t = 0; t < num_tokens; t++) shrink_candidates(&pass->candidates[t]);
}

static void write_chosen(const struct node *node, int64_t token, const struct candidates *c) {
  int32_t *chosen = (int32_t *)node->dst + token * node->k;
  memcpy(chosen, c->rows, (size_t)c->count * 4);
  for (int64_t i = c->count; i < node->k; i++) chosen[i] = -1;
}

// --- parts -------------------------------------------------------------------------------------------

// The best of one part of one token: a count, then up to k scores and k rows.
static int64_t part_bytes(const struct node *node) { return 8 + node->k * 8; }

static uint8_t *part_of(const struct node *node, int64_t token, int64_t part) {
  return node->partials + (token * node->num_parts + part) * part_bytes(node);
}

static void write_part(const struct node *node, int64_t token, int64_t part,
                       const struct candidates *c) {
  uint8_t *to = part_of(node, token, part);
  memcpy(to, &c->count, 8);
  memcpy(to + 8, c->scores, (size_t)c->count * 4);
  memcpy(to + 8 + node->k * 4, c->rows, (size_t)c->count * 4);
}

// Parts come in ascending row order, as candidates must.
static void merge_parts(const struct node *node, int64_t token, struct candidates *c) {
  reset_candidates(c);
  for (int64_t part = 0; part < node->num_parts; part++) {
    const uint8_t *from = part_of(node, token, part);
    int64_t count;
    memcpy(&count, from, 8);
    if (c->count + count > c->capacity) shrink_candidates(c);
    memcpy(c->scores + c->count, from + 8, (size_t)count * 4);
    memcpy(c->rows + c->count, from + 8 + node->k * 4, (size_t)count * 4);
    c->count += count;
  }
  shrink_candidates(c);
}

// --- what ggml calls -----------------------------------------------------------------------------------

// Writes the chosen rows, or with several parts the best of each.
EXPORT void hadal_index_top_k(void *dst, int thread, int num_threads, void *params) {
  struct node *node = params;
  (void)dst;
  const int64_t size = block_size(node->num_heads);
  const int64_t num_items = (node->num_tokens + size - 1) / size * node->num_parts;
  if (thread < node->num_threads) {
    struct pass pass;
    uint8_t *at = node->scratch + thread * node->scratch_stride;
    take_pass(&pass, &at, node);
    for (int64_t item; (item = draw_item(node)) < num_items;) {
      const int64_t start = item / node->num_parts * size, part = item % node->num_parts;
      const int64_t end = start + size < node->num_tokens ? start + size : node->num_tokens;
      for (int64_t first = start, length; first < end; first += length) {
        length = run_length(node, first, end);
        run_pass(&pass, node, first, length, part);
        for (int64_t t = 0; t < length; t++) {
          if (node->num_parts == 1) write_chosen(node, first + t, &pass.candidates[t]);
          else write_part(node, first + t, part, &pass.candidates[t]);
        }
      }
    }
  }
  finish_items(node, num_threads);
}

// The second node where rows are in several parts.
EXPORT void hadal_merge_top_k(void *dst, int thread, int num_threads, void *params) {
  const struct node *node = params;
  (void)dst;
  if (thread >= node->num_threads) return;
  const int64_t step = num_threads < node->num_threads ? num_threads : node->num_threads;
  struct pass pass;
  uint8_t *at = node->scratch + thread * node->scratch_stride;
  take_pass(&pass, &at, node);
  for (int64_t token = thread; token < node->num_tokens; token += step) {
    merge_parts(node, token, &pass.candidates[0]);
    write_chosen(node, token, &pass.candidates[0]);
  }
}

// Scratch memory per thread, and memory for parts, that a node with these sizes needs.
EXPORT int64_t hadal_index_scratch(const struct node *node) {
  struct pass pass;
  uint8_t *at = 0;
  take_pass(&pass, &at, node);
  return (int64_t)(intptr_t)at;
}

EXPORT int64_t hadal_index_partials(const struct node *node) {
  return node->num_parts == 1 ? 0 : node->num_tokens * node->num_parts * part_bytes(node);
}
