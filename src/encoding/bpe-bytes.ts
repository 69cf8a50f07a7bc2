// The GPT-2 byte alphabet: tokenizer.json spells every byte as one printable character.
// Owns the two directions of that mapping and nothing else.

/** Printable Latin-1 bytes stand for themselves; the other 68 take U+0100 upward, in byte order. */
function buildAlphabet(): string[] {
  const characters: string[] = [];
  let next = 0x100;
  for (let byte = 0; byte < 256; byte++) {
    const printable =
      (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    characters.push(String.fromCharCode(printable ? byte : next++));
  }
  return characters;
}

/** Character that spells a byte: index 0-255. */
export const BYTE_CHARACTERS: readonly string[] = buildAlphabet();

/** Byte spelled by a UTF-16 unit below U+0200, or -1. */
const UNIT_BYTES = new Int16Array(0x200).fill(-1);
BYTE_CHARACTERS.forEach((character, byte) => {
  UNIT_BYTES[character.charCodeAt(0)] = byte;
});

/** Spells bytes in the alphabet of tokenizer.json. */
export function spellBytes(bytes: Uint8Array): string {
  let spelled = '';
  for (const byte of bytes) spelled += BYTE_CHARACTERS[byte]!;
  return spelled;
}

/** The bytes a vocabulary entry stands for. An entry with a character outside the alphabet (a marker
 *  listed in the vocabulary) stands for its own UTF-8, as in the reference byte-level decoder. */
export function readSpelledBytes(entry: string): Uint8Array {
  const bytes = new Uint8Array(entry.length);
  for (let i = 0; i < entry.length; i++) {
    const unit = entry.charCodeAt(i);
    const byte = unit < UNIT_BYTES.length ? UNIT_BYTES[unit]! : -1;
    if (byte < 0) return new TextEncoder().encode(entry);
    bytes[i] = byte;
  }
  return bytes;
}
