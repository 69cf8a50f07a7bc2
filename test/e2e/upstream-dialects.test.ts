// One contract over three engines: real HTTP, the same prepared completion, the same events.

import assert from 'node:assert/strict';
import test from 'node:test';
import { fakeUpstream, type Dialect } from '../helpers/fake-upstream.js';
import {
  collect,
  finishOf,
  idsOf,
  makeRequest,
  never,
  startBackend,
  textOf,
  tokenizer,
  tokensOf,
} from '../helpers/upstream-fixtures.js';

const DIALECTS: Dialect[] = ['vllm', 'sglang', 'llama.cpp'];
const REPLY = 'so the 深海 </think>answer: 🌊 the end';

for (const dialect of DIALECTS) {
  test(`${dialect}: a whole completion, control tokens and split characters included`, async (t) => {
    for (const writeSize of [Infinity, 1, 7]) {
      const reply = tokensOf(REPLY);
      const engine = await fakeUpstream(t, {
        dialect,
        tokenizer,
        reply,
        writeSize,
        cachedTokens: 2,
      });
      const { backend } = await startBackend(t, [engine]);
      const request = makeRequest();
      const events = await collect(backend.generate(request, never));
      assert.equal(textOf(events), REPLY);
      assert.ok(idsOf(events).includes(tokenizer.tokenId('</think>')!));
      assert.deepEqual(finishOf(events), {
        type: 'finish',
        reason: 'stop',
        stoppedBy: { token: tokenizer.eosId },
        usage: {
          promptTokens: request.promptTokens.length,
          cacheHitTokens: 2,
          completionTokens: reply.length,
        },
      });
      if (dialect !== 'llama.cpp') assert.deepEqual(idsOf(events), reply);
    }
  });

  test(`${dialect}: stop strings end it, and their text is not emitted`, async (t) => {
    const reply = tokensOf('one two, three');
    const engine = await fakeUpstream(t, { dialect, tokenizer, reply });
    const { backend } = await startBackend(t, [engine]);
    const request = makeRequest({ stopStrings: ['o, th', 'never'] });
    const events = await collect(backend.generate(request, never));
    assert.equal(textOf(events), 'one tw');
    const { reason, stoppedBy, usage } = finishOf(events);
    assert.deepEqual({ reason, stoppedBy }, { reason: 'stop', stoppedBy: { string: 'o, th' } });
    assert.equal(usage.completionTokens, tokensOf('one two, th').length);
  });

  test(`${dialect}: a stop string does not match the spelling of a control token`, async (t) => {
    const engine = await fakeUpstream(t, { dialect, tokenizer, reply: tokensOf('a</think>b') });
    const { backend } = await startBackend(t, [engine]);
    const request = makeRequest({ stopStrings: ['</think>', 'k>b', '<'] });
    const events = await collect(backend.generate(request, never));
    assert.equal(textOf(events), 'a</think>b');
  });

  test(`${dialect}: other stop tokens end it and are told`, async (t) => {
    const user = tokenizer.tokenId('<｜User｜>')!;
    const reply = [...tokensOf('hi'), user, ...tokensOf('not this')];
    const engine = await fakeUpstream(t, { dialect, tokenizer, reply });
    const { backend } = await startBackend(t, [engine]);
    const request = makeRequest({ stopTokens: [tokenizer.eosId, user] });
    const events = await collect(backend.generate(request, never));
    assert.equal(textOf(events), 'hi');
    assert.deepEqual(finishOf(events).stoppedBy, { token: user });
    assert.equal(finishOf(events).usage.completionTokens, tokensOf('hi').length);
  });

  test(`${dialect}: ends at the limit of tokens`, async (t) => {
    const engine = await fakeUpstream(t, { dialect, tokenizer, reply: tokensOf('abcdefgh') });
    const { backend } = await startBackend(t, [engine]);
    const events = await collect(backend.generate(makeRequest({ maxTokens: 3 }), never));
    assert.equal(textOf(events), 'abc');
    assert.deepEqual(finishOf(events).reason, 'length');
    assert.equal(finishOf(events).usage.completionTokens, 3);
  });

  test(`${dialect}: the context length is learned and limits the completion`, async (t) => {
    const request = makeRequest();
    const contextLength = request.promptTokens.length + 2;
    const reply = tokensOf('abcdefgh');
    const engine = await fakeUpstream(t, { dialect, tokenizer, reply, contextLength });
    const { backend } = await startBackend(t, [engine]);
    const { vocabSize } = tokenizer;
    assert.deepEqual(backend.cards(), [{ id: 'deepseek-v3.2', contextLength, vocabSize }]);
    const events = await collect(backend.generate(request, never));
    assert.equal(textOf(events), 'ab');
    assert.equal(finishOf(events).reason, 'length');
    await assert.rejects(
      collect(
        backend.generate(makeRequest({ promptTokens: new Int32Array(contextLength) }), never),
      ),
      { name: 'BackendError', code: 'context_length' },
    );
  });

  test(`${dialect}: log-probabilities with their alternatives`, async (t) => {
    const engine = await fakeUpstream(t, { dialect, tokenizer, reply: tokensOf('ab') });
    const { backend } = await startBackend(t, [engine]);
    const events = await collect(backend.generate(makeRequest({ topLogprobs: 2 }), never));
    const [a, b] = tokensOf('ab') as [number, number];
    const expected = [a, b].map((token) => ({
      type: 'token',
      token,
      logprobs: {
        logprob: -0.25,
        rank: 1,
        top: [
          { token, logprob: -0.25 },
          { token: token + 1, logprob: -1.25 },
        ],
      },
    }));
    assert.deepEqual(
      events.filter(({ type }) => type === 'token'),
      expected,
    );
  });

  test(`${dialect}: a usage chunk that comes twice changes nothing`, async (t) => {
    const reply = tokensOf('ab');
    const engine = await fakeUpstream(t, { dialect, tokenizer, reply, usageChunks: 2 });
    const { backend } = await startBackend(t, [engine]);
    const events = await collect(backend.generate(makeRequest(), never));
    assert.equal(finishOf(events).usage.completionTokens, 2);
  });
}

