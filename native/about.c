// What TypeScript asks before it trusts this library.

#include "dot-i8.h"
#include "products.h"

// The instructions that the hot loops were built with.
EXPORT const char *hadal_kernels_isa(void) { return I8_ISA; }

// Size of the parameters: a mismatch means sources and TypeScript of different versions.
EXPORT int64_t hadal_node_bytes(void) { return (int64_t)sizeof(struct node); }
EXPORT int64_t hadal_product_bytes(void) { return (int64_t)sizeof(struct product); }

// Whether products are faster than ggml's, as far as that was measured (docs/decisions, native
// products); define it to measure elsewhere.
#ifndef PRODUCTS_PAY
#if HAS_AVX512 || HAS_AVX2
#define PRODUCTS_PAY 1
#else
#define PRODUCTS_PAY 0
#endif
#endif
EXPORT int hadal_products_pay(void) { return PRODUCTS_PAY; }
