// Constrained decoding on the embedded checkpoint, through the server: at a temperature at which the
// model writes nonsense, JSON mode is JSON and forced calls follow their schemas.

import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { Ajv } from 'ajv';
import OpenAI from 'openai';
import { type RunningServer, startServer } from '../../src/server/start-server.js';

let server: RunningServer;
let client: OpenAI;

before(async () => {
  server = await startServer({ port: 0, threads: 1, profile: 'agents' });
  client = new OpenAI({ baseURL: `${server.url}/beta`, apiKey: server.apiKey, maxRetries: 0 });
});
after(() => server.close());

type Params = OpenAI.ChatCompletionCreateParamsNonStreaming;

const schema = {
  type: 'object',
  properties: {
    city: { type: 'string', enum: ['Oslo', 'Lima', 'Rome'] },
    days: { type: 'integer', minimum: 1, maximum: 14 },
    unit: { anyOf: [{ type: 'string', pattern: '^[CF]$' }, { type: 'boolean' }] },
  },
  required: ['city', 'days', 'unit'],
  additionalProperties: false,
};
const forecast = (strict: boolean): OpenAI.ChatCompletionTool => ({
  type: 'function',
  function: { name: 'get_forecast', description: 'Forecast.', parameters: schema, strict },
});
const isValid = new Ajv({ strict: false }).compile(schema);

async function ask(params: Omit<Params, 'messages'>, content = 'The weather in Oslo, as json?') {
  const { choices } = await client.chat.completions.create({
    temperature: 1.5,
    messages: [{ role: 'user', content }],
    ...params,
  });
  return choices[0]!;
}

for (const model of ['deepseek-chat', 'deepseek-reasoner']) {
  test(`${model}: content in JSON mode is never empty, and JSON where it ends`, async () => {
    for (let seed = 0; seed < 5; seed++) {
      const response_format = { type: 'json_object' } as const;
      const reply = await ask({ model, response_format, seed, max_tokens: 100 });
      const content = reply.message.content!;
      // The small model never learnt to write JSON: it may be cut within it, or while reasoning.
      if (reply.finish_reason === 'stop') JSON.parse(content);
      else assert.equal(reply.finish_reason, 'length');
      if (content !== '' || model === 'deepseek-chat') assert.match(content, /^\{\s*(?:["}]|$)/);
    }
  });

  test(`${model}: a named tool is called with arguments of its schema`, async () => {
    for (const strict of [false, true]) {
      for (let seed = 0; seed < 3; seed++) {
        const tool_choice = { type: 'function', function: { name: 'get_forecast' } } as const;
        const reply = await ask({ model, tools: [forecast(strict)], tool_choice, seed });
        const [call] = reply.message.tool_calls ?? [];
        assert.ok(call?.type === 'function', JSON.stringify(reply));
        assert.equal(reply.finish_reason, 'tool_calls');
        assert.equal(reply.message.content || '', '');
        assert.ok(isValid(JSON.parse(call.function.arguments)), call.function.arguments);
      }
    }
  });
}

test('schemas of all sorts are taken outside strict mode', async () => {
  const parameters = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: {
      id: { type: 'integer', maximum: 9007199254740991, exclusiveMinimum: -1e300 },
      tags: { type: ['array', 'null'], items: { type: 'string', minLength: 3 }, minItems: 2 },
      when: { type: 'string', format: 'date-time', pattern: '(?<=x)(a)\\1' },
      any: {},
      map: {
        type: 'object',
        propertyNames: { pattern: '^a' },
        additionalProperties: { type: 'number' },
      },
      odd: { $ref: '#/nowhere', not: { const: 1 } },
      all: { allOf: [{ type: 'object' }, { required: ['x'] }] },
    },
    required: ['id', 'tags', 'when', 'missing'],
  };
  const tool = { type: 'function', function: { name: 'odd', parameters } } as const;
  const tool_choice = { type: 'function', function: { name: 'odd' } } as const;
  const reply = await ask({
    model: 'deepseek-chat',
    tools: [tool],
    tool_choice,
    seed: 1,
    max_tokens: 300,
  });
  assert.ok(reply.message.tool_calls?.[0]?.type === 'function', JSON.stringify(reply));
  if (reply.finish_reason !== 'tool_calls') return;
  JSON.parse(reply.message.tool_calls[0].function.arguments);
});
