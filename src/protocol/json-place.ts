// How errors tell a place in a request body: the path of keys, and line and column in serde_json's
// way of counting. Columns count bytes, lines count LF (api reference §11.3).

import { clip, clipMiddle } from './clip.js';

/** The body is not JSON. `message` is `<path>: <reason> at line L column C`. */
export class JsonBodyError extends Error {
  override name = 'JsonBodyError';
}

/** How much of a key, and of a whole path, an error repeats: keys are the client's. */
const MAX_KEY_CHARS = 100;
const MAX_PATH_CHARS = 400;

/** `messages[0].role`; the root is empty. */
export function pathText(path: readonly (string | number)[]): string {
  const keys = path.map((key, index) => {
    if (typeof key === 'number') return `[${key}]`;
    return (index > 0 ? '.' : '') + clip(key, MAX_KEY_CHARS);
  });
  return clipMiddle(keys.join(''), MAX_PATH_CHARS);
}

/** `at line L column C`, just after `offset` (in UTF-16 units), counting so many bytes more. */
export function placeText(text: string, offset: number, extraColumns = 0): string {
  let line = 1;
  let lineStart = 0;
  for (;;) {
    const lineEnd = text.indexOf('\n', lineStart);
    if (lineEnd < 0 || lineEnd >= offset) break;
    line++;
    lineStart = lineEnd + 1;
  }
  const column = Buffer.byteLength(text.slice(lineStart, offset)) + extraColumns;
  return `at line ${line} column ${column}`;
}
