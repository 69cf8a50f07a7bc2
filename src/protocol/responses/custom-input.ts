// The input of a freeform tool out of the function arguments that the model wrote, `{"input": "..."}`,
// while they stream in: patches are long, and clients show them as they grow. Text that does not
// begin like that is kept back and judged whole at the end.

import { FREEFORM_PARAMETER } from './tool-table.js';

const OPENING = new RegExp(`^\\s{0,8}\\{\\s{0,8}"${FREEFORM_PARAMETER}"\\s{0,8}:\\s{0,8}"`);
/** Arguments that have not opened as expected by now are of another shape. */
const MAX_OPENING_CHARS = 64;
const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

export class CustomInputStream {
  #state: 'opening' | 'string' | 'closed' | 'other' = 'opening';
  /** Arguments not yet decoded: few characters, except in the state `other`, which keeps them all. */
  #pending = '';
  #input = '';

  /** The next piece of the arguments; returns what it adds to the input. */
  push(argumentsDelta: string): string {
    if (this.#state === 'closed') return '';
    this.#pending += argumentsDelta;
    if (this.#state === 'opening') this.#open();
    if (this.#state !== 'string') return '';
    const added = this.#decode();
    this.#input += added;
    return added;
  }

  /** The whole input, and what of it `push` has not returned. To be called once, after the last piece. */
  end(): { input: string; rest: string } {
    if (this.#state === 'string' || this.#state === 'closed') {
      return { input: this.#input, rest: '' };
    }
    // Of another shape: the only string among the arguments, or all of their text.
    const input = onlyString(this.#pending) ?? this.#pending;
    return { input, rest: input };
  }

  #open(): void {
    const opening = OPENING.exec(this.#pending);
    if (opening) {
      this.#state = 'string';
      this.#pending = this.#pending.slice(opening[0].length);
    } else if (this.#pending.length >= MAX_OPENING_CHARS) {
      this.#state = 'other';
    }
  }

  /** JSON string text as far as it is complete. */
  #decode(): string {
    const text = this.#pending;
    let decoded = '';
    let at = 0;
    while (at < text.length) {
      if (text[at] === '"') {
        this.#state = 'closed';
        break;
      }
      if (text[at] === '\\') {
        const escape = readEscape(text, at);
        if (!escape) break;
        decoded += escape.text;
        at = escape.end;
      } else {
        const end = nextSpecial(text, at);
        decoded += text.slice(at, end);
        at = end;
      }
    }
    this.#pending = this.#state === 'closed' ? '' : text.slice(at);
    return decoded;
  }
}

function nextSpecial(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22 || code === 0x5c) return at;
  }
  return text.length;
}

/** undefined when the escape goes on after the text; a surrogate pair comes as one piece. */
function readEscape(text: string, at: number): { text: string; end: number } | undefined {
  const letter = text[at + 1];
  if (letter === undefined) return undefined;
  if (letter !== 'u') return { text: SHORT_ESCAPES[letter] ?? letter, end: at + 2 };
  if (text.length < at + 6) return undefined;
  const unit = String.fromCharCode(Number.parseInt(text.slice(at + 2, at + 6), 16));
  if (!/[\ud800-\udbff]/.test(unit)) return { text: unit, end: at + 6 };
  const follows = text.slice(at + 6, at + 12);
  if (/^\\u[dD][c-fC-F][0-9a-fA-F]{2}$/.test(follows)) {
    const low = String.fromCharCode(Number.parseInt(follows.slice(2), 16));
    return { text: unit + low, end: at + 12 };
  }
  const mayFollow = follows.length < 6 && '\\u'.startsWith(follows.slice(0, 2));
  return mayFollow ? undefined : { text: unit, end: at + 6 };
}

function onlyString(text: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const members = Object.values(value);
  return members.length === 1 && typeof members[0] === 'string' ? members[0] : undefined;
}
