// Prefix completion: what the model continues, and that the reply is content in both modes.

import assert from 'node:assert/strict';
import test from 'node:test';
import { chatRequest, runReply, tokenizer } from '../../test/helpers/run-reply.js';
import type { AssistantMessage } from '../encoding/message.js';

const EOS = '<｜end▁of▁sentence｜>';

async function run(thinking: boolean, last: Partial<AssistantMessage>) {
  const reply = await runReply(
    chatRequest({
      thinking,
      prefix: true,
      messages: [
        { role: 'user', content: 'hi' },
        { role: 'assistant', content: '', prefix: true, ...last },
      ],
    }),
    { complete: () => ` and on.${EOS}` },
  );
  const prompt = tokenizer.decode(reply.backend.requests[0]!.promptTokens);
  return { prompt: prompt.slice(prompt.indexOf('<｜User｜>')), ...reply };
}

test('the continuation is content, whatever the mode and the prefix', async () => {
  const cases: [thinking: boolean, last: Partial<AssistantMessage>, prompt: string][] = [
    [false, { content: 'So' }, '</think>So'],
    [true, { content: 'So', reasoningContent: 'Hm.' }, '<think>Hm.</think>So'],
    [true, { content: '', reasoningContent: 'Hm.' }, '<think>Hm.</think>'],
    [true, { content: 'So', reasoningContent: '' }, '<think></think>So'],
    [true, { content: 'So' }, '<think></think>So'],
  ];
  for (const [thinking, last, expected] of cases) {
    const { prompt, content, reasoning, finish } = await run(thinking, last);
    assert.equal(prompt, `<｜User｜>hi<｜Assistant｜>${expected}`);
    assert.deepEqual([content, reasoning], [' and on.', '']);
    assert.equal(finish.usage.reasoningTokens, 0);
  }
});
