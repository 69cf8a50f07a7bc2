// Text as search compares it: without case in every script, the same on both databases, which fold
// differently by themselves. A place in the folded text is the same place in the text.

/** PostgreSQL stores no NUL, and neither database half of a surrogate pair. */
export function storable(text: string): string {
  return Buffer.from(text).toString().replaceAll('\0', '\u{fffd}');
}

export function foldCase(text: string): string {
  const folded = text.toLowerCase();
  if (folded.length === text.length) return folded;
  // A few letters become longer, as İ does: they stay.
  return Array.from(text, (character) => {
    const lower = character.toLowerCase();
    return lower.length === character.length ? lower : character;
  }).join('');
}

/** For `LIKE ... ESCAPE '!'`: the text anywhere, and nothing in it has a meaning. */
export function likeAnywhere(text: string): string {
  return `%${foldCase(storable(text)).replaceAll(/[!%_]/g, '!$&')}%`;
}
