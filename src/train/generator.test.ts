import assert from 'node:assert/strict';
import test from 'node:test';
import { parseCompletion } from '../encoding/strict-parser.js';
import { segmentsToText } from '../encoding/segments.js';
import { Tokenizer } from '../encoding/tokenizer.js';
import { packageFile } from '../package-root.js';
import { dialogSegments, makeTrainingDialog, SampleEncoder } from './corpus.js';
import type { Dialog } from './dialog.js';
import { makeEvalDialog } from './eval-set.js';
import { Rng } from './rng.js';
import { inventedWord, isHeldOut } from './words.js';

const tokenizer = Tokenizer.fromFile(packageFile('models/hadal-mini/tokenizer.json'));
const text = (dialog: Dialog) => segmentsToText(dialogSegments(dialog));

function dialogs(count: number, seed: number, make: (rng: Rng) => Dialog): Dialog[] {
  const rng = new Rng(seed);
  return Array.from({ length: count }, () => make(rng));
}

test('the same seed gives the same conversations', () => {
  const make = (rng: Rng) => makeTrainingDialog(rng, 1);
  assert.deepEqual(dialogs(50, 7, make).map(text), dialogs(50, 7, make).map(text));
  assert.notDeepEqual(dialogs(5, 7, make).map(text), dialogs(5, 8, make).map(text));
});

test('invented words stay in their split', () => {
  const rng = new Rng(1);
  for (let i = 0; i < 500; i++) {
    assert.equal(isHeldOut(inventedWord(rng, 'train')), false);
    assert.equal(isHeldOut(inventedWord(rng, 'eval')), true);
  }
});

test('no held-out tool and no held-out phrasing reaches training', () => {
  const training = dialogs(1500, 3, (rng) => makeTrainingDialog(rng, 1))
    .map(text)
    .join('\n');
  for (const tool of [
    'get_exchange_rate',
    'find_restaurant',
    'file_support_ticket',
    'get_train_departures',
  ]) {
    assert.ok(!training.includes(tool), tool);
  }
  for (const phrase of [
    'Go ahead and',
    'Would you ',
    ' equal to ',
    'Give me the value of',
    'I need the result of',
  ]) {
    assert.ok(!training.includes(phrase), phrase);
  }
});

test('tool names of a request are distinct and every call names one of them', () => {
  for (const dialog of dialogs(400, 11, (rng) => makeTrainingDialog(rng, 1))) {
    const names = dialog.tools.map((tool) => String(tool.name));
    assert.equal(new Set(names).size, names.length);
    for (const message of dialog.messages) {
      if (message.role !== 'assistant') continue;
      for (const call of message.toolCalls ?? []) assert.ok(names.includes(call.name), call.name);
    }
  }
});

test('targets are exactly what the model writes: they parse back to the assistant message', () => {
  const encoder = new SampleEncoder(tokenizer);
  for (const dialog of dialogs(150, 5, makeEvalDialog)) {
    const { tokens, isTarget } = encoder.encode(dialog);
    const last = isTarget.lastIndexOf(1);
    let first = last;
    while (first > 0 && isTarget[first - 1] === 1) first--;
    const completion = tokenizer.decode(tokens.subarray(first, last + 1));
    const message = dialog.messages.at(-1)!;
    assert.equal(message.role, 'assistant');
    const parsed = parseCompletion(completion, { thinking: dialog.mode === 'thinking' });
    assert.equal(parsed.content, message.content);
    assert.equal(
      parsed.reasoning_content,
      dialog.mode === 'thinking' ? (message as { reasoningContent?: string }).reasoningContent : '',
    );
  }
});

test('every expectation points at an assistant message whose answer holds the facts', () => {
  for (const dialog of dialogs(400, 13, makeEvalDialog)) {
    assert.ok(dialog.expectations.size > 0);
    for (const [index, expectation] of dialog.expectations) {
      const message = dialog.messages[index]!;
      assert.equal(message.role, 'assistant');
      if (expectation.type === 'answer') {
        for (const fact of expectation.facts) {
          assert.ok(
            message.content.toLowerCase().includes(fact.toLowerCase()),
            `${fact}: ${message.content}`,
          );
        }
      }
    }
  }
});
