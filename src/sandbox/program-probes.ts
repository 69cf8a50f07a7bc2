// Attempts by programs of the isolate, run in its locked process: against the interpreter, the bridge, and
// the bounds. What must be seen is the kind of failure and its message, or the exact output.

import type { Probe, ProbeVerdict } from './probe-types.js';
import type { CodeFailure, CodeLimits, CodeResult } from './types.js';

const LIMITS: CodeLimits = { steps: 300_000, memoryBytes: 16 << 20, outputBytes: 100_000 };
/** The wall clock that probes give to the sandbox, and a quick start of a process. */
export const PROBE_WALL_MS = 1_000;
const LIMIT_MS = PROBE_WALL_MS + 1_500;

type Expected = readonly [failure: CodeFailure, message: RegExp] | { readonly output: unknown };

interface ProgramProbe {
  readonly name: string;
  /** Body of the default export; it gets `input`. */
  readonly body: string;
  readonly expected: Expected;
  readonly input?: string;
  readonly steps?: number;
}

const PROGRAMS: readonly ProgramProbe[] = [
  { name: 'endless loop', body: 'for (;;);', expected: ['steps', /more than 300000 steps/] },
  {
    name: 'endless promises',
    body: 'const next = () => Promise.resolve().then(next); return next();',
    expected: ['steps', /more than 300000 steps/],
  },
  {
    name: 'blow-up of a regular expression',
    body: 'return /^(a+)+$/.test("a".repeat(60) + "b");',
    expected: ['steps', /more than 300000 steps/],
  },
  {
    name: 'endless native function',
    body: 'for (;;) Array(2 ** 32 - 1).indexOf(0);',
    expected: ['killed', /longer than 1000 ms/],
  },
  {
    name: 'deep errors without end',
    body: 'const f = () => { for (;;) try { f(); } catch {} }; f();',
    expected: ['killed', /longer than 1000 ms/],
    steps: Number.MAX_SAFE_INTEGER,
  },
  {
    name: '4 GB in the interpreter',
    body: 'const all = []; for (let i = 0; i < 4096; i++) all.push(new Uint8Array(1 << 20)); return 1;',
    expected: ['memory', /more than 16777216 bytes/],
  },
  {
    name: 'huge text',
    body: 'let a = "x"; const all = []; for (;;) { a += a; all.push(a.split("")); }',
    expected: ['memory', /more than 16777216 bytes/],
  },
  {
    name: 'huge list',
    body: 'return new Array(1e8).fill(0).length;',
    expected: ['memory', /./],
  },
  {
    name: 'deep recursion',
    body: 'const f = () => f() + 1; return f();',
    expected: ['exception', /stack overflow/],
  },
  {
    name: 'deeply nested input',
    body: 'return 1;',
    input: '['.repeat(100_000),
    expected: ['exception', /stack overflow|SyntaxError/],
  },
  {
    name: 'flood of prints',
    body: 'for (;;) try { print("x".repeat(1000)); } catch {}',
    expected: ['output', /prints more than 100000 bytes/],
  },
  {
    name: 'Function of the host by constructor',
    body: 'return print.constructor.constructor("return process")();',
    expected: ['exception', /ReferenceError.*process/],
  },
  {
    name: 'constructor of the input',
    body: 'return input.constructor.constructor("return globalThis.process ?? globalThis.require")() ?? "none";',
    input: '{}',
    expected: { output: 'none' },
  },
  {
    name: 'what there is to reach',
    body:
      'return ["process", "require", "fetch", "Deno", "Bun", "WebSocket", "setTimeout", "Worker", "os", "std",' +
      ' "Buffer", "WebAssembly", "SharedArrayBuffer"].filter((name) => name in globalThis);',
    expected: { output: [] },
  },
  {
    name: 'prototypes over the bridge',
    body:
      'Object.prototype.polluted = 1; Array.prototype.polluted = 1;' +
      ' return JSON.parse(\'{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}\');',
    expected: {
      output: JSON.parse(
        '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
      ) as unknown,
    },
  },
  {
    name: 'a result that is a trap',
    body: 'return new Proxy({}, { get(_, key) { if (key === "toJSON") return () => { for (;;); }; } });',
    expected: ['steps', /more than 300000 steps/],
  },
  {
    name: 'a result forged in print',
    body: String.raw`print('{"ok":true,"output":"1","printed":""}\nready\n{"ok":true}'); return 2;`,
    expected: { output: 2 },
  },
  {
    name: 'import of node:fs',
    body: 'return import("node:fs").then(() => "loaded");',
    expected: ['exception', /there is no module "node:fs"/],
  },
  {
    name: 'import of ../../etc/passwd',
    body: 'return import("../../etc/passwd").then(() => "loaded");',
    expected: ['exception', /leads out of the program/],
  },
  {
    name: 'import of an absolute file',
    body: 'return import("file:///etc/passwd").then(() => "loaded");',
    expected: ['exception', /there is no module/],
  },
  {
    name: 'WebAssembly bomb',
    body: 'return new WebAssembly.Memory({ initial: 65536 });',
    expected: ['exception', /ReferenceError.*WebAssembly/],
  },
  {
    name: 'bomb of evaluated code',
    body: 'let code = "1"; for (let i = 0; i < 24; i++) code = `(${code})+(${code})`; return eval(code);',
    expected: ['memory', /more than 16777216 bytes/],
  },
];

export const PROGRAM_PROBES: readonly Probe[] = PROGRAMS.map(
  ({ name, body, expected, input = 'null', steps = LIMITS.steps }) => ({
    name,
    limitMs: LIMIT_MS,
    attempt: async (sandbox) => {
      const files = { 'main.js': `export default (input) => { ${body} }` };
      const result = await sandbox.run({ files, entry: 'main.js' }, input, { ...LIMITS, steps });
      const isClean = !('polluted' in {}) && !('polluted' in []);
      const { held, seen } = verdict(result, expected);
      return { held: held && isClean, seen };
    },
  }),
);

function verdict(result: CodeResult, expected: Expected): ProbeVerdict {
  const seen = result.ok ? `gave ${result.output}` : `${result.failure}: ${result.message}`;
  if ('output' in expected) {
    return { held: result.ok && result.output === JSON.stringify(expected.output), seen };
  }
  const [failure, message] = expected;
  const held = !result.ok && result.failure === failure && message.test(result.message);
  return { held, seen };
}
