import assert from 'node:assert/strict';
import test from 'node:test';
import { loadIsolate, STEP_GRAIN } from './isolate.js';
import { FIXED_NOW_MS } from './quickjs-machine.js';
import type { CodeFailure, CodeLimits, CodeResult, Program } from './types.js';

const LIMITS: CodeLimits = { steps: 2_000_000, memoryBytes: 16 << 20, outputBytes: 10_000 };
const { run } = await loadIsolate();

const main = (text: string): Program => ({ files: { 'main.js': text }, entry: 'main.js' });
const go = (text: string, input = 'null', limits = LIMITS): CodeResult =>
  run(main(text), input, limits);

function output(result: CodeResult): unknown {
  assert.ok(result.ok, JSON.stringify(result));
  return JSON.parse(result.output);
}

function assertFails(result: CodeResult, failure: CodeFailure, message: RegExp): void {
  assert.ok(!result.ok, `it gave ${JSON.stringify(result)}`);
  assert.equal(result.failure, failure, result.message);
  assert.match(result.message, message);
}

test('the default export gets the parsed input and its result comes back as JSON', () => {
  const text = 'export default ({ a, b }) => ({ sum: a + b, list: [a, null, "\\u0000ü✓"] })';
  const result = go(text, '{"a":2,"b":3}');
  assert.deepEqual(output(result), { sum: 5, list: [2, null, '\u0000ü✓'] });
});

test('modules import each other by relative names, in folders and in circles', () => {
  const files = {
    'main.js': 'import { a } from "./lib/a.js"; export const one = 1; export default () => a();',
    'lib/a.js': 'export { a } from "./b.js";',
    'lib/b.js': 'import { one } from "../main.js"; export const a = () => one + 6;',
  };
  assert.equal(output(run({ files, entry: 'main.js' }, 'null', LIMITS)), 7);
});

test('promises are run to their end', () => {
  const text = `export default async (n) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += await Promise.resolve(i);
    return new Promise((resolve) => Promise.resolve().then(() => resolve(sum)));
  };`;
  assert.equal(output(go(text, '10')), 45);
  assertFails(go('export default () => new Promise(() => {})'), 'exception', /nothing settles/);
  assertFails(go('await new Promise(() => {}); export default () => 1'), 'exception', /settles/);
});

test('what is printed is kept, also of runs that fail', () => {
  const text = 'export default () => { print("a", { b: 1 }); console.log([2], null); throw 1 }';
  const result = go(text);
  assertFails(result, 'exception', /^threw 1$/);
  assert.equal(result.printed, 'a {"b":1}\n[2] null\n');
});

test('there is one present and one sequence of random numbers', () => {
  const text = `export default () => [Date.now(), +new Date(), new Date().getTimezoneOffset(),
    +new Date(2024, 6, 1), String(new Date(0)), Math.random(), Math.random()];`;
  const first = output(go(text)) as unknown[];
  assert.deepEqual(first.slice(0, 4), [FIXED_NOW_MS, FIXED_NOW_MS, 0, Date.UTC(2024, 6, 1)]);
  assert.match(first[4] as string, /^Thu Jan 01 1970 00:00:00 GMT\+0000/);
  assert.notEqual(first[5], first[6]);
  assert.deepEqual(output(go(text)), first);
});

test('every failure has its kind', () => {
  assertFails(go('export default () => {'), 'syntax', /^SyntaxError: .*main\.js:1/);
  assertFails(go('import fs from "node:fs"; export default 1'), 'syntax', /no module "node:fs"/);
  assertFails(go('import x from "./x.js"; export default x'), 'syntax', /has no file ".\/x.js"/);
  assertFails(run({ files: {}, entry: 'constructor' }, '1', LIMITS), 'syntax', /no file/);
  assertFails(go('export const a = 1'), 'exception', /default export is no function/);
  assertFails(go('JSON.parse("x"); export default () => 1'), 'exception', /^SyntaxError/);
  assertFails(go('export default () => {\n null.x }'), 'exception', /^TypeError.*main\.js:2/);
  assertFails(go('export default () => 1', '{'), 'exception', /SyntaxError/);
  assertFails(go('export default () => undefined'), 'result', /nothing that JSON can say/);
  assertFails(go('export default () => 1n'), 'result', /no JSON: TypeError/);
  assertFails(go('export default () => { const a = {}; a.a = a; return a }'), 'result', /circular/);
  assertFails(go('export default () => { throw null }'), 'exception', /threw null/);
});

test('endless programs end by steps', () => {
  const endless = [
    'export default () => { for (;;); }',
    'for (;;);',
    'export default async () => { for (;;) await 0; }',
    'export default () => { const f = (n) => { for (;;) try { if (n) f(n - 1) } catch {} }; f(9) }',
    'export default () => /^(a+)+$/.test("a".repeat(50) + "b")',
    'export default () => ({ toJSON() { for (;;); } })',
    'export default () => { throw { toString() { for (;;); } , toJSON() { for (;;); } } }',
    'export default () => { for (;;) try { for (;;); } catch {} finally { continue; } }',
  ];
  for (const text of endless) assertFails(go(text), 'steps', /more than 2000000 steps/);
});

