import assert from 'node:assert/strict';
import test from 'node:test';
import { assembleMessage } from './completion.js';
import { LenientCompletionParser } from './lenient-parser.js';
import type { CompletionPiece } from './marker-buffer.js';

const CALL =
  '<｜DSML｜invoke name="f">\n<｜DSML｜parameter name="a" string="true">x</｜DSML｜parameter>\n</｜DSML｜invoke>\n';
const BLOCK = `<｜DSML｜function_calls>\n${CALL}</｜DSML｜function_calls>`;
const PARSED_CALL: [name: string, args: string] = ['f', '{"a": "x"}'];

interface Options {
  thinking?: boolean;
  hasTools?: boolean;
  isTruncated?: boolean;
}

function parse(
  input: string | CompletionPiece[],
  { thinking = false, hasTools = true, isTruncated = false }: Options = {},
) {
  const parser = new LenientCompletionParser({ thinking, hasTools });
  const pieces = typeof input === 'string' ? [{ text: input }] : input;
  const events = pieces.flatMap((piece) => parser.push(piece));
  events.push(...parser.finish({ isTruncated }));
  const message = assembleMessage(events);
  return {
    reasoning: message.reasoning_content,
    content: message.content,
    calls: message.tool_calls.map(({ function: called }) => [called.name, called.arguments]),
    incomplete: events.flatMap((event) =>
      event.type === 'tool-call-end' && !event.isComplete ? [event.index] : [],
    ),
  };
}

/** A call with the given text between the parameter's name and the end of the invoke. */
function parseParameters(parameters: string) {
  return parse(
    `\n\n<｜DSML｜function_calls>\n<｜DSML｜invoke name="f">\n${parameters}\n</｜DSML｜invoke>`,
  );
}

test('a block before </think> ends the reasoning', () => {
  const { reasoning, content, calls } = parse(`I call it.\n\n${BLOCK}`, { thinking: true });
  assert.deepEqual([reasoning, content, calls], ['I call it.', '', [PARSED_CALL]]);
});

test('a block needs no blank line before it; up to two line breaks belong to it', () => {
  const cases: [before: string, content: string][] = [
    ['', ''],
    ['Hi', 'Hi'],
    ['Hi\n', 'Hi'],
    ['Hi\n\n', 'Hi'],
    ['Hi\n\n\n', 'Hi\n'],
    ['Hi\r\n\r\n', 'Hi'],
    ['Hi\r\n', 'Hi'],
    ['Hi \n ', 'Hi \n '],
  ];
  for (const [before, content] of cases) {
    const parsed = parse(before + BLOCK);
    assert.deepEqual([parsed.content, parsed.calls], [content, [PARSED_CALL]], before);
  }
});

test('whitespace between tags is free', () => {
  for (const [from, to] of [
    ['\n', ''],
    ['\n', '\r\n'],
    ['\n', '\n\n\n'],
    ['\n', '\n    '],
    ['">\n', '" >\n'],
    ['" string', '"  string'],
  ] as const) {
    const parsed = parse(`Hi\n\n${BLOCK.replaceAll(from, to)}`);
    assert.deepEqual([parsed.content, parsed.calls], ['Hi', [PARSED_CALL]], JSON.stringify(to));
  }
});

test('whitespace inside a string value is data', () => {
  const { calls } = parseParameters(
    '<｜DSML｜parameter name="a" string="true">\n  x \r\n\n</｜DSML｜parameter>',
  );
  assert.deepEqual(calls, [['f', '{"a": "\\n  x \\r\\n\\n"}']]);
});

test('a value declared as JSON that is none becomes a string', () => {
  for (const [text, json] of [
    ['1', '1'],
    [' [1, 2.50] ', ' [1, 2.50] '],
    ['Paris', '"Paris"'],
    ['"open', '"\\"open"'],
    ['', '""'],
    ['NaN', '"NaN"'],
    ["{'a': 1}", '"{\'a\': 1}"'],
    ['True', '"True"'],
  ] as const) {
    const { calls } = parseParameters(
      `<｜DSML｜parameter name="a" string="false">${text}</｜DSML｜parameter>`,
    );
    assert.deepEqual(calls, [['f', `{"a": ${json}}`]]);
  }
});

test('odd parameter headers are read; without `string` the value decides', () => {
  for (const [header, json] of [
    ['string="true" name="a"', '{"a": "7"}'],
    ["name='a' string='true'", '{"a": "7"}'],
    ['name="a" string="True"', '{"a": "7"}'],
    ['name="a" string="true" ', '{"a": "7"}'],
    ['name=a', '{"a": 7}'],
    ['name="a"', '{"a": 7}'],
  ] as const) {
    const { calls } = parseParameters(`<｜DSML｜parameter ${header}>7</｜DSML｜parameter>`);
    assert.deepEqual(calls, [['f', json]], header);
  }
});

