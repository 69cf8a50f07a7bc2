// A line on the terminal that says how far a large model file has been loaded, gone when it is done.
// Nothing for small files, and nothing when stderr is no terminal.

import type { Output } from './chat-view.js';

/** Smaller files load before one could read the line. */
const MIN_BYTES = 256 * 2 ** 20;
const CLEAR_LINE = '\r\x1b[K';

/** What to give as `onProgress`; undefined where nobody would see it. */
export function loadProgressLine(
  output: Output = process.stderr,
): ((loadedBytes: number, totalBytes: number) => void) | undefined {
  if (output.isTTY !== true) return undefined;
  let shown = '';
  return (loadedBytes, totalBytes) => {
    if (totalBytes < MIN_BYTES) return;
    const percent = Math.floor((100 * loadedBytes) / totalBytes);
    const size = (totalBytes / 2 ** 30).toFixed(1);
    const line = loadedBytes < totalBytes ? `loading ${size} GiB: ${percent}%` : '';
    if (line === shown) return;
    shown = line;
    output.write(`${CLEAR_LINE}${line}`);
  };
}