test('steps are a number, not a time: equal programs end at equal places', () => {
  const text = 'export default (n) => { for (let i = 0; i < n; i++); return n }';
  const runs = (n: number): boolean => go(text, String(n), { ...LIMITS, steps: 5 * STEP_GRAIN }).ok;
  let [low, high] = [0, 1_000_000];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (runs(middle)) low = middle;
    else high = middle;
  }
  for (let i = 0; i < 20; i++) assert.deepEqual([runs(low), runs(high)], [true, false]);
});

test('memory is bounded to the byte, whatever ran before', () => {
  const text = `export default (n) => { const all = [];
    for (let i = 0; i < n; i++) all.push(new Uint8Array(4000)); return all.length }`;
  const most = (memoryBytes: number): number => {
    let [low, high] = [0, 100_000];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      const result = go(text, String(middle), { ...LIMITS, memoryBytes });
      if (!result.ok) assertFails(result, 'memory', /needs more than/);
      if (result.ok) low = middle;
      else high = middle;
    }
    return low;
  };
  const first = [most(2 << 20), most(8 << 20)];
  assert.ok(first[0]! > 400 && first[0]! < 600, `${first[0]} blocks of 4 kB in 2 MiB`);
  assert.ok(first[1]! > 1900 && first[1]! < 2200, `${first[1]} blocks of 4 kB in 8 MiB`);
  assertFails(go('export default () => new Uint8Array(60e6).length'), 'memory', /./);
  assert.equal(most(64 << 20) > first[1]!, true);
  assert.deepEqual([most(2 << 20), most(8 << 20)], first);
});

test('memory cannot be asked for again and again', () => {
  const greedy = [
    'const a = []; for (;;) a.push({})',
    'let a; for (;;) a = { a }',
    'const a = []; for (;;) a.push("x".repeat(1000) + a.length)',
    'const a = []; for (;;) try { a.push(new Uint8Array(1e6)) } catch {}',
    'let a = "x"; const b = []; for (;;) { a += a; b.push(a.split("")) }',
    'const f = () => { Promise.resolve().then(f); Promise.resolve().then(f) }; f()',
  ];
  for (const text of greedy) {
    const before = process.cpuUsage();
    assertFails(go(`export default () => { ${text} }`), 'memory', /more than 16777216 bytes/);
    assert.ok(process.cpuUsage(before).user < 3e6, text);
  }
});

test('modules and inputs that have no room are refused', () => {
  const big = `export default () => 1; //${'x'.repeat(4 << 20)}`;
  const small = { ...LIMITS, memoryBytes: 2 << 20 };
  assertFails(go(big, 'null', small), 'memory', /needs more/);
  assertFails(go('export default () => 1', `"${'x'.repeat(4 << 20)}"`, small), 'memory', /more/);
  const files = {
    'big.js': `export const a = 1; //${'x'.repeat(1 << 20)}`,
    'main.js': `export default async () => {
      const all = [];
      try { for (;;) all.push(new Uint8Array(4000)) } catch {}
      return (await import('./big.js')).a; }`,
  };
  assertFails(run({ files, entry: 'main.js' }, 'null', small), 'memory', /needs more/);
});

test('deep recursion ends as an exception, in the program and in native code', () => {
  const deep = [
    'const f = () => f() + 1; return f()',
    'return JSON.parse("[".repeat(1e6))',
    'return eval("(".repeat(1e6))',
    'let o = {}; for (let i = 0; i < 1e5; i++) o = { o }; return o',
  ];
  for (const text of deep) {
    const result = go(`export default () => { ${text} }`);
    assert.ok(!result.ok, text);
    assert.match(result.message, /stack overflow/);
    assert.equal(output(go('export default () => 1')), 1);
  }
});

test('output is bounded', () => {
  assertFails(go('export default () => "x".repeat(20000)'), 'output', /over 10000 bytes/);
  const flood = go(
    'export default () => { try { for (;;) print("xxxxxxxxx") } catch { return 1 } }',
  );
  assertFails(flood, 'output', /prints more than 10000 bytes/);
  assert.equal(flood.printed.length, 10_000);
});

test('a run leaves nothing for the next one', () => {
  const spoil = `
    delete globalThis.print; globalThis.console = null; globalThis.left = 1;
    JSON.parse = JSON.stringify = () => 'spoilt'; Promise.prototype.then = null;
    Object.prototype.default = () => 'spoilt'; Array.prototype.join = () => 'spoilt';
    Object.freeze(globalThis);
    export default () => 5;`;
  assert.equal(output(go(spoil)), 5);
  const after = 'export default (x) => { print(1, 2); return [x, typeof left] }';
  const result = go(after, '{"a":1}');
  assert.deepEqual(output(result), [{ a: 1 }, 'undefined']);
  assert.equal(result.printed, '1 2\n');
});

test('10,000 runs, failing ones among them, take no memory that stays', { timeout: 60_000 }, () => {
  const programs = [
    'export default (x) => x.length',
    'export default () => { throw new Error("no") }',
    'export default async () => { await 0; print("y"); return [1] }',
    'export default () => {',
    'export default () => { const f = () => f(); f() }',
  ];
  const once = (i: number): unknown => go(programs[i % programs.length]!, '"abc"');
  for (let i = 0; i < 1000; i++) once(i);
  globalThis.gc?.();
  const before = process.memoryUsage();
  for (let i = 0; i < 10_000; i++) once(i);
  const after = process.memoryUsage();
  assert.ok(after.arrayBuffers <= before.arrayBuffers + (1 << 20));
  assert.ok(after.rss < before.rss + (64 << 20), `${(after.rss - before.rss) >> 20} MiB more`);
});
