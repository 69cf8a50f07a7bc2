// From a node of a request body to the value that prompts are written from: key order and the kind
// of numbers are kept (encoding/json.ts), positions are dropped.

import { JsonNumber, type JsonValue } from '../encoding/json.js';
import type { JsonNode } from './json-document.js';

/** The nesting was bounded when the document was read. */
export function jsonValueOf(node: JsonNode): JsonValue {
  switch (node.kind) {
    case 'null':
      return null;
    case 'boolean':
    case 'string':
      return node.value;
    case 'number':
      return numberOf(node.text);
    case 'array':
      return node.items.map(jsonValueOf);
    case 'object': {
      const object = new Map<string, JsonValue>();
      for (const [key, member] of node.members) object.set(key, jsonValueOf(member));
      return object;
    }
  }
}

/** As Python reads it: an integer keeps every digit, and there is no negative zero among them. */
function numberOf(text: string): JsonNumber {
  if (/[.eE]/.test(text)) return JsonNumber.float(Number(text));
  return new JsonNumber(true, text === '-0' ? '0' : text);
}
