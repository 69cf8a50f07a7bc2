// A single task of a model's as a family, so that the gates judge it like any other: reading the request is
// what the reader found, solving it is what the independent solver found. Both are settled before, because
// gates wait for nobody.

import { canonicalJson } from '../canonical.js';
import { SearchTooLarge } from '../families/choose/search.js';
import type { TaskFamily } from '../families/family.js';
import type { JsonObject } from '../world-types.js';
import type { EndsByRequest } from './independent.js';

/** @param read meaning that the readers agree on */
export function proposedFamily(request: string, read: JsonObject, ends: EndsByRequest): TaskFamily {
  return {
    id: 'proposed',
    applies: () => true,
    propose: () => null,
    parse: (text) => (text === request ? read : null),
    solve: (_loaded, _patch, ir) => {
      const found = ends.get(canonicalJson(ir));
      // A request that nobody asked the solver about is one that it cannot decide.
      if (!found) throw new SearchTooLarge();
      return found;
    },
  };
}
