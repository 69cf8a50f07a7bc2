// The golden completions: whole texts against the official parser's messages and errors, and
// streams cut by given patterns against the same messages.

import assert from 'node:assert/strict';
import test from 'node:test';
import { assembleMessage } from '../../src/encoding/completion.js';
import { isJsonObject, toPlainJson } from '../../src/encoding/json.js';
import { LenientCompletionParser } from '../../src/encoding/lenient-parser.js';
import {
  CompletionError,
  parseCompletion,
  StrictCompletionParser,
} from '../../src/encoding/strict-parser.js';
import { readGolden } from './golden-cases.js';
import { cutByPattern } from '../../src/encoding/chunk-pattern.js';

for (const { name, input, expected } of readGolden('parse')) {
  const text = input.get('text') as string;
  const thinking = input.get('thinking_mode') === 'thinking';
  const error = expected.get('error');
  test(`parse: ${name}`, () => {
    if (isJsonObject(error)) {
      assert.throws(() => parseCompletion(text, { thinking }), {
        name: CompletionError.name,
        ...(toPlainJson(error) as object),
      });
    } else {
      const message = parseCompletion(text, { thinking });
      assert.deepEqual(message, toPlainJson(expected.get('message')!));
    }
  });
}

for (const { name, input, expected } of readGolden('stream')) {
  const text = input.get('text') as string;
  const thinking = input.get('thinking_mode') === 'thinking';
  const pieces = cutByPattern(text, toPlainJson(input.get('chunk_pattern')!) as number[]);
  const forbidden = toPlainJson(expected.get('text_deltas_never_contain')!) as string[];

  test(`stream: ${name}`, () => {
    const parser = new StrictCompletionParser({ thinking });
    const events = pieces.flatMap((piece) => parser.push({ text: piece }));
    events.push(...parser.finish());
    assert.deepEqual(assembleMessage(events), toPlainJson(expected.get('message')!));
    for (const event of events) {
      if (event.type !== 'reasoning-delta' && event.type !== 'content-delta') continue;
      for (const part of forbidden) assert.ok(!event.text.includes(part), event.text);
    }
  });

  test(`stream, lenient: ${name}`, () => {
    const parser = new LenientCompletionParser({ thinking, hasTools: true });
    const events = pieces.flatMap((piece) => parser.push({ text: piece }));
    events.push(...parser.finish({ isTruncated: false }));
    assert.deepEqual(assembleMessage(events), toPlainJson(expected.get('message')!));
  });
}
