// What the kernels over row tables share: the parameters of one graph node, which TypeScript fills in
// (src/tensor/ggml/kernel-params.ts; every field is eight bytes wide), and how threads divide work.
// ggml calls each kernel on all threads of a node, with a barrier behind it.
//
// Contract for every kernel: what a token gets depends on its own inputs and rows only, never on the
// other tokens of the batch, the number of threads or which thread came first. No position or row
// number is trusted: one beyond the bound rows raises the error and is left out.

#ifndef HADAL_ROW_TABLES_H
#define HADAL_ROW_TABLES_H

#include <stdint.h>

_Static_assert(sizeof(void *) == 8, "64-bit only");

#ifdef _WIN32
#define EXPORT __declspec(dllexport)
#else
#define EXPORT __attribute__((visibility("default")))
#endif

// Element types of rows.
enum { ROWS_F32 = 0, ROWS_F16 = 1, ROWS_I8 = 2 };

// Rows of i8 tables lie interleaved in groups of this many: [width / 4][16][4] signed bytes, then 16
// f32 scales.
#define GROUP 16

// One per graph. Written by the first thread that finds a fault; read and cleared by TypeScript.
struct fault {
  int32_t raised;
  int32_t kind; // FAULT_*
  int32_t table;
  int32_t token;
  int32_t row;   // the position or row number seen
  int32_t limit; // numbers below this exist
};

enum { FAULT_POSITION = 1, FAULT_CHOSEN = 2 };

// The rows of one token's sequence, all layers: [width, num_rows, layers].
struct bound_rows {
  uint8_t *data;
  int64_t num_rows;
};

// One graph node over a row table. Fields that a kernel does not use are zero.
struct node {
  struct fault *fault;
  const struct bound_rows *rows; // one per token
  int64_t table;                 // number of the table, for messages
  int64_t dtype;                 // ROWS_*
  int64_t width;
  int64_t row_bytes;
  int64_t layer;
  int64_t num_tokens;
  int64_t num_threads; // for which there is scratch memory
  uint8_t *scratch;
  int64_t scratch_stride;   // bytes per thread
  const int32_t *positions; // [N]
  const float *values;      // write: [width, N]
  const float *queries;     // [width, H, N]
  const float *weights;     // index: [H, N]
  const int32_t *chosen;    // attend: [k, N], or null for all visible rows
  void *dst;
  int64_t num_heads;
  int64_t k;
  int64_t value_width;
  double scale;
  int64_t num_parts; // index: parts into which each token's rows are divided
  uint8_t *partials; // index: the best of each part, where there are several
  int64_t next_item; // threads draw items of work from here
  int64_t num_done;
};

// --- threads ---------------------------------------------------------------------------------------

// The next item of work. Which thread takes which does not matter to the result.
static inline int64_t draw_item(struct node *node) {
  return __atomic_fetch_add(&node->next_item, 1, __ATOMIC_RELAXED);
}

// Every thread calls this when no item is left; the last one makes the node ready for its next run.
static inline void finish_items(struct node *node, int num_threads) {
  if (__atomic_add_fetch(&node->num_done, 1, __ATOMIC_ACQ_REL) < num_threads) return;
  __atomic_store_n(&node->num_done, 0, __ATOMIC_RELAXED);
  __atomic_store_n(&node->next_item, 0, __ATOMIC_RELEASE);
}

// --- checks ----------------------------------------------------------------------------------------

static inline void raise_fault(const struct node *node, int kind, int64_t token, int32_t row,
                               int64_t limit) {
  struct fault *fault = node->fault;
  if (__atomic_exchange_n(&fault->raised, 1, __ATOMIC_RELAXED) != 0) return;
  fault->kind = kind;
  fault->table = (int32_t)node->table;
  fault->token = (int32_t)token;
  fault->row = row;
  fault->limit = (int32_t)limit;
}

// Rows that the token sees, 0 for a position that its tensor does not have.
static inline int64_t visible_rows(const struct node *node, int64_t token) {
  const int32_t position = node->positions[token];
  const int64_t num_rows = node->rows[token].num_rows;
  if (position >= 0 && position < num_rows) return (int64_t)position + 1;
  raise_fault(node, FAULT_POSITION, token, position, num_rows);
  return 0;
}

// The first row of the node's layer.
static inline uint8_t *layer_rows(const struct node *node, int64_t token) {
  const struct bound_rows *rows = &node->rows[token];
  return rows->data + node->layer * rows->num_rows * node->row_bytes;
}

// --- blocks of tokens ------------------------------------------------------------------------------

#define MAX_BLOCK 8

// Tokens that may share one pass over the rows: few heads leave registers for more tokens.
static inline int64_t block_size(int64_t num_heads) {
  const int64_t size = 16 / num_heads;
  return size < 1 ? 1 : size > MAX_BLOCK ? MAX_BLOCK : size;
}

// Length of the run of tokens from `token` on, before `end`, that read the same rows.
static inline int64_t run_length(const struct node *node, int64_t token, int64_t end) {
  int64_t length = 1;
  while (token + length < end && node->rows[token + length].data == node->rows[token].data) length++;
  return length;
}

// --- scratch memory --------------------------------------------------------------------------------

// Takes `bytes` from the front of `*at`, or only counts them where `*at` starts at null.
static inline void *take(uint8_t **at, int64_t bytes) {
  uint8_t *start = *at;
  *at = start + ((bytes + 63) & ~(int64_t)63);
  return start;
}

#endif
