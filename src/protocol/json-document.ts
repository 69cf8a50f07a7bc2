// A request body as JSON that remembers where every value stands, because the wire contract reports
// type errors with path, line and column (api reference §11.3). Numbers stay text. Knows no field
// names. Reading the text is in json-nodes.ts, telling a place in json-place.ts.

import { isUtf8 } from 'node:buffer';
import { readNodes } from './json-nodes.js';
import { JsonBodyError, placeText } from './json-place.js';

interface Span {
  /** UTF-16 offsets into the document's text. */
  start: number;
  end: number;
}

export type JsonNode = Span &
  (
    | { kind: 'null' }
    | { kind: 'boolean'; value: boolean }
    | { kind: 'number'; text: string }
    | { kind: 'string'; value: string }
    | { kind: 'array'; items: JsonNode[] }
    | {
        kind: 'object';
        /** A repeated key keeps its last value, as in serde_json's maps. */
        members: Map<string, JsonNode>;
        /** Repeated keys and where their second one ends; absent when there are none. */
        repeated?: Map<string, number>;
      }
  );

export interface JsonDocument {
  text: string;
  root: JsonNode;
}

/**
 * Lone surrogates, which the platform refuses, are read as U+FFFD (api reference §11.2).
 * @throws JsonBodyError for anything that is not exactly one JSON value in UTF-8.
 */
export function readJsonDocument(body: Uint8Array): JsonDocument {
  if (!isUtf8(body)) {
    const before = Buffer.from(body.subarray(0, firstInvalidByte(body))).toString();
    throw new JsonBodyError(`invalid unicode code point ${placeText(before, before.length)}`);
  }
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
  return { text, root: readNodes(text) };
}

/** Decoding replaces broken bytes, so encoding again first differs where they stand. */
function firstInvalidByte(body: Uint8Array): number {
  const encodedAgain = Buffer.from(new TextDecoder('utf-8', { ignoreBOM: true }).decode(body));
  return body.findIndex((byte, index) => encodedAgain[index] !== byte);
}
