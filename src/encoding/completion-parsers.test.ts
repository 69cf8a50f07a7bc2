// Both completion parsers against the encoder and against each other: what is rendered parses back,
// and no split of a text changes what comes out.

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { type AssistantWire, assembleMessage, type CompletionEvent } from './completion.js';
import { encodeMessages } from './encode-messages.js';
import { stringifyJson } from './json-writer.js';
import { parseJson } from './json-reader.js';
import { LenientCompletionParser } from './lenient-parser.js';
import type { CompletionPiece } from './marker-buffer.js';
import type { AssistantMessage } from './message.js';
import { segmentsToText } from './segments.js';
import { CompletionError, parseCompletion, StrictCompletionParser } from './strict-parser.js';

// A failure must be the same on every machine; change the seed to look for new ones.
fc.configureGlobal({ seed: 32 });

const EOS = '<｜end▁of▁sentence｜>';
const SPECIAL = [
  '｜DSML｜',
  '<think>',
  '</think>',
  EOS,
  '<｜begin▁of▁sentence｜>',
  '<｜User｜>',
  '<｜Assistant｜>',
];

/** Text made to look like beginnings of markers, without holding a whole one. */
const trickyText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '<',
        '</',
        '｜',
        '｜DSML',
        'DSML｜',
        '<｜',
        '</thi',
        '\n',
        '\r\n',
        '\n\n',
        '>',
      ),
      fc.constantFrom('<｜end▁of', '\n\n<｜DSM', 'function_calls', ' name="', '"', '\\', '😀', 'é'),
      fc.string({ maxLength: 8 }),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''))
  .filter((text) => !SPECIAL.some((special) => text.includes(special)));

const attributeText = trickyText.filter((text) => !text.includes('">') && !/" string="/.test(text));

const call = fc.record({
  name: attributeText,
  parameters: fc.uniqueArray(
    fc.tuple(attributeText, fc.oneof(trickyText, fc.jsonValue({ maxDepth: 2 }))),
    { selector: ([key]) => key, maxLength: 3 },
  ),
});

const assistant: fc.Arbitrary<AssistantMessage> = fc
  .record({
    content: trickyText,
    reasoningContent: trickyText,
    calls: fc.array(call, { maxLength: 3 }),
  })
  .map(({ content, reasoningContent, calls }): AssistantMessage => ({
    role: 'assistant',
    content,
    reasoningContent,
    toolCalls: calls.map(({ name, parameters }, index) => ({
      id: `call_${index}`,
      name,
      arguments: JSON.stringify(Object.fromEntries(parameters)),
    })),
  }))
  // JSON text inside a parameter may spell a marker only in its strings, which are tricky texts.
  .filter(
    ({ toolCalls }) => !SPECIAL.some((special) => JSON.stringify(toolCalls).includes(special)),
  );

/** The completion text that stands for a message: what the encoder writes after the opening. */
function renderCompletion(message: AssistantMessage, thinking: boolean): string {
  const options = { thinkingMode: thinking ? 'thinking' : 'chat' } as const;
  const opening = segmentsToText(encodeMessages([{ role: 'user', content: 'q' }], options));
  const whole = segmentsToText(encodeMessages([{ role: 'user', content: 'q' }, message], options));
  assert.ok(whole.startsWith(opening));
  return whole.slice(opening.length);
}

function expectedMessage(message: AssistantMessage, thinking: boolean): AssistantWire {
  return {
    role: 'assistant',
    content: message.content,
    reasoning_content: thinking ? message.reasoningContent! : '',
    tool_calls: message.toolCalls!.map((called) => ({
      type: 'function',
      function: { name: called.name, arguments: stringifyJson(parseJson(called.arguments)) },
    })),
  };
}

/** Pieces of the given sizes in UTF-16 units, so that surrogate pairs are cut too. */
function split(text: string, sizes: readonly number[]): CompletionPiece[] {
  const pieces: CompletionPiece[] = [];
  for (let start = 0, turn = 0; start < text.length; turn++) {
    const end = start + (sizes[turn % sizes.length] ?? text.length);
    pieces.push({ text: text.slice(start, end) });
    start = end;
  }
  return pieces;
}

const sizesArbitrary = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 6 });

type Outcome = { events: CompletionEvent[] } | { error: string };

function runStrict(pieces: readonly CompletionPiece[], thinking: boolean): Outcome {
  const parser = new StrictCompletionParser({ thinking });
  try {
    const events = pieces.flatMap((piece) => parser.push(piece));
    return { events: [...events, ...parser.finish()] };
  } catch (error) {
    if (error instanceof CompletionError) return { error: error.kind };
    throw error;
  }
}

function runLenient(
  pieces: readonly CompletionPiece[],
  {
    thinking,
    hasTools = true,
    isTruncated = false,
  }: {
    thinking: boolean;
    hasTools?: boolean;
    isTruncated?: boolean;
  },
): CompletionEvent[] {
  const parser = new LenientCompletionParser({ thinking, hasTools });
  const events = pieces.flatMap((piece) => parser.push(piece));
  return [...events, ...parser.finish({ isTruncated })];
}

/** What every consumer relies on: order of kinds, whole calls one after another, no empty deltas. */
function checkEvents(events: readonly CompletionEvent[]): void {
  const ranks = { 'reasoning-delta': 0, 'content-delta': 1 };
  let rank = 0;
  let open = -1;
  let numCalls = 0;
  for (const event of events) {
    if (event.type === 'reasoning-delta' || event.type === 'content-delta') {
      assert.ok(ranks[event.type] >= rank && numCalls === 0);
      rank = ranks[event.type];
      assert.notEqual(event.text, '');
    } else if (event.type === 'tool-call-start') {
      assert.equal(open, -1);
      open = numCalls++;
      assert.equal(event.index, open);
    } else {
      assert.equal(event.index, open);
      if (event.type === 'tool-call-end') open = -1;
      else assert.notEqual(event.argumentsDelta, '');
    }
  }
  assert.equal(open, -1);
}