test('an engine that sends no token ids is read as text', async (t) => {
  const reply = tokensOf(REPLY);
  const engine = await fakeUpstream(t, { dialect: 'vllm', tokenizer, reply, noTokenIds: true });
  const { backend } = await startBackend(t, [engine]);
  const events = await collect(backend.generate(makeRequest(), never));
  assert.equal(textOf(events), REPLY);
  assert.ok(idsOf(events).includes(tokenizer.tokenId('</think>')!));
  assert.equal(finishOf(events).usage.completionTokens, reply.length);
});

test('what is sent says everything that engines decide differently', async (t) => {
  const engines = await Promise.all(
    DIALECTS.map((dialect) => fakeUpstream(t, { dialect, tokenizer, reply: [] })),
  );
  const request = makeRequest({
    stopStrings: ['\n\n', 'think'],
    cacheSalt: 'tenant-1',
    maxTokens: 5,
    sampling: {
      temperature: 0.5,
      topP: 0.9,
      presencePenalty: 1,
      frequencyPenalty: 0,
      seed: 2 ** 40,
    },
  });
  for (const engine of engines) {
    const { backend } = await startBackend(t, [engine]);
    await collect(backend.generate(request, never));
  }
  const [vllm, sglang, llama] = engines.map(({ asked }) => asked[0]!);
  const common = {
    model: 'deepseek-v3.2',
    prompt: [...request.promptTokens],
    stream: true,
    stream_options: { include_usage: true },
    max_tokens: 5,
    temperature: 0.5,
    top_p: 0.9,
    presence_penalty: 1,
    frequency_penalty: 0,
    top_k: -1,
    min_p: 0,
    ignore_eos: false,
  };
  const expected = {
    ...common,
    seed: 2 ** 40,
    repetition_penalty: 1,
    skip_special_tokens: false,
    spaces_between_special_tokens: false,
    stop_token_ids: [tokenizer.eosId],
    stop: ['\n\n'], // the other could match inside </think>
    return_token_ids: true,
    cache_salt: vllm!.cache_salt,
  };
  assert.deepEqual(vllm, expected);
  assert.match(String(vllm!.cache_salt), /^[\w-]{43}$/);
  assert.deepEqual(sglang, { ...expected, no_stop_trim: true });
  const { preserved_tokens: preserved, ...llamaRest } = llama!;
  assert.deepEqual(llamaRest, {
    ...common,
    seed: 256, // 2 ** 40 modulo its largest seed
    repeat_penalty: 1,
    repeat_last_n: -1,
    cache_prompt: true,
    return_progress: true,
    timings_per_token: true,
  });
  assert.ok((preserved as string[]).includes('</think>'));
});

test('llama.cpp tells how far the prompt is', async (t) => {
  const dialect = 'llama.cpp';
  const engine = await fakeUpstream(t, { dialect, tokenizer, reply: [], cachedTokens: 3 });
  const { backend } = await startBackend(t, [engine]);
  const request = makeRequest();
  const [first] = await collect(backend.generate(request, never));
  const { length } = request.promptTokens;
  assert.deepEqual(first, {
    type: 'prefill-progress',
    processedTokens: length,
    promptTokens: length,
    cacheHitTokens: 3,
  });
});
