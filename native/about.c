// What TypeScript asks before it trusts this library.

#include "dot-i8.h"
#include "row-tables.h"

// The instructions that the hot loops were built with.
EXPORT const char *hadal_kernels_isa(void) { return I8_ISA; }

// Size of the parameters: a mismatch means sources and TypeScript of different versions.
EXPORT int64_t hadal_node_bytes(void) { return (int64_t)sizeof(struct node); }
