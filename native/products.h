// What the kernels of matrix products share: the parameters of one graph node, which TypeScript fills in
// (src/tensor/ggml/product-params.ts; every field is eight bytes wide), and the order in which weights
// and activations lie.
//
// Weights of q8_0 lie in groups of 16 rows. A block of 32 columns is [8][16][4] bytes, so that one step
// multiplies four columns of 16 rows with four values of a column of activations, and 16 f16 scales.
// Blocks lie in pairs, first the bytes of both, then the scales of both: whole cache lines, read in one
// stream (with all scales of a group at its end, a product that waits for memory takes twice as long).
// That is as many bytes as the rows had before. A stack of matrices is one long matrix, as every one
// has whole groups.
//
// Contract for every kernel: what a column of activations gets depends on it and the weights only,
// never on its neighbours or the number of threads. No expert number is trusted.

#ifndef HADAL_PRODUCTS_H
#define HADAL_PRODUCTS_H

#include "row-tables.h"

// Values that share a scale.
#define BLOCK 32
// Bytes of a block of weights in a file: an f16 scale, then signed bytes.
#define FILE_BLOCK_BYTES 34

// One block of a column of activations.
struct activations {
  int8_t values[BLOCK];
  float scale;
  int32_t sum;
};

_Static_assert(sizeof(struct activations) == 40, "src/tensor/ggml/graph-products.ts counts on it");

struct product {
  struct fault *fault;
  const uint8_t *weights;
  const void *source; // quantize: f32 values; multiply: struct activations; route: ids
  const int32_t *routes; // multiply by experts: what route_experts wrote; else null
  void *dst;
  int64_t num_summed; // k
  int64_t num_rows;   // of one matrix
  int64_t num_experts;
  int64_t num_columns; // of results, or of activations to be quantized
  int64_t num_used;    // experts per token
  int64_t num_inputs;  // columns of activations per token: 1, or one per expert
  int64_t sizes[2];    // quantize: columns per step of the two outer dimensions
  int64_t strides[3];  // bytes; route: of an expert and a token
  int64_t node;        // number of the node, for messages
  int64_t next_item;   // threads draw items of work from here
  int64_t num_done;
};

#endif