test('parse(render(message)) is the message, whole and at every split, strict and lenient', () => {
  fc.assert(
    fc.property(assistant, fc.boolean(), sizesArbitrary, (message, thinking, sizes) => {
      // The encoder refuses a thinking answer without reasoning and calls.
      fc.pre(!thinking || message.reasoningContent !== '' || message.toolCalls!.length > 0);
      const text = renderCompletion(message, thinking);
      const expected = expectedMessage(message, thinking);
      assert.deepEqual(parseCompletion(text, { thinking }), expected);
      for (const pieces of [[{ text }], split(text, [1]), split(text, sizes)]) {
        const strict = runStrict(pieces, thinking);
        assert.ok('events' in strict);
        const lenient = runLenient(pieces, { thinking });
        for (const events of [strict.events, lenient]) {
          checkEvents(events);
          assert.deepEqual(assembleMessage(events), expected);
        }
      }
    }),
    { numRuns: 100 },
  );
});

test('markers never leak into a delta of text', () => {
  const plain = fc.string({ maxLength: 10 }).filter((text) => !/[<｜]/.test(text));
  fc.assert(
    fc.property(plain, plain, sizesArbitrary, (reasoningContent, content, sizes) => {
      const called = { id: 'c', name: 'f', arguments: '{"a": "b", "c": 1}' };
      const text = renderCompletion(
        { role: 'assistant', content, reasoningContent, toolCalls: [called] },
        true,
      );
      const outcome = runStrict(split(text, sizes), true);
      assert.ok('events' in outcome);
      for (const events of [outcome.events, runLenient(split(text, sizes), { thinking: true })]) {
        for (const event of events) {
          if ('text' in event) assert.ok(!/[<｜]|think>|DSML/.test(event.text), event.text);
        }
      }
    }),
  );
});

/** Malformed completions: well-formed parts in the wrong order, cut and doubled. */
const fragments = fc.array(
  fc.oneof(
    fc.constantFrom(
      '\n\n<｜DSML｜function_calls>\n',
      '<｜DSML｜invoke name="f">\n',
      '</｜DSML｜invoke>\n',
      '<｜DSML｜parameter name="a" string="true">',
      '<｜DSML｜parameter name="b" string="false">',
      '</｜DSML｜parameter>\n',
      '</｜DSML｜function_calls>',
      EOS,
      '</think>',
      '<think>',
      '\n',
      '\r\n',
      '<',
      '/｜DSML｜parameter',
      '｜DSML｜',
      ' name="x',
      '" string="true">',
      '{"k": 1}',
      '😀',
      '">\n',
      '<｜DSML｜parameter string="false" name="q">',
      "<｜DSML｜invoke name='g' >",
      '<｜DSM',
    ),
    fc.string({ maxLength: 3 }),
  ),
  { maxLength: 14 },
);
const malformed = fragments.map((parts) => parts.join(''));

test('on any text, a split changes neither the strict outcome nor the lenient message', () => {
  fc.assert(
    fc.property(malformed, fc.boolean(), sizesArbitrary, (text, thinking, sizes) => {
      const whole = runStrict([{ text }], thinking);
      const pieces = runStrict(split(text, sizes), thinking);
      if ('error' in whole || 'error' in pieces) assert.deepEqual(pieces, whole);
      else assert.deepEqual(assembleMessage(pieces.events), assembleMessage(whole.events));

      for (const hasTools of [true, false]) {
        for (const isTruncated of [true, false]) {
          const options = { thinking, hasTools, isTruncated };
          const lenient = runLenient(split(text, sizes), options);
          checkEvents(lenient);
          assert.deepEqual(
            assembleMessage(lenient),
            assembleMessage(runLenient([{ text }], options)),
          );
        }
      }
    }),
    { numRuns: 1500 },
  );
});

test('complete lenient calls carry arguments that are JSON objects', () => {
  fc.assert(
    fc.property(malformed, fc.boolean(), (text, thinking) => {
      const events = runLenient([{ text }], { thinking });
      const message = assembleMessage(events);
      for (const event of events) {
        if (event.type !== 'tool-call-end' || !event.isComplete) continue;
        const value: unknown = JSON.parse(message.tool_calls[event.index]!.function.arguments);
        assert.ok(typeof value === 'object' && value !== null && !Array.isArray(value));
      }
      assert.ok(!(message.content + message.reasoning_content).includes('｜DSML｜'));
    }),
    { numRuns: 1500 },
  );
});

test('a completion cut anywhere gives a beginning of the whole', () => {
  const text = renderCompletion(
    {
      role: 'assistant',
      content: 'Let me see.\n',
      reasoningContent: 'Two calls.',
      toolCalls: [
        { id: '1', name: 'f', arguments: '{"a": "x\\n\\"y\\" 😀", "b": [1, {"c": null}]}' },
        { id: '2', name: 'g', arguments: '{}' },
      ],
    },
    true,
  );
  const whole = assembleMessage(runLenient([{ text }], { thinking: true }));
  for (let length = 0; length <= text.length; length++) {
    const events = runLenient([{ text: text.slice(0, length) }], {
      thinking: true,
      isTruncated: true,
    });
    checkEvents(events);
    const cut = assembleMessage(events);
    for (const [index, { function: called }] of cut.tool_calls.entries()) {
      const full = whole.tool_calls[index]!.function;
      assert.equal(called.name, full.name);
      assert.ok(full.arguments.startsWith(called.arguments), called.arguments);
    }
    assert.ok(!/DSML｜/.test(cut.content + cut.reasoning_content));
  }
});
