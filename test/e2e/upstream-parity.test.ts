// An upstream completion must end, count and show exactly what the engine would have shown for the
// same sampled tokens: both readers are fed the same tokens, and the road is run over each dialect.

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { GenerateEvent } from '../../src/backend/types.js';
import { ChatService } from '../../src/chat/chat-service.js';
import { tokenTableOf } from '../../src/chat/token-table.js';
import type { ReplyEvent } from '../../src/chat/types.js';
import { loadBuiltinTokenizer } from '../../src/encoding/builtin-tokenizers.js';
import { parseJson } from '../../src/encoding/json-reader.js';
import { Sequence } from '../../src/engine/sequence.js';
import type { CompletionChunk } from '../../src/upstream/completion-chunk.js';
import { CompletionReader } from '../../src/upstream/completion-reader.js';
import { ControlTexts } from '../../src/upstream/control-texts.js';
import { UpstreamBackend } from '../../src/upstream/upstream-backend.js';
import { fakeUpstream, type Dialect } from '../helpers/fake-upstream.js';
import { chatRequest } from '../helpers/run-reply.js';
import { makeRequest, textOf, tokenizer } from '../helpers/upstream-fixtures.js';

const controls = new ControlTexts(tokenizer);
const table = tokenTableOf(tokenizer);
const CONTEXT = 40;

const sampled = fc
  .array(
    fc.constantFrom(
      'a',
      'b',
      ' the',
      '\n',
      '<',
      '深',
      '🌊',
      '</think>',
      '<｜User｜>',
      '<｜end▁of▁sentence｜>',
    ),
    { maxLength: 14 },
  )
  .map((parts) => parts.flatMap((part) => [...tokenizer.encode(part)]));
const stops = fc.array(
  fc.constantFrom('ab', 'b the', '\n\n', 'a', '深🌊', '🌊', '</think>', 'k>', '<', '🌊a', ' th'),
  { maxLength: 3 },
);

/** Cuts tokens into chunks of these sizes, in turn. */
function chunks(tokens: readonly number[], sizes: readonly number[]): CompletionChunk[] {
  const all: CompletionChunk[] = [];
  for (let at = 0, i = 0; at < tokens.length; i++) {
    const end = at + (sizes[i % sizes.length] ?? 1);
    all.push({ text: '', tokenIds: tokens.slice(at, end), logprobs: [] });
    at = end;
  }
  return all;
}

test('token ids: the same events as the engine, whatever the chunks', () => {
  fc.assert(
    fc.property(
      sampled,
      stops,
      fc.integer({ min: 1, max: 30 }),
      fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }),
      (tokens, stopStrings, maxTokens, sizes) => {
        const request = makeRequest({ stopStrings, maxTokens });
        const sequence = new Sequence(request, { contextLength: CONTEXT, table });
        const expected: GenerateEvent[] = [];
        for (const token of tokens) {
          if (sequence.isFinished) break;
          expected.push(...sequence.accept({ token }));
        }
        expected.push(...sequence.finish('aborted'));

        const room = CONTEXT - request.promptTokens.length;
        const limit = Math.min(maxTokens, room);
        const reader = new CompletionReader({ request, tokenizer, controls, maxTokens: limit });
        const events = chunks(tokens, sizes).flatMap((chunk) => reader.accept(chunk));
        events.push(...reader.end({ reason: 'aborted' }), reader.finish());
        assert.deepEqual(events, expected);
      },
    ),
    { numRuns: 500, seed: 5 },
  );
});

test('text alone: the same visible text and the same end', () => {
  fc.assert(
    fc.property(sampled, stops, fc.integer({ min: 1, max: 6 }), (tokens, stopStrings, size) => {
      const eos = tokens.indexOf(tokenizer.eosId);
      const until = eos < 0 ? tokens : tokens.slice(0, eos);
      const request = makeRequest({ stopStrings, maxTokens: 1_000 });
      const sequence = new Sequence(request, { contextLength: 2_000, table });
      const expected: GenerateEvent[] = [];
      for (const token of [...until, tokenizer.eosId]) {
        if (!sequence.isFinished) expected.push(...sequence.accept({ token }));
      }
      const reader = new CompletionReader({ request, tokenizer, controls, maxTokens: 1_000 });
      const text = tokenizer.decode(until);
      const events: GenerateEvent[] = [];
      for (let at = 0; at < text.length; at += size) {
        const piece = text.slice(at, at + size);
        events.push(...reader.accept({ text: piece, logprobs: [] }));
      }
      events.push(...reader.accept({ text: '', logprobs: [], finishReason: 'stop' }));
      events.push(reader.finish());
      assert.equal(textOf(events), textOf(expected));
      const ends = [events, expected].map((all) => {
        const last = all.at(-1);
        return last?.type === 'finish' && { reason: last.reason, stoppedBy: last.stoppedBy };
      });
      assert.deepEqual(ends[0], ends[1]);
    }),
    { numRuns: 500, seed: 6 },
  );
});

const v32 = loadBuiltinTokenizer('v3.2');
const COMPLETION =
  'Look it up.</think>One moment 🌊.\n\n<｜DSML｜function_calls>\n<｜DSML｜invoke name="weather">\n' +
  '<｜DSML｜parameter name="city" string="true">奥斯陆</｜DSML｜parameter>\n' +
  '</｜DSML｜invoke>\n</｜DSML｜function_calls>';

for (const dialect of ['vllm', 'sglang', 'llama.cpp'] satisfies Dialect[]) {
  test(`${dialect}: thinking, content and a tool call come out of the road`, async (t) => {
    const reply = [...v32.encode(COMPLETION)];
    const engine = await fakeUpstream(t, { dialect, tokenizer: v32, reply, writeSize: 5 });
    const backend = await UpstreamBackend.start({
      endpoints: [{ url: engine.url }],
      tokenizer: v32,
    });
    t.after(() => backend.dispose());
    const chat = new ChatService({ backend, tokenizer: v32, newCallId: () => 'call' });
    const { id: model } = backend.cards()[0]!;
    const { signal } = new AbortController();
    const request = chatRequest({
      model,
      thinking: true,
      maxTokens: 1_000,
      tools: [
        {
          type: 'function',
          function: parseJson('{"name": "weather", "parameters": {"type": "object"}}'),
        },
      ],
    });
    const text = { reasoning: '', content: '', call: '' };
    let finish: ReplyEvent | undefined;
    const prepared = await chat.prepare(request);
    for await (const event of prepared.events(signal)) {
      if (event.type === 'reasoning-delta') text.reasoning += event.text;
      if (event.type === 'content-delta') text.content += event.text;
      if (event.type === 'tool-call-delta') text.call += event.argumentsDelta;
      finish = event;
    }
    assert.deepEqual(text, {
      reasoning: 'Look it up.',
      content: 'One moment 🌊.',
      call: '{"city": "奥斯陆"}',
    });
    assert.ok(finish?.type === 'finish');
    assert.equal(finish.reason, 'tool_calls');
    assert.equal(finish.usage.completionTokens, reply.length);
  });
}
