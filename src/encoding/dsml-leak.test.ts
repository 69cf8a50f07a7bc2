// Pitfall 4 of the field reports (api reference §14): whatever is wrong with a tool-call block, none
// of its markup reaches the text or the name of a call. The marks here are control tokens; text that
// only spells them, with ordinary tokens, is data and stays.

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { assembleMessage, type CompletionEvent } from './completion.js';
import { LenientCompletionParser } from './lenient-parser.js';
import { DSML } from './markers.js';

function parse(pieces: readonly string[], thinking = false) {
  const parser = new LenientCompletionParser({ thinking, hasTools: true });
  const events: CompletionEvent[] = pieces.flatMap((text) => parser.push({ text }));
  events.push(...parser.finish({ isTruncated: false }));
  const { content, reasoning_content: reasoning, tool_calls: calls } = assembleMessage(events);
  return {
    content,
    reasoning,
    calls: calls.map((call) => [call.function.name, call.function.arguments]),
  };
}

const CALL = `<${DSML}invoke name="f">\n<${DSML}parameter name="a" string="true">x</${DSML}parameter>\n</${DSML}invoke>`;

test('tags that open no call are left out, the text around them stays', () => {
  for (const [text, content] of [
    [`Hi\n\n</${DSML}function_calls>`, 'Hi\n\n'],
    [`Hi </${DSML}invoke> you`, 'Hi  you'],
    [`a<${DSML}parameter name="x" string="true">v</${DSML}parameter>b`, 'avb'],
    [`a${DSML}parameter name="x" string="true">v</${DSML}parameter>b`, 'avb'],
    [`a<${DSML}tool_calls>b`, 'ab'],
    [`a<${DSML}>b<${DSML} c>d`, 'abd'],
    [`a<${DSML}broken off\nb`, 'a off\nb'],
    [`a<${DSML}${DSML}x>b`, 'ax>b'],
    [`a<${DSML}par`, 'a'],
    [`Hi\n\n<${DSML}func`, 'Hi'],
    [`a<${DSML}${'y'.repeat(300)}>b`, `a${'y'.repeat(268)}>b`],
    [`a<${DSML}x ${'y'.repeat(300)}>b`, `a ${'y'.repeat(300)}>b`],
  ] as const) {
    assert.deepEqual(parse([text]), { content, reasoning: '', calls: [] }, text);
    assert.equal(parse([text], true).reasoning, content);
  }
});

test('calls without their bracket or their block are calls', () => {
  for (const text of [
    `Hi\n\n${DSML}function_calls>\n${CALL}`,
    `Hi\n\n${CALL.slice(1)}`,
    `Hi\n\n<${DSML}tool_calls>\n${CALL}\n</${DSML}tool_calls>`,
    `Hi\n\n<function_calls>\n${CALL}\n</function_calls>`,
    `Hi\n\n<function_calls>\r\n\r\n${CALL}`,
  ]) {
    const { content, calls } = parse([text]);
    assert.match(content, /^Hi\s*$/);
    assert.deepEqual(calls, [['f', '{"a": "x"}']]);
  }
});

test('a block tag without its mark is text where no call follows', () => {
  for (const text of [
    'Hi\n\n<function_calls>',
    'Hi\n\n<function_calls>\n',
    'Hi <function_calls>\n\n</function_calls>',
    'Hi <function_calls>\n\n\n\n\n',
    '<funct',
    '<function_calls> x',
  ]) {
    for (const pieces of [[text], [...text]]) assert.equal(parse(pieces).content, text);
  }
  const far = `<function_calls>\n\n\n\n\n`;
  for (const pieces of [[far, CALL], [...far, CALL], [far + CALL]]) {
    assert.equal(parse(pieces).content, far.slice(0, -2));
  }
});

test('a name with a mark in it is no name', () => {
  for (const name of [`f${DSML}`, `<${DSML}function_calls>`, `f"></${DSML}`, DSML]) {
    const { calls } = parse([`\n\n<${DSML}function_calls>\n${CALL.replace('"f"', `"${name}"`)}`]);
    assert.deepEqual(calls, [], name);
  }
});

// What models were seen to break: tags missing, doubled, moved, cut, renamed, without brackets.
const fragment = fc.constantFrom(
  `<${DSML}function_calls>`,
  `</${DSML}function_calls>`,
  `<${DSML}function_calls`,
  `${DSML}function_calls>`,
  `<${DSML}function_calls name="f">`,
  `<${DSML}tool_calls>`,
  `<${DSML}invoke name="f">`,
  `<${DSML}invoke name="`,
  `<${DSML}invoke>`,
  `</${DSML}invoke>`,
  `<${DSML}parameter name="a" string="true">`,
  `<${DSML}parameter name="a" string="false">`,
  `<${DSML}parameter`,
  `</${DSML}parameter>`,
  `<${DSML}`,
  `</${DSML}`,
  DSML,
  'name="g">',
  '{"b": 1}',
  'text',
  '">',
  '>',
  '\n',
  '\n\n',
  '</think>',
  '<think>',
  '<function_calls>',
  CALL,
);
const anyBlock = fc.array(fragment, { maxLength: 14 });
const BARE_TAG = /<\/?function_calls/;
const MARKUP = new RegExp(`${DSML}|</?(?:function_calls|invoke|parameter)`);

test('no malformed block leaks markup into content, reasoning or names', () => {
  const property = fc.property(anyBlock, fc.boolean(), (parts, thinking) => {
    const { content, reasoning, calls } = parse([parts.join('')], thinking);
    for (const text of [content, reasoning, ...calls.map(([name]) => name!)]) {
      assert.ok(!text.includes(DSML));
      if (!parts.includes('<function_calls>')) assert.doesNotMatch(text, MARKUP);
    }
  });
  fc.assert(property, { seed: 1, numRuns: 5000 });
});

test('any split of a malformed block gives the same message', () => {
  const property = fc.property(anyBlock, fc.integer({ min: 1, max: 7 }), (parts, size) => {
    const text = parts.join('');
    const pieces = text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
    assert.deepEqual(parse(pieces, true), parse([text], true));
  });
  fc.assert(property, { seed: 1, numRuns: 3000 });
});

test('a block broken by a deletion, a repetition or a cut leaks nothing', () => {
  const block = `Hi\n\n<${DSML}function_calls>\n${CALL}\n${CALL}\n</${DSML}function_calls>`;
  // The mark is one token: it is there or not.
  const units = block
    .split(new RegExp(`(${DSML})`))
    .flatMap((part) => (part === DSML ? [part] : [...part]));
  const edit = fc.record({
    at: fc.nat(units.length),
    size: fc.nat(40),
    kind: fc.constantFrom('delete', 'repeat', 'cut'),
  });
  const property = fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
    const broken = [...units];
    for (const { at, size, kind } of edits) {
      if (kind === 'delete') broken.splice(at, size);
      else if (kind === 'cut') broken.splice(Math.max(1, at));
      else broken.splice(at, 0, ...broken.slice(at, at + size));
    }
    const { content, calls } = parse([broken.join('')]);
    for (const text of [content, ...calls.map(([name]) => name!)]) {
      assert.ok(!text.includes(DSML), broken.join(''));
    }
    // A tag that lost its mark is text, as a user may talk about it.
    if (!BARE_TAG.test(broken.join(''))) assert.doesNotMatch(content, BARE_TAG);
  });
  fc.assert(property, { seed: 1, numRuns: 3000 });
});
