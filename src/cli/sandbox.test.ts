import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));

function sandbox(...args: string[]) {
  const { status, stdout } = spawnSync(process.execPath, [MAIN, 'sandbox', ...args], {
    encoding: 'utf8',
  });
  return { status, stdout };
}

test('the layers are printed strongest first, and the exit code tells whether code may run', () => {
  const { status, stdout } = sandbox('--json');
  const { available, layers } = JSON.parse(stdout) as {
    available: boolean;
    layers: { name: string; is_used: boolean; detail: string }[];
  };
  assert.equal(status, available ? 0 : 1);
  assert.deepEqual(
    layers.map(({ name }) => name),
    ['bubblewrap', 'namespaces', 'bounds', 'permissions', 'isolate', 'clock and caps'],
  );
  assert.equal(layers.slice(0, 2).filter((layer) => layer.is_used).length, available ? 1 : 0);
  assert.ok(layers.every(({ detail }) => detail !== ''));
  const text = sandbox().stdout;
  assert.match(text, /^layer +used +detail\nbubblewrap/);
  assert.match(text, available ? /processes of its own/ : /NOT run here/);
});
