// The golden prompts: messages of every role and mode, prefix completion and FIM, against prompts
// recorded from the official encoder. Also checks that no message text ends up as control.

import assert from 'node:assert/strict';
import test from 'node:test';
import { EncodingError } from '../../src/encoding/encoding-error.js';
import { encodeFim } from '../../src/encoding/fim.js';
import { isJsonObject, type JsonObject } from '../../src/encoding/json.js';
import { renderMessages } from '../../src/encoding/render.js';
import { segmentsToText } from '../../src/encoding/segments.js';
import { objects, readGolden } from './golden-cases.js';

function render(input: JsonObject): string {
  return segmentsToText(
    renderMessages(objects(input.get('messages')), {
      thinkingMode: input.get('thinking_mode') as string,
      context: objects(input.get('context') ?? []),
      dropThinking: (input.get('drop_thinking') ?? true) as boolean,
      addBos: (input.get('add_default_bos_token') ?? true) as boolean,
    }),
  );
}

for (const file of ['encode', 'prefix']) {
  for (const { name, input, expected } of readGolden(file)) {
    test(`${file}: ${name}`, () => {
      const error = expected.get('error');
      if (!isJsonObject(error)) {
        assert.equal(render(input), expected.get('prompt'));
        return;
      }
      assert.throws(
        () => render(input),
        (thrown) => {
          assert.ok(thrown instanceof EncodingError);
          assert.equal(thrown.kind, error.get('kind'));
          assert.equal(thrown.field, error.get('field'));
          assert.ok(thrown.message.startsWith((error.get('message_prefix') ?? '') as string));
          return true;
        },
      );
    });
  }
}

for (const { name, input, expected } of readGolden('fim')) {
  test(`fim: ${name}`, () => {
    const segments = encodeFim({
      prompt: input.get('prompt') as string,
      suffix: input.get('suffix') as string,
    });
    assert.equal(segmentsToText(segments), expected.get('text'));
  });
}
