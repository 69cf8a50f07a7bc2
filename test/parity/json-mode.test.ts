// JSON mode and tool-call structure under random weights: whatever is drawn, content is one JSON
// object and a call block is one that the official parser accepts.

import assert from 'node:assert/strict';
import test from 'node:test';
import { replyGrammar } from '../../src/chat/reply-grammar.js';
import type { ChatRequest } from '../../src/chat/types.js';
import { EOS } from '../../src/encoding/markers.js';
import { parseCompletion } from '../../src/encoding/strict-parser.js';
import { Tokenizer } from '../../src/encoding/tokenizer.js';
import { packageFile } from '../../src/package-root.js';
import { GrammarWalker } from '../helpers/grammar-walk.js';
import { seededRandom } from '../helpers/seeded-random.js';
import { CHAT_REQUEST, toolOf } from '../helpers/strict-schema-check.js';

const tokenizer = Tokenizer.fromFile(packageFile('models/hadal-mini/tokenizer.json'));
const walker = new GrammarWalker(tokenizer);

async function draw(request: ChatRequest, seed: number) {
  const { reply } = replyGrammar(request, tokenizer)!;
  const random = seededRandom(seed);
  const walk = await walker.walk(reply, { random, jumpAhead: seed % 2 === 0 });
  assert.ok(walk.isEnded, walk.text);
  return { walk, message: () => parseCompletion(walk.text + EOS, request) };
}

const tools = [
  toolOf('get_weather', { type: 'object', properties: { city: { type: 'string' } } }),
  toolOf('get_time'),
];

test('500 replies in JSON mode are one JSON object each', async () => {
  for (let seed = 0; seed < 500; seed++) {
    const thinking = seed % 5 === 0;
    const request: ChatRequest = { ...CHAT_REQUEST, thinking, responseFormat: 'json_object' };
    const { content, tool_calls: calls } = (await draw(request, seed)).message();
    const value: unknown = JSON.parse(content);
    assert.ok(typeof value === 'object' && value !== null && !Array.isArray(value), content);
    assert.equal(calls.length, 0);
  }
});

test('JSON mode with tools gives JSON or calls', async () => {
  const request: ChatRequest = { ...CHAT_REQUEST, tools, responseFormat: 'json_object' };
  let numCalls = 0;
  for (let seed = 0; seed < 100; seed++) {
    const { content, tool_calls: calls } = (await draw(request, seed)).message();
    if (calls.length === 0) JSON.parse(content);
    else assert.equal(content, '');
    numCalls += calls.length;
  }
  assert.ok(numCalls > 0, 'no call was drawn');
});

test('a model that may choose calls offered tools only, in well-formed blocks', async () => {
  const request: ChatRequest = { ...CHAT_REQUEST, tools };
  let numCalls = 0;
  for (let seed = 0; seed < 200; seed++) {
    const { message } = await draw(request, seed);
    for (const { function: call } of message().tool_calls) {
      assert.ok(['get_weather', 'get_time'].includes(call.name), call.name);
      JSON.parse(call.arguments);
      numCalls++;
    }
  }
  assert.ok(numCalls > 0, 'no call was drawn');
});

for (const thinking of [false, true]) {
  test(`a call is forced, ${thinking ? 'after reasoning' : 'at once'}`, async () => {
    for (let seed = 0; seed < 50; seed++) {
      const isNamed = seed % 2 === 0;
      const request: ChatRequest = {
        ...CHAT_REQUEST,
        thinking,
        tools,
        toolChoice: isNamed ? { type: 'function', name: 'get_weather' } : { type: 'required' },
      };
      const { tool_calls: calls, content } = (await draw(request, seed)).message();
      assert.equal(content, '');
      assert.ok(calls.length > 0);
      if (isNamed)
        assert.deepEqual(
          calls.map((call) => call.function.name),
          ['get_weather'],
        );
    }
  });
}
