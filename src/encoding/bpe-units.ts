// Text as UTF-16 units in a typed array: what scanner, tries and BPE work on.

/** Copies a text's UTF-16 units; each lone surrogate becomes U+FFFD, as in UTF-8 encoding. */
export function writeUnits(text: string, units: Uint16Array): void {
  Buffer.from(units.buffer, units.byteOffset, units.byteLength).write(text, 'utf16le');
  for (let i = 0; i < units.length; i++) {
    const unit = units[i]!;
    if ((unit & 0xf800) !== 0xd800) continue;
    const isPair = unit < 0xdc00 && i + 1 < units.length && (units[i + 1]! & 0xfc00) === 0xdc00;
    if (isPair) i++;
    else units[i] = 0xfffd;
  }
}

/** A text's units in an array of their own. */
export function toUnits(text: string): Uint16Array {
  const units = new Uint16Array(text.length);
  writeUnits(text, units);
  return units;
}

/** The text of units[start, end), sharing no memory with any other string. */
export function unitsToText(units: Uint16Array, start: number, end: number): string {
  const bytes = Buffer.from(units.buffer, units.byteOffset + start * 2, (end - start) * 2);
  return bytes.toString('utf16le');
}
