// Writes the tool calls of an assistant message as a DSML block (encoding reference, section 6).
// Names, keys and string values are raw data: the format has no escaping. Arguments that are no JSON
// object can be forgiven: the whole text becomes the value of one string parameter, `arguments`, so
// that the model sees what it wrote, inside a well-formed call.

import { EncodingError } from './encoding-error.js';
import { JsonSyntaxError, parseJson } from './json-reader.js';
import { stringifyJson } from './json-writer.js';
import { isJsonObject, type JsonObject, type JsonValue } from './json.js';
import { CALLS_CLOSE, CALLS_OPEN, DSML, INVOKE_CLOSE, PARAMETER_CLOSE } from './markers.js';
import { pythonStr } from './python-text.js';
import type { SegmentWriter } from './segments.js';
import { runToEnd } from './steps.js';

/** A call as it stands in a message; types are checked when it is written. */
export interface RenderedCall {
  name: JsonValue;
  /** A JSON text holding an object. */
  arguments: JsonValue;
}

/** `writeCallsInSteps` at once, forgiving nothing. */
export function writeToolCalls(writer: SegmentWriter, calls: readonly RenderedCall[]): void {
  runToEnd(writeCallsInSteps(writer, calls));
}

const CALLS_PER_STEP = 512;

/**
 * In steps. Throws EncodingError `arguments_not_string`, and unless they are forgiven `arguments_not_json` and
 * `arguments_not_object`.
 */
export function* writeCallsInSteps(
  writer: SegmentWriter,
  calls: readonly RenderedCall[],
  { forgives = false }: { forgives?: boolean } = {},
): Generator<void, void> {
  writer.control(`\n\n${CALLS_OPEN}\n`);
  for (const [index, call] of calls.entries()) {
    if (index % CALLS_PER_STEP === CALLS_PER_STEP - 1) yield;
    writer.control(`${index > 0 ? '\n' : ''}<${DSML}invoke name="`);
    writer.data(pythonStr(call.name));
    writer.control('">\n');
    writeParameters(writer, forgives ? forgivenArguments(call) : readArguments(call));
    writer.control(`\n${INVOKE_CLOSE}`);
  }
  writer.control(`\n${CALLS_CLOSE}`);
}

/** `string="true"` follows the JSON type of the value, not any schema. */
function writeParameters(writer: SegmentWriter, parameters: JsonObject): void {
  let separator = '';
  for (const [key, value] of parameters) {
    const isString = typeof value === 'string';
    writer.control(`${separator}<${DSML}parameter name="`);
    writer.data(key);
    writer.control(`" string="${isString}">`);
    writer.data(isString ? value : stringifyJson(value));
    writer.control(PARAMETER_CLOSE);
    separator = '\n';
  }
}

/** Empty text, a call that was cut before its first parameter, stands for none. */
function forgivenArguments(call: RenderedCall): JsonObject {
  const { arguments: text } = call;
  if (typeof text !== 'string') return readArguments(call); // which says what is wrong
  if (text.trim() === '') return new Map();
  try {
    const value = parseJson(text);
    if (isJsonObject(value)) return value;
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
  }
  return new Map([['arguments', text]]);
}

function readArguments({ name, arguments: text }: RenderedCall): JsonObject {
  const call = `arguments of tool call \`${pythonStr(name)}\``;
  if (typeof text !== 'string') {
    throw new EncodingError(
      'arguments_not_string',
      `${call} must be a string of JSON, got ${describe(text)}`,
    );
  }
  let value: JsonValue;
  try {
    value = parseJson(text);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw new EncodingError('arguments_not_json', `${call} are not JSON: ${error.message}`, {
      cause: error,
    });
  }
  if (!isJsonObject(value)) {
    throw new EncodingError(
      'arguments_not_object',
      `${call} must hold a JSON object, got ${describe(value)}`,
    );
  }
  return value;
}

function describe(value: JsonValue): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (value instanceof Map) return 'an object';
  return typeof value === 'object' ? `the number ${value.text}` : `a ${typeof value}`;
}
