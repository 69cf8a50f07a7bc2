// Products of q8_0 weights with activations of eight bits: whole matrices, and experts chosen per
// token. Each group of 16 rows is read once for up to TILE columns; sums of a block of 32 are exact
// integers, sums over blocks are floats in ascending order, whatever the tile.

#include "dot-i8.h"
#include "products.h"
#include "simd.h"

// Columns whose sums run side by side in registers.
#if HAS_AVX512
#define TILE 8
#else
#define TILE 2
#endif
// Columns of one item of work: their blocks stay in the second cache while groups pass.
#define ITEM_COLUMNS 64
// Items per thread, so that a thread that was held up leaves the rest to others.
#define ITEMS_PER_THREAD 4
#define VECTORS (GROUP / VW)

// Weights lie as load_keys() would give them, where that is not how they are in the file.
#if defined(__AVX512VNNI__) && HAS_AVX512
#define BIAS 0x80
INLINE keys16 load_weights(const uint8_t *from) { return _mm512_loadu_si512(from); }
INLINE void to_floats(vf *to, sums16 dots) { to[0] = (vf)_mm512_cvtepi32_ps(dots); }
#else
#define BIAS 0
INLINE keys16 load_weights(const uint8_t *from) { return load_keys(from); }
INLINE void to_floats(vf *to, sums16 dots) {
  int32_t integers[GROUP];
  store_dots(integers, dots);
  for (int v = 0; v < VECTORS; v++) {
    vi some;
    memcpy(&some, integers + v * VW, sizeof some);
    to[v] = __builtin_convertvector(some, vf);
  }
}
#endif

// Where a block of 16 rows lies in its group, in bytes.
struct place {
  int64_t values, scales;
};

INLINE struct place place_of(int64_t block, int64_t num_blocks) {
  const int64_t pair = block & ~(int64_t)1, length = num_blocks - pair < 2 ? 1 : 2;
  const int64_t start = pair * FILE_BLOCK_BYTES * GROUP;
  return (struct place){start + (block - pair) * BLOCK * GROUP,
                        start + length * BLOCK * GROUP + (block - pair) * 2 * GROUP};
}

// 16 rows with `num` columns (a constant).
INLINE void multiply_tile(const uint8_t *group, int64_t num_blocks,
                          const struct activations *const *columns, float *const *results,
                          const int num) {
  vf acc[TILE][VECTORS];
  UNROLL for (int c = 0; c < num; c++) {
    UNROLL for (int v = 0; v < VECTORS; v++) acc[c][v] = splat(0);
  }
  for (int64_t b = 0; b < num_blocks; b++) {
    const struct place at = place_of(b, num_blocks);
    sums16 dots[TILE];
    UNROLL for (int c = 0; c < num; c++) dots[c] = start_sums(columns[c][b].sum);
    UNROLL for (int i = 0; i < BLOCK / 4; i++) {
      const keys16 weights = load_weights(group + at.values + i * 4 * GROUP);
      UNROLL for (int c = 0; c < num; c++) {
        int32_t four;
        memcpy(&four, columns[c][b].values + 4 * i, 4);
        dots[c] = step(dots[c], weights, four);
      }
    }
    UNROLL for (int c = 0; c < num; c++) {
      vf products[VECTORS];
      to_floats(products, dots[c]);
      const vf scale = splat(columns[c][b].scale);
      UNROLL for (int v = 0; v < VECTORS; v++) {
        const vf scaled = load_halves((const uint16_t *)(group + at.scales) + v * VW) * scale;
        acc[c][v] = multiply_add(products[v], scaled, acc[c][v]);
      }
    }
  }
  UNROLL for (int c = 0; c < num; c++) {
    UNROLL for (int v = 0; v < VECTORS; v++) store(results[c] + v * VW, acc[c][v]);
  }
}

