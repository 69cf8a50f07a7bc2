// Bytes of a file as text, or why they are none. Texts are UTF-8, or UTF-16 that says so; guessing an
// older encoding would put wrong characters before the model without anybody noticing.

export type TextOrNot = { text: string } | { problem: 'binary' | 'encoding'; kind?: string };

const SIGNATURES: readonly (readonly [string, readonly number[]])[] = [
  ['PNG', [0x89, 0x50, 0x4e, 0x47]],
  ['JPEG', [0xff, 0xd8, 0xff]],
  ['GIF', [0x47, 0x49, 0x46, 0x38]],
  ['ZIP, Word, Excel or PowerPoint', [0x50, 0x4b, 0x03, 0x04]],
  ['Word, Excel or PowerPoint before 2007', [0xd0, 0xcf, 0x11, 0xe0]],
  ['gzip', [0x1f, 0x8b]],
  ['7z', [0x37, 0x7a, 0xbc, 0xaf]],
  ['RAR', [0x52, 0x61, 0x72, 0x21]],
  ['ELF', [0x7f, 0x45, 0x4c, 0x46]],
  ['WebAssembly', [0x00, 0x61, 0x73, 0x6d]],
];

const PDF = [0x25, 0x50, 0x44, 0x46, 0x2d];

/** Readers take a PDF whose head is not at the first byte. */
export function isPdf(bytes: Uint8Array): boolean {
  const end = Math.min(1024, bytes.length - PDF.length);
  for (let at = 0; at <= end; at++) if (startsWith(bytes, PDF, at)) return true;
  return false;
}

export function textOf(bytes: Uint8Array): TextOrNot {
  const kind = SIGNATURES.find(([, signature]) => startsWith(bytes, signature))?.[0];
  if (kind !== undefined) return { problem: 'binary', kind };
  if (startsWith(bytes, [0xff, 0xfe])) return decoded(bytes, 'utf-16le');
  if (startsWith(bytes, [0xfe, 0xff])) return decoded(bytes, 'utf-16be');
  if (bytes.includes(0)) return { problem: 'binary' };
  return decoded(bytes, 'utf-8');
}

function decoded(bytes: Uint8Array, encoding: string): TextOrNot {
  try {
    return { text: new TextDecoder(encoding, { fatal: true }).decode(bytes) };
  } catch {
    return { problem: 'encoding' };
  }
}

function startsWith(bytes: Uint8Array, signature: readonly number[], at = 0): boolean {
  return signature.every((byte, index) => bytes[at + index] === byte);
}
