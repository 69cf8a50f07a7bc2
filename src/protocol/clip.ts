// How much of a client's own text an error repeats: enough to find it, never a body's worth.

/** UTF-16 units. */
const MAX_QUOTED_CHARS = 200;

/** The beginning of a text, marked where it was cut; never half a surrogate pair. */
export function clip(text: string, maxChars = MAX_QUOTED_CHARS): string {
  if (text.length <= maxChars) return text;
  return `${text.slice(0, endsInsidePair(text, maxChars) ? maxChars - 1 : maxChars)}…`;
}

/** Beginning and end of a text that tells a place by both. */
export function clipMiddle(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const half = maxChars >> 1;
  const from = text.length - half;
  return clip(text, half) + text.slice(endsInsidePair(text, from) ? from + 1 : from);
}

function endsInsidePair(text: string, at: number): boolean {
  return (text.codePointAt(at - 1) ?? 0) > 0xffff;
}