// Groups first .. end of a matrix with some columns, and where their results start.
static void multiply(const struct product *node, const uint8_t *matrix, int64_t first, int64_t end,
                     const struct activations *const *columns, float *const *results,
                     int64_t num_columns) {
  const int64_t num_blocks = node->num_summed / BLOCK;
  for (int64_t g = first; g < end; g++) {
    const uint8_t *group = matrix + g * num_blocks * FILE_BLOCK_BYTES * GROUP;
    float *at[TILE];
    for (int64_t c = 0; c < num_columns;) {
      const int64_t left = num_columns - c;
      const int64_t num = left >= TILE ? TILE : TILE > 4 && left >= 4 ? 4 : left >= 2 ? 2 : 1;
      for (int64_t i = 0; i < num; i++) at[i] = results[c + i] + g * GROUP;
      if (num == TILE) multiply_tile(group, num_blocks, columns + c, at, TILE);
#if TILE > 4
      else if (num == 4) multiply_tile(group, num_blocks, columns + c, at, 4);
#endif
      else if (num == 2) multiply_tile(group, num_blocks, columns + c, at, 2);
      else multiply_tile(group, num_blocks, columns + c, at, 1);
      c += num;
    }
  }
}

// --- threads ---------------------------------------------------------------------------------------

static int64_t draw(struct product *node) {
  return __atomic_fetch_add(&node->next_item, 1, __ATOMIC_RELAXED);
}

// As finish_items of row-tables.h.
static void finish(struct product *node, int num_threads) {
  if (__atomic_add_fetch(&node->num_done, 1, __ATOMIC_ACQ_REL) < num_threads) return;
  __atomic_store_n(&node->num_done, 0, __ATOMIC_RELAXED);
  __atomic_store_n(&node->next_item, 0, __ATOMIC_RELEASE);
}

// Parts into which the groups of a matrix are divided when there are `num_others` such items already.
static int64_t num_parts(int64_t num_groups, int64_t num_others, int num_threads) {
  if (num_threads == 1) return 1;
  const int64_t wanted = (ITEMS_PER_THREAD * num_threads + num_others - 1) / num_others;
  return wanted < num_groups ? wanted : num_groups;
}

// --- what ggml calls -------------------------------------------------------------------------------

// Without routes: the columns of the activations with one matrix. With routes: each column of the
// result is of one expert.
EXPORT void hadal_multiply(void *dst, int thread, int num_threads, void *params) {
  struct product *node = params;
  (void)dst;
  (void)thread;
  const int64_t num_groups = node->num_rows / GROUP;
  const int64_t num_blocks = node->num_summed / BLOCK;
  const struct activations *source = node->source;
  const int32_t *routes = node->routes;
  // The list of route_experts: items, then columns of the result in their order.
  const int64_t num_lists =
      routes ? routes[0] : (node->num_columns + ITEM_COLUMNS - 1) / ITEM_COLUMNS;
  const int32_t *order = routes ? routes + 1 + 3 * node->num_columns : 0;
  const int64_t parts = num_lists == 0 ? 0 : num_parts(num_groups, num_lists, num_threads);
  const struct activations *columns[ITEM_COLUMNS];
  float *results[ITEM_COLUMNS];
  for (int64_t item; (item = draw(node)) < num_lists * parts;) {
    const int64_t list = item / parts, part = item % parts;
    const int64_t first = routes ? routes[3 * list + 2] : list * ITEM_COLUMNS;
    const int64_t left = node->num_columns - first;
    const int64_t length = routes ? routes[3 * list + 3] : left < ITEM_COLUMNS ? left : ITEM_COLUMNS;
    const uint8_t *matrix = node->weights;
    if (routes) {
      matrix += routes[3 * list + 1] * num_groups * num_blocks * FILE_BLOCK_BYTES * GROUP;
    }
    for (int64_t i = 0; i < length; i++) {
      const int64_t column = routes ? order[first + i] : first + i;
      const int64_t input = routes ? column / node->num_used * node->num_inputs +
                                         column % node->num_used % node->num_inputs
                                   : column;
      columns[i] = source + input * num_blocks;
      results[i] = (float *)node->dst + column * node->num_rows;
    }
    multiply(node, matrix, num_groups * part / parts, num_groups * (part + 1) / parts, columns,
             results, length);
  }
  finish(node, num_threads);
}