test('a repeated key keeps its first value', () => {
  const parameters = [
    '<｜DSML｜parameter name="a" string="false">1</｜DSML｜parameter>',
    '<｜DSML｜parameter name="a" string="true">2</｜DSML｜parameter>',
    '<｜DSML｜parameter name="a" string="false">3</｜DSML｜parameter>',
  ];
  assert.deepEqual(parseParameters(parameters.join('\n')).calls, [['f', '{"a": 1}']]);
});

test('missing closing tags around complete parameters are supplied', () => {
  const open = CALL.slice(0, -'</｜DSML｜invoke>\n'.length);
  const start = '\n\n<｜DSML｜function_calls>\n';
  for (const text of [
    start + open,
    `${start}${open}<｜end▁of▁sentence｜>`,
    `${start}${open}</｜DSML｜function_calls>`,
  ]) {
    assert.deepEqual(parse(text).calls, [PARSED_CALL]);
  }
  assert.deepEqual(parse(start + open + CALL).calls, [PARSED_CALL, PARSED_CALL]);
  assert.deepEqual(parse(`Hi\n\n${CALL}`).calls, [PARSED_CALL]);
});

test('further blocks continue the indices; text after a block has no place', () => {
  const { content, calls } = parse(`Hi\n\n${BLOCK} and \n\n${BLOCK}<｜end▁of▁sentence｜>late`);
  assert.deepEqual([content, calls], ['Hi', [PARSED_CALL, PARSED_CALL]]);
});

test('an invoke without a name is left out', () => {
  const nameless = CALL.replace(' name="f"', '');
  assert.deepEqual(parse(`\n\n<｜DSML｜function_calls>\n${nameless}${CALL}`).calls, [PARSED_CALL]);
});

test('a block without tools is text without marks', () => {
  const { content, calls } = parse(`Hi\n\n${BLOCK}`, { hasTools: false });
  assert.deepEqual(calls, []);
  assert.equal(content, `Hi\n\n${BLOCK.replaceAll('｜DSML｜', '')}`);
});

test('special tokens without a meaning in their place are left out', () => {
  const { reasoning, content } = parse('<think>a<｜User｜>b</think></think>c<think>d｜DSML｜e', {
    thinking: true,
  });
  assert.deepEqual([reasoning, content], ['ab', 'cde']);
});

test('end of sentence during reasoning ends the turn', () => {
  const { reasoning, content } = parse('a<｜end▁of▁sentence｜>b', { thinking: true });
  assert.deepEqual([reasoning, content], ['a', '']);
});

test('a cut call keeps what was certain and is not closed', () => {
  const start = '\n\n<｜DSML｜function_calls>\n<｜DSML｜invoke name="f">\n';
  const stringOpen = `${start}<｜DSML｜parameter name="a" string="true">x`;
  const cases: [text: string, calls: [string, string][]][] = [
    ['\n\n<｜DSML｜function_calls>\n<｜DSML｜invoke name="f', []],
    [start, [['f', '']]],
    [`${start}<｜DSML｜parameter name="a`, [['f', '']]],
    [stringOpen, [['f', '{"a": "x']]],
    [`${stringOpen}</｜DSML｜para`, [['f', '{"a": "x']]],
    [`${stringOpen}</｜DSML｜parameter>\n</｜DS`, [['f', '{"a": "x"']]],
    [`${start}<｜DSML｜parameter name="a" string="false">12`, [['f', '']]],
  ];
  for (const [text, calls] of cases) {
    const parsed = parse(text, { isTruncated: true });
    assert.deepEqual(parsed.calls, calls, text);
    assert.deepEqual(parsed.incomplete, calls.length > 0 ? [0] : []);
    assert.equal(parsed.content, '');
  }
});

test('a model may end a call before its first parameter, not inside one', () => {
  const block = '\n\n<｜DSML｜function_calls>\n<｜DSML｜invoke ';
  const parameter = `${block}name="f">\n<｜DSML｜parameter`;
  const cases: [text: string, calls: [string, string][], isComplete: boolean][] = [
    [`${block}name="f`, [['f', '{}']], true],
    [`${block}name="`, [], true],
    [parameter, [['f', '{}']], true],
    [`${parameter} name="`, [['f', '{}']], true],
    [`${parameter} name="">\n</｜DSML｜invoke>`, [['f', '{}']], true],
    [
      `${parameter} name="a" string="true">x</｜DSML｜parameter>\n<｜DSML｜parameter name="`,
      [['f', '{"a": "x"}']],
      true,
    ],
    [`${parameter} name="a`, [['f', '']], false],
    [`${parameter} name="a" string="true">x`, [['f', '{"a": "x']], false],
  ];
  for (const [text, calls, isComplete] of cases) {
    const parsed = parse(text);
    assert.deepEqual(parsed.calls, calls, text);
    assert.deepEqual(parsed.incomplete, isComplete ? [] : [0], text);
  }
});

