// The platform in front of somebody else's engine: prompts are rendered and completions parsed here,
// so every dialect works whatever the engine offers; one engine failing is nobody's problem.

import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { loadBuiltinTokenizer } from '../../src/encoding/builtin-tokenizers.js';
import { startServer } from '../../src/server/start-server.js';
import { fakeUpstream } from '../helpers/fake-upstream.js';
import { until } from '../helpers/scripted-server.js';

const tokenizer = loadBuiltinTokenizer('v3.2');
const DSML = '｜DSML｜';
const REPLY =
  'I look.</think>Now.\n\n' +
  `<${DSML}function_calls>\n<${DSML}invoke name="temp">\n` +
  `<${DSML}parameter name="city" string="true">Oslo</${DSML}parameter>\n` +
  `</${DSML}invoke>\n</${DSML}function_calls>`;

async function startBefore(t: TestContext, engines: readonly { url: string }[]) {
  const server = await startServer({
    port: 0,
    log: () => {},
    upstream: { endpoints: engines.map(({ url }) => ({ url })) },
  });
  t.after(() => server.close());
  const headers = {
    authorization: `Bearer ${server.apiKey}`,
    'content-type': 'application/json',
  };
  const post = async (path: string, body: object) => {
    const response = await fetch(server.url + path, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    return { status: response.status, text: await response.text() };
  };
  return { server, post };
}

const parameters = { type: 'object', properties: { city: { type: 'string' } } };
const messages = [{ role: 'user', content: 'How cold is it in Oslo?' }];

test('all doors speak through an engine that knows none of them', async (t) => {
  const engine = await fakeUpstream(t, {
    dialect: 'vllm',
    tokenizer,
    reply: [...tokenizer.encode(REPLY)],
    cachedTokens: 64,
  });
  const { server, post } = await startBefore(t, [engine]);
  assert.equal(server.model.id, 'deepseek-v3.2');
  assert.equal(server.model.contextLength, 4096);

  const chat = await post('/chat/completions', {
    model: 'deepseek-reasoner',
    messages,
    tools: [{ type: 'function', function: { name: 'temp', parameters } }],
  });
  assert.equal(chat.status, 200, chat.text);
  const { choices, usage } = JSON.parse(chat.text);
  assert.equal(choices[0].finish_reason, 'tool_calls');
  assert.equal(choices[0].message.reasoning_content, 'I look.');
  assert.equal(choices[0].message.content, 'Now.');
  assert.deepEqual(choices[0].message.tool_calls[0].function, {
    name: 'temp',
    arguments: '{"city": "Oslo"}',
  });
  assert.equal(usage.prompt_cache_hit_tokens, 64);

  const anthropic = await post('/anthropic/v1/messages', {
    model: 'deepseek-reasoner',
    max_tokens: 1000,
    messages,
    tools: [{ name: 'temp', input_schema: parameters }],
  });
  const { content, stop_reason } = JSON.parse(anthropic.text);
  assert.deepEqual(
    content.map(({ type }: { type: string }) => type),
    ['thinking', 'text', 'tool_use'],
  );
  assert.equal(stop_reason, 'tool_use');
  assert.ok(Array.isArray(engine.asked[0]!['prompt']), 'the prompt goes as our token ids');
});

test('a dying engine is replaced before the first byte, and seen in status and metrics', async (t) => {
  const reply = [...tokenizer.encode('Hello.')];
  const engines = await Promise.all(
    [0, 1].map(() => fakeUpstream(t, { dialect: 'sglang', tokenizer, reply })),
  );
  const { server, post } = await startBefore(t, engines);
  const request = { model: 'deepseek-chat', messages };
  const ask = async () => {
    const { status, text } = await post('/chat/completions', request);
    assert.equal(status, 200, text);
    assert.equal(JSON.parse(text).choices[0].message.content, 'Hello.');
  };
  const [first, second] = engines as [(typeof engines)[0], (typeof engines)[0]];
  first.faults.push({ type: 'die' });
  // Its turn comes, and nobody notices.
  for (let i = 0; first.faults.length > 0 && i < 20; i++) await ask();
  assert.equal(first.faults.length, 0);
  await first.stop();
  for (let i = 0; i < 4; i++) await ask();

  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  assert.match(metrics, /hadal_upstream_events_total\{endpoint="[^"]+",event="retries"\} [1-9]/);
  assert.match(metrics, /hadal_upstream_events_total\{endpoint="[^"]+",event="failures"\} [1-9]/);
  const status = (await (await fetch(`${server.url}/status?format=json`)).json()) as {
    components: { name: string; status: string }[];
  };
  const upstreams = status.components.filter(({ name }) => name.startsWith('upstream '));
  assert.equal(upstreams.length, 2);
  assert.ok(upstreams.some((report) => report.status !== 'operational'));

  await second.stop();
  const none = await post('/chat/completions', request);
  assert.equal(none.status, 503);
  assert.equal(JSON.parse(none.text).error.type, 'service_unavailable_error');
  await until(() => server.numActive === 0);
});
