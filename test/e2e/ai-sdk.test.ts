// The Vercel AI SDK against the server, with both of its providers: text whole and streamed, tool
// loops with thinking, objects, cached tokens in the usage, errors.

import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { createAnthropic } from '@ai-sdk/anthropic';
import { createDeepSeek } from '@ai-sdk/deepseek';
import {
  APICallError,
  generateObject,
  generateText,
  jsonSchema,
  stepCountIs,
  streamText,
  tool,
  type LanguageModel,
} from 'ai';
import { playedModel } from '../helpers/played-model.js';
import { startScripted, type ScriptedServerOptions } from '../helpers/scripted-server.js';

globalThis.AI_SDK_LOG_WARNINGS = false;

type Provider = (model: string) => LanguageModel;

async function connect(t: TestContext, options: ScriptedServerOptions, path = '') {
  const { server, backend } = await startScripted(t, options);
  const { apiKey } = server;
  const root = server.url + path;
  const deepseek = createDeepSeek({ baseURL: root, apiKey });
  const anthropic = createAnthropic({ baseURL: `${root}/anthropic/v1`, apiKey });
  const providers: Record<string, Provider> = {
    '@ai-sdk/deepseek': (model) => deepseek(model),
    '@ai-sdk/anthropic': (model) => anthropic(model),
  };
  return { backend, providers };
}

const weather = tool({
  description: 'weather of a city',
  inputSchema: jsonSchema<{ city: string }>({
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
    additionalProperties: false,
  }),
  execute: ({ city }) => Promise.resolve({ city, temperature: city === 'Oslo' ? -3 : 4 }),
});

const NAMES = ['@ai-sdk/deepseek', '@ai-sdk/anthropic'];

for (const name of NAMES) {
  test(`${name}: text, reasoning and usage, whole and streamed`, async (t) => {
    const model = playedModel({ thinking: 'Hm.', content: 'Ninety-seven.' });
    const { providers, backend } = await connect(t, { ...model, cacheHitTokens: 3 });
    const provider = providers[name]!;
    const request = { model: provider('deepseek-reasoner'), prompt: 'A prime above 90?' };

    const whole = await generateText(request);
    assert.deepEqual([whole.reasoningText, whole.text], ['Hm.', 'Ninety-seven.']);
    assert.equal(whole.finishReason, 'stop');
    assert.equal(whole.usage.inputTokens, backend.requests[0]!.promptTokens.length);
    assert.ok(whole.usage.outputTokens! > 0);
    assert.equal(whole.usage.inputTokenDetails.cacheReadTokens, 3);
    if (name === '@ai-sdk/deepseek') {
      assert.equal(whole.providerMetadata!['deepseek']!['promptCacheHitTokens'], 3);
      assert.ok(whole.usage.outputTokenDetails.reasoningTokens! > 0);
    }

    const stream = streamText({ ...request, onError: ({ error }) => assert.fail(String(error)) });
    let text = '';
    for await (const piece of stream.textStream) text += piece;
    assert.equal(text, 'Ninety-seven.');
    assert.equal(await stream.reasoningText, 'Hm.');
    const usage = await stream.usage;
    assert.deepEqual(
      [usage.inputTokens, usage.outputTokens],
      [whole.usage.inputTokens, whole.usage.outputTokens],
    );
  });

  for (const way of ['whole', 'streamed']) {
    test(`${name}: a thinking tool loop of two rounds, ${way}`, async (t) => {
      const model = playedModel(
        { thinking: 'First Oslo.', calls: [['weather', { city: 'Oslo' }]] },
        { thinking: 'Then Bergen.', calls: [['weather', { city: 'Bergen' }]] },
        { thinking: 'Compare.', content: 'Oslo is colder.' },
      );
      const { providers } = await connect(t, { ...model });
      const request = {
        model: providers[name]!('deepseek-reasoner'),
        prompt: 'Which is colder?',
        tools: { weather },
        stopWhen: stepCountIs(5),
      };
      const { text, steps } =
        way === 'whole' ? await generateText(request) : await readStream(request);
      assert.equal(text, 'Oslo is colder.');
      assert.equal(steps.length, 3);
      assert.deepEqual(
        steps.map(({ reasoningText }) => reasoningText),
        ['First Oslo.', 'Then Bergen.', 'Compare.'],
      );
      const last = model.prompts[2]!;
      assert.ok(last.includes('First Oslo.</think>') && last.includes('Then Bergen.</think>'));
      assert.match(last, /"temperature":-3/);
    });
  }

  test(`${name}: an object that fits a schema`, async (t) => {
    // The one asks in JSON mode, the other forces the call of a tool that has the schema.
    const scenario = name === '@ai-sdk/deepseek' ? 'json-mode' : 'tool-call';
    const { providers } = await connect(t, {}, `/lab/${scenario}`);
    const { object } = await generateObject({
      model: providers[name]!('deepseek-chat'),
      schema: jsonSchema<{ city: string }>({
        type: 'object',
        properties: { city: { type: 'string' } },
        required: ['city'],
      }),
      prompt: 'Which city?',
    });
    assert.equal(object.city, 'Oslo');
  });

  test(`${name}: an error has the message of the server`, async (t) => {
    const { providers } = await connect(t, {}, '/lab/unauthorized');
    const model = providers[name]!('deepseek-chat');
    await assert.rejects(generateText({ model, prompt: 'x', maxRetries: 0 }), (error) => {
      assert.ok(APICallError.isInstance(error));
      assert.deepEqual([error.statusCode, error.isRetryable], [401, false]);
      assert.match(error.message, /^Authentication Fails, Your api key: \*\*\*\*0000 is invalid$/);
      assert.ok(error.data !== undefined, 'the envelope was read');
      return true;
    });
  });
}

function readStream(request: Parameters<typeof streamText>[0]) {
  const stream = streamText({ ...request, onError: ({ error }) => assert.fail(String(error)) });
  return Promise.all([stream.text, stream.steps]).then(([text, steps]) => ({ text, steps }));
}
