// The model file is cut while its pages serve as weights. The engine process ends (SIGBUS), which
// costs the requests that were running; the server stays, and once a whole file is back, so does the
// model.

import assert from 'node:assert/strict';
import { copyFileSync, renameSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

import { temporaryFolder } from '../../../src/model/model-fixtures.js';
import { startServer } from '../../../src/server/start-server.js';
import { smallModel } from '../../helpers/engine-server.js';

const API_KEY = 'sk-shortened-000000000000';

test('a shortened model file costs the engine, not the server', async (t) => {
  if (process.platform === 'win32') return t.skip('files are not mapped there');
  const whole = await smallModel();
  const folder = temporaryFolder(t);
  const modelPath = join(folder, 'model.gguf');
  copyFileSync(whole, modelPath);
  const spare = join(folder, 'spare.gguf');
  copyFileSync(whole, spare);
  const notices: string[] = [];
  const server = await startServer({
    port: 0,
    modelPath,
    threads: 1,
    apiKey: API_KEY,
    otlp: null,
    log: (_level, message) => void notices.push(message),
  });
  t.after(() => server.close());
  const ask = async (): Promise<{ status: number; finish: string | undefined }> => {
    const response = await fetch(`${server.url}/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'deepseek-chat',
        max_tokens: 3,
        messages: [{ role: 'user', content: 'hi' }],
      }),
    });
    const body = (await response.json()) as { choices?: { finish_reason: string }[] };
    return { status: response.status, finish: body.choices?.[0]?.finish_reason };
  };
  assert.equal((await ask()).status, 200);

  truncateSync(modelPath, 65_536); // the header and some of the embedding
  const lost = await ask();
  assert.equal(lost.finish, 'insufficient_system_resource');
  assert.ok(notices.includes('engine crashed'), notices.join(', '));

  renameSync(spare, modelPath);
  let after = await ask(); // waits for the restart
  while (after.status === 503) after = await ask(); // one was faster than the file
  assert.equal(after.status, 200);
  assert.notEqual(after.finish, 'insufficient_system_resource');
});