// Sorts the columns of a result by expert, so that each expert's weights are read once:
//   [0] number of lists; then [3] per list: expert, first, length; from 1 + 3 * num_columns on the
//   columns. A list has at most ITEM_COLUMNS. `counts` of the experts follow, as room for sorting.
// Contract: runs on one thread.
EXPORT void hadal_route_experts(void *dst, int thread, int num_threads, void *params) {
  const struct product *node = params;
  (void)dst;
  (void)num_threads;
  if (thread != 0) return;
  const int64_t num_columns = node->num_columns, num_experts = node->num_experts;
  int32_t *routes = node->dst, *order = routes + 1 + 3 * num_columns, *ends = order + num_columns;
  memset(ends, 0, (size_t)num_experts * 4);
  int32_t num_valid = 0;
  for (int pass = 0; pass < 2; pass++) {
    for (int64_t column = 0; column < num_columns; column++) {
      const int64_t token = column / node->num_used, used = column % node->num_used;
      const int32_t expert = *(const int32_t *)((const uint8_t *)node->source +
                                                used * node->strides[0] + token * node->strides[1]);
      const int is_valid = expert >= 0 && expert < num_experts;
      if (pass == 1) {
        if (is_valid) order[ends[expert]++] = (int32_t)column;
      } else if (is_valid) {
        ends[expert]++;
      } else if (__atomic_exchange_n(&node->fault->raised, 1, __ATOMIC_RELAXED) == 0) {
        node->fault->token = (int32_t)token;
        node->fault->row = expert;
        node->fault->limit = (int32_t)num_experts;
      }
    }
    if (pass == 1) break;
    for (int64_t expert = 0; expert < num_experts; expert++) {
      const int32_t count = ends[expert];
      ends[expert] = num_valid;
      num_valid += count;
    }
  }
  int32_t num_lists = 0, first = 0;
  for (int64_t expert = 0; expert < num_experts; expert++) {
    while (first < ends[expert]) {
      const int32_t left = ends[expert] - first;
      int32_t *list = routes + 1 + 3 * num_lists++;
      list[0] = (int32_t)expert;
      list[1] = first;
      list[2] = left < ITEM_COLUMNS ? left : ITEM_COLUMNS;
      first += list[2];
    }
  }
  routes[0] = num_lists;
}

// --- loading ---------------------------------------------------------------------------------------

// Whole matrices of q8_0 rows into groups. Contract: num_rows is a multiple of 16.
EXPORT void hadal_interleave(uint8_t *to, const uint8_t *from, int64_t num_rows, int64_t num_summed) {
  const int64_t num_blocks = num_summed / BLOCK, row_bytes = num_blocks * FILE_BLOCK_BYTES;
  for (int64_t row = 0; row < num_rows; row += GROUP) {
    uint8_t *group = to + row * row_bytes;
    for (int64_t b = 0; b < num_blocks; b++) {
      const struct place at = place_of(b, num_blocks);
      for (int64_t lane = 0; lane < GROUP; lane++) {
        const uint8_t *block = from + (row + lane) * row_bytes + b * FILE_BLOCK_BYTES;
        memcpy(group + at.scales + lane * 2, block, 2);
        for (int i = 0; i < BLOCK / 4; i++) {
          uint32_t four;
          memcpy(&four, block + 2 + 4 * i, 4);
          four ^= BIAS * 0x01010101u;
          memcpy(group + at.values + (i * GROUP + lane) * 4, &four, 4);
        }
      }
    }
  }
}
