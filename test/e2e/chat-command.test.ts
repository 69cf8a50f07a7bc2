// `hadal chat` as a script uses it: questions from a pipe, a scripted model behind a real server.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import test, { type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { EOS, startScripted } from '../helpers/scripted-server.js';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

const CALL =
  '\n\n<｜DSML｜function_calls>\n<｜DSML｜invoke name="calculator">\n' +
  '<｜DSML｜parameter name="expression" string="true">6 * 7</｜DSML｜parameter>\n' +
  '</｜DSML｜invoke>\n</｜DSML｜function_calls>';

async function chat(t: TestContext, args: string[], input: string, apiKey: string) {
  const child = spawn(process.execPath, [MAIN, 'chat', ...args], {
    env: { ...process.env, HADAL_API_KEY: apiKey },
  });
  t.after(() => child.kill('SIGKILL'));
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  child.stdin.end(input);
  const code = await new Promise((resolve) => child.once('close', resolve));
  return { ...output, code };
}

test('piped questions are answered in order, with thinking and a tool', async (t) => {
  const { server } = await startScripted(t, {
    complete: (prompt) =>
      prompt.includes('{"result": 42}')
        ? `It is there.</think>42.${EOS}`
        : prompt.endsWith('<think>')
          ? `I call.</think>${CALL}${EOS}`
          : `Hello.${EOS}`,
  });
  const input = 'hi\n/think on\nWhat is 6 * 7?\n/exit\nnever asked';
  const { stdout, stderr, code } = await chat(t, ['--url', server.url], input, server.apiKey);
  assert.equal(stderr, '');
  assert.equal(
    stdout,
    'Hello.\nthinking on\n[thinking] I call.\n' +
      '  [tool] calculator(expression: "6 * 7") -> {"result": 42}\n' +
      '[thinking] It is there.\n42.\n',
  );
  assert.equal(code, 0);
});

test('what could not be answered is on stderr and in the exit code', async (t) => {
  const { server } = await startScripted(t);
  const wrongKey = await chat(t, ['--url', server.url], 'hi\n', 'sk-wrong');
  assert.match(wrongKey.stderr, /^Authentication Fails/);
  assert.deepEqual([wrongKey.stdout, wrongKey.code], ['', 1]);
  const noKey = await chat(t, ['--url', server.url], 'hi\n', '');
  assert.match(noKey.stderr, /--url needs a key/);
  assert.equal(noKey.code, 1);
  const usage = await chat(t, ['--temperature', '5'], '', '');
  assert.equal(usage.code, 2);
});
