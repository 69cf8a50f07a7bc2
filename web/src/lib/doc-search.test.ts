import assert from 'node:assert/strict';
import test from 'node:test';
import { searchDocs, type SearchEntry } from './doc-search.js';

const entry = (slug: string, title: string, heading: string, text: string): SearchEntry => ({
  slug,
  id: heading === '' ? '' : heading.toLowerCase(),
  title,
  heading,
  text,
});

const ENTRIES = [
  entry('api', 'API', '', 'Every field of a request, among them max_tokens.'),
  entry('api', 'API', 'Streaming', 'Chunks end with [DONE].'),
  entry('caching', 'Context caching', '', 'Prompts that begin alike are computed once.'),
  entry('caching', '上下文缓存', '怎样多命中', '不变的放在最前面，日期放在最后。'),
  entry('limits', 'Limits', 'All limits', 'The context of the embedded model is 4096 tokens.'),
];

const found = (query: string) =>
  searchDocs(query, ENTRIES).map(({ entry: { slug, heading } }) => `${slug}#${heading}`);

test('a page named like the query comes first', () => {
  assert.deepEqual(found('context'), ['caching#', 'limits#All limits']);
});

test('every word must occur, in any field and any order', () => {
  assert.deepEqual(found('streaming DONE'), ['api#Streaming']);
  assert.deepEqual(found('streaming nowhere'), []);
});

test('names with underscores are one word', () => {
  assert.deepEqual(found('max_tokens'), ['api#']);
});

test('a Chinese run matches by its pairs, also in another order', () => {
  assert.deepEqual(found('上下文缓存'), ['caching#怎样多命中']);
  assert.deepEqual(found('缓存上下文'), ['caching#怎样多命中']);
  assert.deepEqual(found('命中'), ['caching#怎样多命中']);
  assert.deepEqual(found('工具调用'), []);
});

test('Chinese and Latin words in one query, without a blank between them', () => {
  assert.deepEqual(searchDocs('缓存API', ENTRIES), []);
  assert.equal(found('缓存 日期').length, 1);
});

test('nothing is searched for nothing', () => {
  assert.deepEqual(found('  '), []);
  assert.deepEqual(found('？！'), []);
});

test('the snippet shows and marks the first match', () => {
  const long = 'x '.repeat(100) + 'The Needle lies here, needle in hay.';
  const [hit] = searchDocs('needle', [entry('a', 'A', '', long)]);
  const marked = hit!.snippet.filter(({ isMatch }) => isMatch).map(({ text }) => text);
  assert.deepEqual(marked, ['Needle', 'needle']);
  assert.equal(hit!.snippet[0]!.text[0], '…');
  assert.ok(hit!.snippet.map(({ text }) => text).join('').length <= 151);
});

test('one page gives at most three hits', () => {
  const many = Array.from({ length: 9 }, (_, i) => entry('a', 'A', `Part ${i}`, 'word'));
  assert.equal(searchDocs('word', many).length, 3);
});
