// The debugging protocol of the `--jsonl` commands: one JSON object per line in, one out, in the
// same order. A line that cannot be answered is answered by an `error` object and never ends the
// stream. Knows nothing of what the lines ask for.

import { pipeline } from 'node:stream/promises';
import { isJsonObject, type JsonObject, type JsonValue } from '../encoding/json.js';
import { JsonSyntaxError, parseJson } from '../encoding/json-reader.js';

/** The line is not a request that the command understands. */
export class BadLineError extends Error {
  override name = 'BadLineError';
}

/** Computes the output object for an input object. May throw BadLineError. */
export type LineAnswerer = (request: JsonObject) => unknown;

/** Longer lines are refused, so that a missing newline cannot fill the memory. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;

/** Answers standard input on standard output until it ends, or until the reader goes away. */
export async function answerStdio(answer: LineAnswerer): Promise<void> {
  try {
    await pipeline(
      process.stdin,
      (source: AsyncIterable<Uint8Array>) => answerLines(source, answer),
      process.stdout,
      { end: false },
    );
  } catch (error) {
    // A reader such as `head` that has seen enough is no failure.
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  }
}

/** One output line for every input line; the empty rest after the last newline is no line. */
export async function* answerLines(
  source: AsyncIterable<Uint8Array>,
  answer: LineAnswerer,
): AsyncGenerator<string> {
  for await (const line of splitLines(source)) {
    yield `${toLine(answerLine(line, answer))}\n`;
  }
}

/** Escapes what some readers take for a line end although JSON allows it raw. */
function toLine(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u0085\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Undefined stands for a line above the size limit. */
async function* splitLines(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer | undefined> {
  let parts: Uint8Array[] = [];
  let size = 0;
  const add = (part: Uint8Array) => {
    size += part.length;
    if (size > MAX_LINE_BYTES) parts = [];
    else parts.push(part);
  };
  const take = () => {
    const line = size > MAX_LINE_BYTES ? undefined : Buffer.concat(parts);
    parts = [];
    size = 0;
    return line;
  };
  for await (const chunk of source) {
    let start = 0;
    for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, start)) {
      add(chunk.subarray(start, end));
      yield take();
      start = end + 1;
    }
    add(chunk.subarray(start));
  }
  if (size > 0) yield take();
}

function answerLine(line: Buffer | undefined, answer: LineAnswerer): unknown {
  try {
    return answer(readRequest(line));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const kind = error instanceof BadLineError ? 'bad_request' : 'internal_error';
    return { error: { kind, message } };
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function readRequest(line: Buffer | undefined): JsonObject {
  if (line === undefined) throw new BadLineError(`the line is longer than ${MAX_LINE_BYTES} bytes`);
  let value: JsonValue;
  try {
    value = parseJson(utf8.decode(line));
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw new BadLineError(error.message, { cause: error });
    if (!(error instanceof TypeError)) throw error;
    throw new BadLineError('the line is not valid UTF-8', { cause: error });
  }
  if (!isJsonObject(value)) throw new BadLineError('the line must hold a JSON object');
  return value;
}

/** A required string member. Throws BadLineError. */
export function requireString(request: JsonObject, name: string): string {
  const value = request.get(name);
  if (typeof value === 'string') return value;
  throw new BadLineError(
    value === undefined ? `\`${name}\` is missing` : `\`${name}\` must be a string`,
  );
}

/** A boolean member with a default. Throws BadLineError. */
export function optionalBoolean(request: JsonObject, name: string, fallback: boolean): boolean {
  const value = request.get(name) ?? fallback;
  if (typeof value === 'boolean') return value;
  throw new BadLineError(`\`${name}\` must be a boolean`);
}

/** A required array of objects. Throws BadLineError. */
export function requireObjects(request: JsonObject, name: string): JsonObject[] {
  const value = request.get(name);
  if (value === undefined) throw new BadLineError(`\`${name}\` is missing`);
  if (!Array.isArray(value)) throw new BadLineError(`\`${name}\` must be an array`);
  if (value.every(isJsonObject)) return value;
  const index = value.findIndex((item) => !isJsonObject(item));
  throw new BadLineError(`\`${name}[${index}]\` must be an object`);
}
