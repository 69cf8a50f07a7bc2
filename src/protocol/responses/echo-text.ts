// Values of the request as JSON texts for the response to repeat. A stream repeats them three times
// and the prompt does not bound them, so each has a limit.

import type { Cursor } from '../deserialize.js';
import { tooLongError, tooManyError } from '../openai/errors.js';

/** OpenAI's own limits of `metadata`. */
const MAX_PAIRS = 16;
const MAX_KEY_CHARS = 64;
const MAX_VALUE_CHARS = 512;

/**
 * As the client wrote it, but on one line: line breaks between tokens, the only place where JSON has
 * raw ones, would end an event's data early. @throws ApiError
 */
export function echoText(value: Cursor, limit: { path: string; maxLength: number }): string {
  const text = value.sourceText;
  checkLength(text, limit);
  return text.replaceAll(/[\r\n]+/g, ' ');
}

/** @throws ApiError, DeserializeError */
export function echoMetadata(metadata: Cursor): string {
  if (!metadata.isObject) return metadata.refuseType('a map', '{}');
  const keys = metadata.keys();
  if (keys.length > MAX_PAIRS) {
    throw tooManyError('pairs in metadata', { limit: MAX_PAIRS, count: keys.length });
  }
  const pairs = keys.map((key) => {
    checkLength(key, { path: 'metadata', maxLength: MAX_KEY_CHARS, what: 'key' });
    const value = metadata.required(key).string();
    checkLength(value, { path: `metadata.${key}`, maxLength: MAX_VALUE_CHARS });
    return `${JSON.stringify(key)}:${JSON.stringify(value)}`;
  });
  return `{${pairs.join(',')}}`;
}

/** A text of the client's own; of any other type the field is ignored like its content. */
export function echoLabel(field: Cursor | undefined, limit: { path: string; maxLength: number }) {
  if (!field?.isString) return undefined;
  const label = field.string();
  checkLength(label, limit);
  return JSON.stringify(label);
}

function checkLength(
  text: string,
  { path, maxLength, what }: { path: string; maxLength: number; what?: string },
): void {
  const { length } = text;
  if (length > maxLength) throw tooLongError(path, { maxLength, length, what });
}
