// Draws calls under strict schemas with random weights and holds the arguments, as our own parser
// reads them, against an independent validator.

import assert from 'node:assert/strict';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { replyGrammar } from '../../src/chat/reply-grammar.js';
import type { ChatRequest } from '../../src/chat/types.js';
import { assembleMessage } from '../../src/encoding/completion.js';
import { fromPlainJson, jsonObject } from '../../src/encoding/json.js';
import { LenientCompletionParser } from '../../src/encoding/lenient-parser.js';
import { EOS } from '../../src/encoding/markers.js';
import { parseCompletion } from '../../src/encoding/strict-parser.js';
import type { GrammarWalker } from './grammar-walk.js';
import { seededRandom } from './seeded-random.js';
import { strictParameters, type Schema } from './strict-schema-arbitrary.js';

export const CHAT_REQUEST: ChatRequest = {
  kind: 'chat',
  traceId: 'test',
  model: 'test',
  thinking: false,
  messages: [{ role: 'user', content: 'hi' }],
  tools: [],
  toolChoice: { type: 'auto' },
  responseFormat: 'text',
  prefix: false,
  sampling: { temperature: 1, topP: 1, presencePenalty: 0, frequencyPenalty: 0 },
  stop: [],
  maxTokens: 4096,
  maxTokensExplicit: false,
  tenant: 'test',
};

export function toolOf(name: string, parameters?: Schema): ChatRequest['tools'][number] {
  return {
    type: 'function',
    function: jsonObject({ name, parameters: parameters && fromPlainJson(parameters) }),
  };
}

/** `numSchemas` random schemas, each with one forced call; the walk and the schemas follow `seed`. */
export async function checkStrictSchemas(
  walker: GrammarWalker,
  { numSchemas, seed }: { numSchemas: number; seed: number },
): Promise<void> {
  const ajv = new Ajv({ strict: false, multipleOfPrecision: 9 });
  addFormats.default(ajv);
  const schemas = fc.sample(strictParameters, { numRuns: numSchemas, seed });
  let numCalls = 0;
  for (const [index, parameters] of schemas.entries()) {
    const request: ChatRequest = {
      ...CHAT_REQUEST,
      tools: [toolOf('call_me', parameters)],
      toolChoice: { type: 'function', name: 'call_me' },
      strictTools: true,
    };
    const walk = await walker.walk(replyGrammar(request, walker.tokenizer)!.reply, {
      random: seededRandom(seed + index),
      jumpAhead: index % 2 === 0,
    });
    const where = `schema ${index}: ${JSON.stringify(parameters)}\n${walk.text.slice(0, 2000)}`;
    assert.ok(walk.isEnded, `did not end: ${where}`);
    const message = parseCompletion(walk.text + EOS, { thinking: false });
    const lenient = new LenientCompletionParser({ thinking: false, hasTools: true });
    const asServed = assembleMessage([
      ...lenient.push({ text: walk.text, control: true }),
      ...lenient.finish({ isTruncated: false }),
    ]);
    assert.deepEqual(asServed, message, where);
    const [call] = message.tool_calls;
    assert.equal(call?.function.name, 'call_me', where);
    const isValid = ajv.validate(parameters, JSON.parse(call!.function.arguments));
    assert.ok(isValid, `${ajv.errorsText()}\n${call!.function.arguments}\n${where}`);
    numCalls++;
  }
  assert.equal(numCalls, numSchemas);
}
