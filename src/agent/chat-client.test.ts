// The client against a server that answers well, badly, or not at all.

import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { type Answer, chunkOf, fakeEndpoint, streamOf } from '../../test/helpers/fake-endpoint.js';
import { type ChatDelta, ChatClientError, eventData, streamChat } from './chat-client.js';

async function ask(t: TestContext, answer: Answer, signal = new AbortController().signal) {
  const { endpoint } = await fakeEndpoint(t, [answer]);
  const deltas: ChatDelta[] = [];
  const call = { model: 'm', thinking: false, messages: [] };
  for await (const delta of streamChat(endpoint, call, signal)) deltas.push(delta);
  return deltas;
}

const fails = (message: RegExp) => (error: unknown) =>
  error instanceof ChatClientError && message.test(error.message);

test('event data is found wherever the bytes are cut; comments are skipped', async () => {
  const bytes = Buffer.from(': keep-alive\n\ndata: {"a":"é"}\r\n\r\ndata:b\n\ndata: [DONE]');
  for (let cut = 0; cut <= bytes.length; cut++) {
    const pieces = [bytes.subarray(0, cut), bytes.subarray(cut)];
    const data: string[] = [];
    const source = (async function* () {
      yield* pieces;
    })();
    for await (const item of eventData(source)) data.push(item);
    assert.deepEqual(data, ['{"a":"é"}', 'b', '[DONE]'], `cut at ${cut}`);
  }
});

test('deltas come typed and without the empty ones; a usage chunk is no delta', async (t) => {
  const deltas = await ask(t, (response) => {
    response.write(chunkOf({ role: 'assistant', content: null, reasoning_content: '' }, null));
    response.write(chunkOf({ content: null, reasoning_content: 'r' }, null));
    response.write(chunkOf({ content: 'c', reasoning_content: null }, null));
    response.write(chunkOf({ content: '' }, 'stop'));
    response.end('data: {"choices":[],"usage":{}}\n\ndata: [DONE]\n\n');
  });
  assert.deepEqual(deltas, [
    { type: 'reasoning', text: 'r' },
    { type: 'content', text: 'c' },
    { type: 'finish', reason: 'stop' },
  ]);
});

test('an error status carries the message of its body, or the body', async (t) => {
  const refuse = (body: string): Answer => {
    return (response) => response.writeHead(400).end(body);
  };
  await assert.rejects(ask(t, refuse('{"error":{"message":"No."}}')), fails(/^No\.$/));
  await assert.rejects(ask(t, refuse('plain')), fails(/^HTTP 400: plain$/));
  await assert.rejects(ask(t, refuse('')), fails(/^HTTP 400$/));
});

test('a stream that breaks, stops early or holds nonsense is an error that says so', async (t) => {
  const send = (text: string): Answer => {
    return (response) => response.end(text);
  };
  await assert.rejects(ask(t, send(chunkOf({ content: 'x' }, 'stop'))), fails(/before \[DONE\]/));
  await assert.rejects(ask(t, send('data: {oops\n\n')), fails(/not JSON: \{oops/));
  await assert.rejects(ask(t, send('data: null\n\n')), fails(/without choices: null/));
  await assert.rejects(ask(t, send('data: {"error":{"message":"died"}}\n\n')), fails(/^died$/));
  const breaking: Answer = (response) => {
    response.write(chunkOf({ content: 'x' }, null), () => response.destroy());
  };
  await assert.rejects(ask(t, breaking), fails(/^the connection broke: /));
});

test('nobody listening is an error that names the address', async () => {
  const call = { model: 'm', thinking: false, messages: [] };
  const endpoint = { baseUrl: 'http://127.0.0.1:1', apiKey: 'k' };
  const stream = streamChat(endpoint, call, new AbortController().signal);
  await assert.rejects(stream.next(), fails(/^cannot reach http:\/\/127\.0\.0\.1:1: /));
});

test('an abort is an abort and no error of the server', async (t) => {
  const abort = new AbortController();
  const { endpoint } = await fakeEndpoint(t, [
    (response) => response.write(chunkOf({ content: 'x' }, null)),
    streamOf([]),
  ]);
  const call = { model: 'm', thinking: false, messages: [] };
  const stream = streamChat(endpoint, call, abort.signal);
  assert.deepEqual((await stream.next()).value, { type: 'content', text: 'x' });
  abort.abort();
  await assert.rejects(stream.next(), { name: 'AbortError' });
});