test('a held false beginning of a marker is text when the completion ends', () => {
  for (const text of ['a <', 'a </thin', 'a\n\n', 'a\n\n<｜DSM', 'a \ud83d']) {
    assert.equal(parse(text).content, text);
    assert.equal(parse(text, { thinking: true }).reasoning, text);
  }
});

test('the phase says what the next text belongs to', () => {
  const parser = new LenientCompletionParser({ thinking: true, hasTools: true });
  const phases = [
    'a',
    '</think>',
    'b',
    '\n\n<｜DSML｜function_calls>\n',
    CALL,
    '<｜end▁of▁sentence｜>',
  ].map((text) => {
    parser.push({ text });
    return parser.phase;
  });
  assert.deepEqual(phases, ['reasoning', 'content', 'content', 'tool-calls', 'tool-calls', 'end']);
});

/** Marks the given substrings as control tokens and everything else as ordinary text. */
function tokens(text: string, controls: string[]): CompletionPiece[] {
  const pattern = new RegExp(`(${controls.join('|')})`);
  return text
    .split(pattern)
    .filter((part) => part !== '')
    .map((part) => ({ text: part, control: controls.includes(part) }));
}

test('markers count when a control token spelled their mark, whatever the vocabulary', () => {
  const text = `r</think>c\n\n${BLOCK}`;
  const vocabularies = [
    ['</think>', '｜DSML｜'],
    [
      '</think>',
      '<｜DSML｜function_calls>',
      '<｜DSML｜invoke name="',
      '<｜DSML｜parameter name="',
      '</｜DSML｜parameter>',
      '</｜DSML｜invoke>',
      '</｜DSML｜function_calls>',
    ],
    ['</think>', '<｜DSML｜', '</｜DSML｜'],
  ];
  for (const controls of vocabularies) {
    const parsed = parse(tokens(text, controls), { thinking: true });
    assert.deepEqual([parsed.reasoning, parsed.content, parsed.calls], ['r', 'c', [PARSED_CALL]]);
  }
});

test('markers spelled with ordinary tokens are data', () => {
  const spelled = `r</think> <think> <｜end▁of▁sentence｜> \n\n${BLOCK} <｜User｜>`;
  for (const pieces of [
    [{ text: spelled, control: false }],
    Array.from(spelled, (text) => ({ text, control: false })),
  ]) {
    assert.equal(parse(pieces).content, spelled);
    assert.equal(parse(pieces, { thinking: true }).reasoning, spelled);
  }
});

test('a spelled closing tag inside a value is data, the control one closes', () => {
  const parsed = parse([
    ...tokens(
      '\n\n<｜DSML｜function_calls>\n<｜DSML｜invoke name="f">\n<｜DSML｜parameter name="a" string="true">',
      ['｜DSML｜'],
    ),
    { text: 'x</｜DSML｜parameter>y', control: false },
    ...tokens('</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜function_calls>', ['｜DSML｜']),
  ]);
  assert.deepEqual(parsed.calls, [['f', '{"a": "x</｜DSML｜parameter>y"}']]);
});

test('ordinary text that begins like a tag is not held back', () => {
  const parser = new LenientCompletionParser({ thinking: false, hasTools: true });
  const [event] = parser.push({ text: 'a <｜DS', control: false });
  assert.deepEqual(event, { type: 'content-delta', text: 'a <｜DS' });
  assert.deepEqual(parser.push({ text: ' <', control: false }), [
    { type: 'content-delta', text: ' ' },
  ]);
});

test('string values stream before they are closed', () => {
  const parser = new LenientCompletionParser({ thinking: false, hasTools: true });
  parser.push({ text: `${BLOCK.slice(0, BLOCK.indexOf('x<'))}` });
  assert.deepEqual(parser.push({ text: 'a\n"b" </' }), [
    { type: 'tool-call-delta', index: 0, argumentsDelta: 'a\\n\\"b\\" ' },
  ]);
});

test('long runs of blanks in headers take linear time', { timeout: 30_000 }, () => {
  const parser = new LenientCompletionParser({ thinking: false, hasTools: true });
  const blanks = ' '.repeat(300_000);
  parser.push({ text: `<｜DSML｜function_calls>\n<｜DSML｜invoke ${blanks}x` });
  parser.push({ text: `${CALL}<｜DSML｜invoke name="f">\n<｜DSML｜parameter ${blanks}` });
  for (let i = 0; i < 3000; i++) parser.push({ text: `  ${i} <` });
  parser.push({ text: '</｜DSML｜parameter>' });
  parser.finish({ isTruncated: false });
});
