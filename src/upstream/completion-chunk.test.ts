// Chunks of the three dialects, and of nobody: hostile values count as absent or fail cleanly.

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { tinyTokenizerJson } from '../../test/helpers/tiny-tokenizer.js';
import { Tokenizer } from '../encoding/tokenizer.js';
import { parseChunk } from './completion-chunk.js';
import { CompletionReader } from './completion-reader.js';
import { ControlTexts } from './control-texts.js';
import { UpstreamFailure } from './failure.js';

const tokenizer = Tokenizer.fromJson(tinyTokenizerJson());
const controls = new ControlTexts(tokenizer);
const parse = (json: unknown) => parseChunk(JSON.stringify(json));

test('vLLM: ids, why it stopped, log-probabilities by id', () => {
  const logprobs = {
    tokens: ['token_id:7'],
    token_logprobs: [-0.5],
    top_logprobs: [{ 'token_id:7': -0.5, 'token_id:8': -1 }],
  };
  const choice = { text: 'x', token_ids: [7], logprobs, finish_reason: 'stop', stop_reason: 7 };
  assert.deepEqual(parse({ choices: [choice] }), {
    text: 'x',
    tokenIds: [7],
    finishReason: 'stop',
    stopReason: 7,
    logprobs: [
      {
        token: { id: 7 },
        logprob: -0.5,
        top: [
          { token: { id: 7 }, logprob: -0.5 },
          { token: { id: 8 }, logprob: -1 },
        ],
      },
    ],
  });
});

test('usage chunk, SGLang stop, llama.cpp progress and timings', () => {
  const usage = { completion_tokens: 3, prompt_tokens_details: { cached_tokens: 64 } };
  const counts = parse({ choices: [], usage });
  assert.deepEqual([counts.completionTokens, counts.cachedTokens], [3, 64]);
  assert.equal(parse({ choices: [{ text: '', matched_stop: '\n' }] }).stopReason, '\n');
  const progress = parse({ prompt_progress: { total: 9, cache: 4, processed: 6 } });
  assert.deepEqual([progress.processedTokens, progress.cachedTokens], [6, 4]);
  assert.equal(parse({ choices: [{ text: 'a' }], timings: { cache_n: 5 } }).cachedTokens, 5);
});

test('errors in the stream, and who may try again', () => {
  const kindOf = (json: unknown) => {
    try {
      parse(json);
    } catch (error) {
      return error instanceof UpstreamFailure ? error.kind : error;
    }
    return undefined;
  };
  assert.equal(kindOf({ error: { message: 'm', code: 400 } }), 'refused');
  assert.equal(kindOf({ error: { message: 'm', code: 429 } }), 'busy');
  assert.equal(kindOf({ error: { message: 'm', code: 500 } }), 'busy');
  assert.equal(kindOf({ error: 'plain text' }), 'busy');
  assert.equal(kindOf({}), 'broken');
  assert.equal(kindOf([]), 'broken');
  assert.equal(kindOf({ error: null, choices: [] }), undefined);
});

test('whatever comes: a chunk or an UpstreamFailure, and the reader ends once', () => {
  const value = fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom(-1, 1e300, 0.5, 7, '7', 'token_id:3', 'token_id:99999999', '</thi', '', [
      1,
      'a',
    ]),
  );
  const logprobs = fc.record(
    { tokens: value, token_logprobs: value, top_logprobs: value, content: value },
    { requiredKeys: [] },
  );
  const choice = fc.record(
    {
      text: value,
      token_ids: fc.oneof(value, fc.array(fc.nat(300), { maxLength: 4 })),
      logprobs: fc.oneof(value, logprobs),
      finish_reason: value,
      stop_reason: value,
      matched_stop: value,
    },
    { requiredKeys: [] },
  );
  const event = fc.record(
    {
      choices: fc.oneof(value, fc.array(fc.oneof(choice, value), { maxLength: 2 })),
      usage: value,
      timings: value,
      prompt_progress: value,
      error: fc.oneof(
        { weight: 9, arbitrary: fc.constant(undefined) },
        { weight: 1, arbitrary: value },
      ),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 8 }), (events) => {
      const request = {
        id: 'a',
        promptTokens: Int32Array.of(1, 2),
        sampling: { temperature: 1, topP: 1, presencePenalty: 0, frequencyPenalty: 0 },
        stopTokens: [tokenizer.eosId],
        stopStrings: ['7'],
        maxTokens: 5,
        topLogprobs: 2,
      };
      const reader = new CompletionReader({ request, tokenizer, controls, maxTokens: 5 });
      let numTokens = 0;
      for (const event of events) {
        try {
          numTokens += reader.accept(parse(event)).filter(({ type }) => type === 'token').length;
        } catch (error) {
          if (!(error instanceof UpstreamFailure)) throw error;
        }
      }
      numTokens += reader.end({ reason: 'aborted' }).length;
      const finish = reader.finish();
      assert.ok(finish.type === 'finish');
      assert.ok(numTokens <= 5);
      const { cacheHitTokens, completionTokens } = finish.usage;
      assert.ok(cacheHitTokens >= 0 && cacheHitTokens <= 2);
      assert.ok(completionTokens >= 0 && completionTokens <= 5);
    }),
    { numRuns: 2_000, seed: 11 },
  );
});
