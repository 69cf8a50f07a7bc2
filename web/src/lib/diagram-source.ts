// A diagram's source without HTML: the library makes elements of its labels while it measures them, and
// of entities in them too. The frame's policy lets none of these do anything; here they become text.
// Line breaks stay, and so do arrows and <<annotations>>.

const TAG = /(?<!<)<(?=[a-z/!?])(?!br\s*\/?>)/gi;
const ENTITY = /(?:&#|[&#])(?:lt|0*60|x0*3c);/gi;
/** Looks like one and is none. */
const LESS_THAN = '\uff1c';

export function withoutHtml(source: string): string {
  return source.replace(ENTITY, LESS_THAN).replace(TAG, LESS_THAN);
}
