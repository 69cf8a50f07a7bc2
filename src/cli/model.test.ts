import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

interface CommandResult {
  status: number;
  stdout: string;
  stderr: string;
}

/** Runs command lines one after another in one process of their own. */
function hadal(...commandLines: (readonly string[])[]): CommandResult[] {
  const script = `
    import { Command } from 'commander';
    import { registerConvert } from ${JSON.stringify(new URL('convert.js', import.meta.url).href)};
    import { registerModel } from ${JSON.stringify(new URL('model.js', import.meta.url).href)};
    const results = [];
    const write = process.stdout.write.bind(process.stdout);
    for (const args of JSON.parse(process.argv[1])) {
      const result = { status: 0, stdout: '', stderr: '' };
      for (const name of ['stdout', 'stderr']) process[name].write = (text) => (result[name] += text);
      const program = new Command('hadal');
      registerConvert(program);
      registerModel(program);
      process.exitCode = 0;
      await program.parseAsync(args, { from: 'user' });
      result.status = process.exitCode;
      results.push(result);
    }
    process.exitCode = 0;
    write(JSON.stringify(results));
  `;
  const cwd = fileURLToPath(new URL('.', import.meta.url));
  const node = ['--input-type=module', '-e', script, '--', JSON.stringify(commandLines)];
  const { stdout, stderr, status } = spawnSync(process.execPath, node, { cwd, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout) as CommandResult[];
}

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-cli-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test('a random model is written, described, and the same for the same seed', (t) => {
  const folder = temporaryFolder(t);
  const [a, b, c] = ['a', 'b', 'c'].map((name) => join(folder, `${name}.gguf`)) as [
    string,
    string,
    string,
  ];
  const random = (path: string, seed: string): string[] => [
    'model',
    'random',
    path,
    '--seed',
    seed,
    '--type',
    'q8_0',
    '--set',
    'layers=2',
    'topk=32',
  ];
  const results = hadal(
    random(a, '7'),
    random(b, '7'),
    random(c, '8'),
    ['model', 'info', a, '--json'],
    ['model', 'info', a, '--tensors'],
  );
  for (const { status, stderr } of results) assert.equal(status, 0, stderr);
  assert.deepEqual(readdirSync(folder).toSorted(), ['a.gguf', 'b.gguf', 'c.gguf']);
  assert.deepEqual(readFileSync(a), readFileSync(b));
  assert.notDeepEqual(readFileSync(a), readFileSync(c));
  const info = JSON.parse(results[3]!.stdout) as { config: { numLayers: number } };
  assert.equal(info.config.numLayers, 2);
  const text = results[4]!.stdout;
  assert.match(text, /architecture +deepseek32/);
  assert.match(text, /indexer +4 heads of 128, top-k 32/);
  assert.match(text, /blk\.1\.ffn_gate_exps\.weight +q8_0 +\[96, 64, 8\]/);
});

test('bad input gives one line on stderr, exit code 1 and no file', (t) => {
  const folder = temporaryFolder(t);
  const out = join(folder, 'out.gguf');
  const junk = join(folder, 'junk.gguf');
  writeFileSync(junk, 'not a model');
  const cases: [string[], RegExp][] = [
    [
      ['model', 'random', out, '--set', 'layers=0'],
      /number of layers is 0; expected a whole number/,
    ],
    [['model', 'random', join(folder, 'no', 'out.gguf')], /out.gguf: no such file or directory/],
    [['model', 'random', folder], /exists and is not a regular file/],
    [['model', 'info', junk], /junk.gguf: magic is 0x/],
    [['model', 'info', join(folder, 'absent.gguf')], /absent.gguf: no such file or directory/],
    [['convert', join(folder, 'absent'), out], /absent: no such folder/],
    [['convert', junk, out], /junk.gguf: is not a folder/],
    [['convert', folder, out], /has neither model.safetensors nor/],
  ];
  const results = hadal(...cases.map(([args]) => args));
  for (const [i, [args, expected]] of cases.entries()) {
    const { status, stdout, stderr } = results[i]!;
    assert.equal(status, 1, args.join(' '));
    assert.match(stderr, /^hadal: [^\n]+\n$/);
    assert.match(stderr, expected);
    assert.equal(stdout, '');
  }
  assert.deepEqual(readdirSync(folder), ['junk.gguf']);
});

test('options out of their choices are wrong usage: exit code 2 and no file', (t) => {
  const out = join(temporaryFolder(t), 'out.gguf');
  const cases: [string[], RegExp][] = [
    [
      ['model', 'random', out, '--preset', 'huge'],
      /'huge' is invalid. Allowed choices are test, bench/,
    ],
    [['model', 'random', out, '--seed', 'x'], /'x' is invalid. must be a whole number/],
    [['model', 'random', out, '--type', 'q2'], /'q2' is invalid. Allowed choices are f32/],
    [['convert', 'folder', out, '--type', 'q3'], /'q3' is invalid. Allowed choices are f32/],
  ];
  const main = fileURLToPath(new URL('./main.js', import.meta.url));
  for (const [args, expected] of cases) {
    const { status, stderr } = spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' });
    assert.equal(status, 2, args.join(' '));
    assert.match(stderr, expected);
  }
  assert.equal(existsSync(out), false);
});

test('a shape whose rows fit no block of the type asked for is said', (t) => {
  const [none, some] = ['none', 'some'].map((name) => join(temporaryFolder(t), `${name}.gguf`));
  const random = (path: string, hidden: string): string[] => [
    'model',
    'random',
    path,
    '--type=q4_K',
    '--set',
    `hidden=${hidden}`,
  ];
  const [without, within] = hadal(random(none!, '97'), random(some!, '256'));
  assert.match(without!.stderr, /note: no matrix could be stored in q4_K.* multiples of 256 long/);
  assert.doesNotMatch(within!.stderr, /note/);
});
