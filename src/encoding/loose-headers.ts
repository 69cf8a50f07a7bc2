// Headers of calls and parameters as models write them when they leave the exact form.

/**
 * Other spellings of a header with a name in it. Lengths are bounded: the text is a model's, and an
 * unbounded search would take quadratic time on a long run of blanks.
 */
export const LOOSE_NAME = /^\s{0,64}name\s{0,8}=\s{0,8}(["']?)([^]{0,256}?)\1\s{0,8}\/?>/;
/** A header that ends with the name, as a forced tool choice begins it. */
export const OPEN_NAME = /^\s{0,64}name\s{0,8}=\s{0,8}"([^\s"'<>]{1,256})$/;
/** A parameter's header whose name was never written. */
export const NO_KEY = /^\s{0,64}(?:name\s{0,8}=\s{0,8}(?:["'](?=$|["'<>\s])|(?=$|[<>]))[^]*)?$/;
export const KEY = /^\s{0,64}name\s{0,8}=\s{0,8}"([^]*)$/;
/** A whole parameter whose header has no exact form; `string` may be missing or come first. */
export const LOOSE_PARAMETER =
  /^\s{0,64}(?:string\s{0,8}=\s{0,8}["']?(?<before>true|false)["']?\s{0,8})?name\s{0,8}=\s{0,8}(?<quote>["']?)(?<key>[^]{0,256}?)\k<quote>(?:\s{1,8}string\s{0,8}=\s{0,8}["']?(?<after>true|false)["']?)?\s{0,8}>(?<value>[^]*)$/i;
