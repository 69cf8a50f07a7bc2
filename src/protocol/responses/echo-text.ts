// A value of the request as JSON text for the response to repeat.

import type { Cursor } from '../deserialize.js';

/**
 * As the client wrote it, but on one line: line breaks between tokens, the only place where JSON has
 * raw ones, would end an event's data early.
 */
export function echoText(value: Cursor): string {
  return value.sourceText.replaceAll(/[\r\n]+/g, ' ');
}
