// Added tokens of the embedded model's tokenizer. The text form of a prompt stays the official one
// byte for byte; what V3.2 spells with many tokens is one token here, because every constant
// stretch of the format would otherwise cost a small model its context and its attention.

import { BOS, DSML, EOS, FIM_BEGIN, FIM_END, FIM_HOLE } from '../encoding/markers.js';
import { fromPlainJson } from '../encoding/json.js';
import { renderMessages } from '../encoding/render.js';
import { segmentsToText } from '../encoding/segments.js';
import { jsonObject } from '../encoding/json.js';

export const MINI_VOCAB_SIZE = 4096;

/** The paragraph before and after the tool list, taken from the renderer so that it cannot drift. */
function toolsParagraphs(): [string, string] {
  const message = jsonObject({
    role: 'system',
    content: '',
    tools: [fromPlainJson({ type: 'function', function: { name: 'PLACE' } })],
  });
  const text = segmentsToText(
    renderMessages([message], { thinkingMode: 'chat', dropThinking: false, addBos: false }),
  );
  const [before, after] = text.split('{"name": "PLACE"}');
  if (before === undefined || after === undefined) throw new Error('tools block has no tool list');
  return [before.replace(/^\n+/, ''), after];
}

const invokeOpen = `<${DSML}invoke name="`;
const parameterOpen = `<${DSML}parameter name="`;
const parameterClose = `</${DSML}parameter>`;
const invokeClose = `</${DSML}invoke>`;
const callsClose = `</${DSML}function_calls>`;

/** Control tokens in id order: BOS and EOS must be 0 and 1. */
export function miniControlTokens(): string[] {
  const [before, after] = toolsParagraphs();
  return [
    BOS,
    EOS,
    '<｜▁pad▁｜>',
    '<｜User｜>',
    '<｜Assistant｜>',
    '<think>',
    '</think>',
    FIM_BEGIN,
    FIM_HOLE,
    FIM_END,
    DSML,
    before,
    after,
    `\n\n<${DSML}function_calls>\n${invokeOpen}`,
    `">\n${parameterOpen}`,
    '" string="true">',
    '" string="false">',
    `${parameterClose}\n${parameterOpen}`,
    `${parameterClose}\n${invokeClose}\n${callsClose}`,
    `${parameterClose}\n${invokeClose}\n${invokeOpen}`,
    `">\n\n${invokeClose}\n${callsClose}`,
    `">\n\n${invokeClose}\n${invokeOpen}`,
    '\n\n<function_results>\n<result>',
    '</result>\n<result>',
    '</result>\n</function_results>\n\n',
  ];
}

/** Frequent stretches of tool schemas and JSON results; ordinary text, matched in data too. */
export const MINI_GLUE_TOKENS: readonly string[] = [
  '{"name": "',
  '", "description": "',
  '", "parameters": {"type": "object", "properties": {"',
  '", "parameters": {"type": "object", "properties": {',
  '": {"type": "string"',
  '": {"type": "integer"',
  '": {"type": "number"',
  '": {"type": "boolean"',
  ', "description": "',
  ', "enum": ["',
  '"}, "',
  '}, "',
  '"}}, "required": ["',
  '}}, "required": ["',
  '"}}, "required": []',
  '}}, "required": []',
  '"]}}',
  '"]}',
  '], "additionalProperties": false}, "strict": true}',
  '", "',
  '": "',
  '": ',
];

/** Function words that are never copied as names: a space merges into them last of all. */
export const MINI_LATE_MERGES: readonly string[] =
  'the and for with that this what which please result user wants call here answer can from have write carry borrow days after today tool tools error reported Done using where when then also need want should use there would could like name set into first your you'.split(
    ' ',
  );
