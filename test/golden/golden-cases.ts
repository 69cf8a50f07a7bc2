// Reads the golden case files beside this module's source with the lossless JSON reader: some
// cases depend on 1.0, big integers and key order in the file itself.

import { readFileSync } from 'node:fs';
import { isJsonObject, type JsonObject, type JsonValue } from '../../src/encoding/json.js';
import { parseJson } from '../../src/encoding/json-reader.js';

export interface GoldenCase {
  name: string;
  tags: string[];
  input: JsonObject;
  expected: JsonObject;
}

export function objects(value: JsonValue | undefined): JsonObject[] {
  if (!Array.isArray(value) || !value.every(isJsonObject)) throw new TypeError('not objects');
  return value;
}

function object(value: JsonValue | undefined): JsonObject {
  if (!isJsonObject(value)) throw new TypeError('not an object');
  return value;
}

/** The cases of `test/golden/encoding/<file>.json`, read from the repository (tests run in its root). */
export function readGolden(file: string): GoldenCase[] {
  const text = readFileSync(`test/golden/encoding/${file}.json`, 'utf8');
  return objects(parseJson(text)).map((golden) => ({
    name: golden.get('name') as string,
    tags: golden.get('tags') as string[],
    input: object(golden.get('input')),
    expected: object(golden.get('expected')),
  }));
}
