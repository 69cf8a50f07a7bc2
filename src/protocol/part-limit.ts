// How many parts one request may have. Lists of messages are limited by their doors, but a single
// message can hold hundreds of thousands of content blocks, each of which is read, moved about and
// rendered. Counts the document's nodes before anything is read from them.

import type { Cursor } from './deserialize.js';
import type { JsonNode } from './json-document.js';
import { tooManyError } from './openai/errors.js';

const MAX_PARTS = 10_000;

/** Members that hold parts, in all dialects. */
const PART_LISTS = ['content', 'output', 'summary', 'tool_calls'];

/**
 * Counts the entries of the part lists of `owners`, of the lists within those, and what has been
 * `counted` elsewhere. @throws ApiError
 */
export function checkPartCount(
  owners: readonly Cursor[],
  { what, counted = 0, limit = MAX_PARTS }: { what: string; counted?: number; limit?: number },
): void {
  let count = counted;
  for (const { node } of owners) count += countParts(node);
  if (count > limit) throw tooManyError(what, { limit, count });
}

/** The nesting was bounded when the document was read. */
function countParts(node: JsonNode): number {
  if (node.kind !== 'object') return 0;
  let count = 0;
  for (const name of PART_LISTS) {
    const list = node.members.get(name);
    if (list?.kind !== 'array') continue;
    count += list.items.length;
    for (const item of list.items) count += countParts(item);
  }
  return count;
}
