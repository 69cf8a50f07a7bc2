import assert from 'node:assert/strict';
import test from 'node:test';
import { Tokenizer as ReferenceTokenizer } from '@huggingface/tokenizers';
import fc from 'fast-check';
import { Tokenizer } from '../encoding/tokenizer.js';
import { learnMerges } from './bpe-learn.js';
import { trainBpe, type BpeTrainingOptions } from './bpe-train.js';
import { countLetterRuns } from './bpe-words.js';

const TEXTS = [
  'the cat and the dog, the_cat-2 and then the end. The weather in Velmora: 21 degrees.',
  'and another the the thé thé 漢字漢字 漢字 “quoted” (weather) weather "weather" 12345',
  'a tool takes a name; another tool takes another name and the degrees of the cat',
];
const ADDED = [
  { content: '<｜User｜>', special: true },
  { content: '": {"type": "', special: false },
  { content: 'weather', special: false },
];
const LATE = ['the', 'and', 'a', 'unseen'];

function train(over: Partial<BpeTrainingOptions> = {}): ReturnType<typeof trainBpe> {
  return trainBpe({
    texts: TEXTS,
    vocabSize: 285,
    addedTokens: ADDED,
    lateMerges: LATE,
    ...over,
  });
}

test('makes exactly the wanted number of ids in the promised order', () => {
  const { added_tokens: added, model } = train();
  const ids = Object.values(model.vocab);
  assert.deepEqual(
    ids.toSorted((a, b) => a - b),
    Array.from({ length: 285 }, (_, id) => id),
  );
  const expected = ['<｜begin▁of▁sentence｜>', '<｜end▁of▁sentence｜>'];
  expected.push(...ADDED.map(({ content }) => content));
  assert.deepEqual(
    added.map((token) => (token as { content: string }).content),
    expected,
  );
  assert.equal(model.vocab['!'], ADDED.length + 2 + 0x21);
});

test('keeps spaces, digits and punctuation single, but for the late words', () => {
  const tokenizer = Tokenizer.fromJson(train());
  const spelled = (text: string) => [...tokenizer.encode(text)].map((id) => tokenizer.decode([id]));
  assert.deepEqual(spelled(' the'), [' the']);
  assert.deepEqual(spelled('the_the-the 12..'), [
    'the',
    '_',
    'the',
    '-',
    'the',
    ' ',
    '1',
    '2',
    '.',
    '.',
  ]);
  assert.deepEqual(spelled(' cat'), [' ', ...spelled('cat')]);
  for (let id = 0; id < tokenizer.vocabSize; id++) {
    if (id < ADDED.length + 2) continue;
    const token = tokenizer.decode([id]);
    if (tokenizer.tokenBytes(id).length > 1) assert.match(token, /^ ?[\p{L}\p{M}\ufffd]+$/u);
  }
});

test('late merges come last and only for words that are single tokens', () => {
  const { merges } = train().model;
  assert.deepEqual(merges.slice(-3), ['Ġ the', 'Ġ and', 'Ġ a']);
  assert.ok(merges.slice(0, -3).every((merge) => !merge.includes('Ġ')));
});

test('never merges into the text of an added token', () => {
  assert.ok(!('weather' in train().model.vocab) || train().model.vocab['weather'] === 4);
  const { merges } = train({ vocabSize: 280 }).model;
  assert.ok(merges.every((merge) => merge.replace(' ', '') !== 'weather'));
});

test('depends on the counts alone, not on the order of texts', () => {
  assert.deepEqual(train({ texts: TEXTS.toReversed() }), train());
  assert.deepEqual(train({ texts: [TEXTS.join('\n')] }), train());
});

test('the reference tokenizer reads the file the same way', () => {
  const json = train();
  const ours = Tokenizer.fromJson(json);
  const reference = new ReferenceTokenizer(json, {});
  const text = fc
    .array(
      fc.constantFrom(
        ' the',
        'theand',
        ' 12',
        '漢字',
        '<｜User｜>',
        '": {"type": "',
        'weather',
        'é',
        '\n',
      ),
    )
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, (text) => {
      const { ids } = reference.encode(text, { add_special_tokens: false });
      assert.deepEqual([...ours.encode(text)], ids);
    }),
    { seed: 3, numRuns: 300 },
  );
});

test('refuses sizes it cannot make and broken added tokens', () => {
  assert.throws(() => train({ vocabSize: 200 }), /vocabSize 200 is below 5 added tokens/);
  assert.throws(() => train({ vocabSize: 5000 }), /yields \d+ merged tokens; vocabSize 5000/);
  const twice = [...ADDED, ADDED[0]!];
  assert.throws(() => train({ addedTokens: twice }), /listed twice: "<｜User｜>"/);
  assert.throws(() => train({ addedTokens: [{ content: '', special: true }] }), /empty/);
});

test('counts letter runs between added tokens', () => {
  const counts = countLetterRuns(['ab-ab x <｜User｜>ab漢字ab2ab!', "don't"], ['<｜User｜>']);
  assert.deepEqual(Object.fromEntries(counts), { ab: 5, 漢字: 1, don: 1 });
});

/** Recounts every pair after every merge. */
function naiveLearn(words: ReadonlyMap<string, number>, maxTokens: number): string[] {
  const lists = [...words].map(([word, count]) => ({ symbols: [...word], count }));
  const order = Array.from({ length: 256 }, (_, unit) => String.fromCharCode(unit));
  const merges: string[] = [];
  while (merges.length < maxTokens) {
    const counts = new Map<string, number>();
    for (const { symbols, count } of lists) {
      for (let i = 0; i + 1 < symbols.length; i++) {
        const pair = `${symbols[i]} ${symbols[i + 1]}`;
        counts.set(pair, (counts.get(pair) ?? 0) + count);
      }
    }
    const rank = (pair: string) => pair.split(' ').map((symbol) => order.indexOf(symbol));
    const [best] = [...counts]
      .filter(([, count]) => count >= 2)
      .sort(([a, m], [b, n]) => n - m || rank(a)[0]! - rank(b)[0]! || rank(a)[1]! - rank(b)[1]!);
    if (!best) break;
    merges.push(best[0]);
    const [left, right] = best[0].split(' ') as [string, string];
    if (!order.includes(left + right)) order.push(left + right);
    for (const list of lists) {
      const { symbols } = list;
      for (let i = 0; i + 1 < symbols.length; i++) {
        if (symbols[i] === left && symbols[i + 1] === right) symbols.splice(i, 2, left + right);
      }
    }
  }
  return merges;
}

test('incremental counting learns what recounting learns', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 2, maxLength: 9 });
  fc.assert(
    fc.property(fc.dictionary(word, fc.integer({ min: 1, max: 9 }), { maxKeys: 12 }), (entries) => {
      const words = new Map(Object.entries(entries));
      const expected = naiveLearn(words, 12);
      const learned = learnMerges({ words, maxTokens: 12, reserved: new Set() });
      const merges = learned.map(({ left, right }) => `${left} ${right}`);
      const shared = Math.min(merges.length, expected.length);
      assert.deepEqual(merges.slice(0, shared), expected.slice(0, shared));
    }),
    { seed: 11, numRuns: 500 },
  );
});
