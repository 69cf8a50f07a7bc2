// What loading costs and what the form of weights is worth: time and memory of a load with the file
// mapped, copied, and (4-bit) rearranged, then prefill and decoding with plain and rearranged weights
// of the same file in turn, so that a busy machine hurts both. One child process per load, since
// memory of one process does not come back.
//
//   npm run bench:weights -- [--threads N] [--type q4_K] [--model file.gguf]
//
// Without --model it writes a random model of the `bench` preset to a temporary folder.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { openGguf } from '../src/model/gguf-reader.js';
import { loadModel } from '../src/model/load-model.js';
import { parseOutputType } from '../src/model/output-type.js';
import { presetConfig } from '../src/model/presets.js';
import { writeRandomModel } from '../src/model/random.js';
import type { Model, ModelOptions, SequenceCache } from '../src/model/types.js';
import { openDevice } from '../src/tensor/open-device.js';
import type { Device } from '../src/tensor/types.js';

type Form = Pick<ModelOptions, 'mapping' | 'repack'>;

const FORMS = {
  copied: { mapping: 'off', repack: 'off' },
  mapped: { mapping: 'auto', repack: 'off' },
  rearranged: { mapping: 'auto', repack: 'auto' },
} as const satisfies Record<string, Form>;
type FormName = keyof typeof FORMS;

const LOADS = 5;
const CHUNK_TOKENS = 256;
const CONTEXT_TOKENS = 1024;
const STEPS = 48;
const ROUNDS = 5;

interface LoadFigures {
  milliseconds: number;
  /** Of the process after loading, above what it had before, by /proc: private pages, file pages. */
  privateMiB: number;
  fileMiB: number;
}

/** Resident pages in MiB; 0 where there is no /proc. */
function residentMiB(): { private: number; file: number } {
  try {
    const status = readFileSync('/proc/self/status', 'utf8');
    const field = (name: string): number =>
      Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) / 1024;
    return { private: field('RssAnon'), file: field('RssFile') };
  } catch {
    return { private: 0, file: 0 };
  }
}

function measureLoad(path: string, form: FormName, numThreads: number): LoadFigures {
  const device = openDevice({ prefer: 'ggml', numThreads });
  const before = residentMiB();
  const start = performance.now();
  const model = loadModel(path, { device, gatherFactor: 2, ...FORMS[form] });
  const milliseconds = performance.now() - start;
  const after = residentMiB();
  model.dispose();
  device.dispose();
  return {
    milliseconds,
    privateMiB: after.private - before.private,
    fileMiB: after.file - before.file,
  };
}

/** In a process of its own; the least of several, as the others were disturbed. */
function loadInChild(path: string, form: FormName, numThreads: number): LoadFigures {
  const runs = Array.from({ length: LOADS }, () => {
    const args = [fileURLToPath(import.meta.url), '--load', form, '--model', path];
    const out = execFileSync(process.execPath, [...args, '--threads', String(numThreads)]);
    return JSON.parse(out.toString()) as LoadFigures;
  });
  return runs.reduce((best, run) => (run.milliseconds < best.milliseconds ? run : best));
}

class Contender {
  private readonly cache: SequenceCache;
  private readonly tokens: Int32Array;
  prefillMs = Number.POSITIVE_INFINITY;
  stepMs = Number.POSITIVE_INFINITY;

  constructor(readonly model: Model) {
    this.cache = model.createCache(CONTEXT_TOKENS + STEPS);
    const { vocabSize } = model.config;
    this.tokens = Int32Array.from(
      { length: CONTEXT_TOKENS },
      (_, i) => (i * 7919 + 13) % vocabSize,
    );
  }

  /** Milliseconds per token, the least of all rounds. */
  async prefill(): Promise<void> {
    const start = performance.now();
    for (let at = 0; at < CONTEXT_TOKENS; at += CHUNK_TOKENS) {
      const tokens = this.tokens.subarray(at, at + CHUNK_TOKENS);
      await this.model.forward({ cache: this.cache, tokens, startPos: at, wantLogits: 'none' });
    }
    const ms = (performance.now() - start) / CONTEXT_TOKENS;
    this.prefillMs = Math.min(this.prefillMs, ms);
  }

  async decode(): Promise<void> {
    for (let i = 0; i < STEPS; i++) {
      const tokens = Int32Array.of(this.tokens[i]!);
      const start = performance.now();
      await this.model.forward({ cache: this.cache, tokens, startPos: CONTEXT_TOKENS + i });
      this.stepMs = Math.min(this.stepMs, performance.now() - start);
    }
  }

  dispose(): void {
    this.cache.dispose();
    this.model.dispose();
  }
}

/** Whether the processor has another form for the matrices of a file. */
function canRearrange(device: Device, path: string): boolean {
  const file = openGguf(path);
  const type = file.tensors.get('blk.0.attn_output.weight')?.type;
  file.close();
  if (type !== 'q4_K' && type !== 'q4_0') return false;
  const probe = device.allocate([{ name: 'probe', dtype: type, shape: [256, 16], use: 'product' }]);
  const { form } = probe.get('probe');
  probe.dispose();
  return form === 'rearranged';
}

async function compareSpeed(path: string, numThreads: number): Promise<void> {
  const device = openDevice({ prefer: 'ggml', numThreads });
  if (!canRearrange(device, path)) {
    console.log('\nno rearranged form for this type here');
    device.dispose();
    return;
  }
  const names = ['mapped', 'rearranged'] as const;
  const [plain, faster] = names.map(
    (name) => new Contender(loadModel(path, { device, ...FORMS[name] })),
  ) as [Contender, Contender];
  for (let round = 0; round < ROUNDS; round++) {
    for (const contender of [plain, faster]) await contender.prefill();
    for (const contender of [plain, faster]) await contender.decode();
  }
  const line = (what: string, a: number, b: number): string =>
    `${what.padEnd(10)} plain ${(1000 / a).toFixed(0).padStart(6)} tok/s   rearranged ${(1000 / b).toFixed(0).padStart(6)} tok/s   ${(a / b).toFixed(2)}x`;
  console.log(
    `\n${device.name}, ${CONTEXT_TOKENS} tokens of context, least time of ${ROUNDS} rounds`,
  );
  console.log(line('prefill', plain.prefillMs, faster.prefillMs));
  console.log(line('decode', plain.stepMs, faster.stepMs));
  plain.dispose();
  faster.dispose();
  device.dispose();
}

const { values } = parseArgs({
  options: {
    threads: { type: 'string', default: '1' },
    type: { type: 'string', default: 'q4_K' },
    model: { type: 'string' },
    load: { type: 'string' },
  },
});
const numThreads = Number(values.threads);
if (values.load !== undefined) {
  console.log(JSON.stringify(measureLoad(values.model!, values.load as FormName, numThreads)));
} else {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-bench-'));
  try {
    let path = values.model;
    if (path === undefined) {
      path = join(folder, 'bench.gguf');
      const type = parseOutputType(values.type);
      await writeRandomModel(path, { config: presetConfig('bench'), seed: 1, type });
    }
    const size = (statSync(path).size / 2 ** 20).toFixed(0);
    console.log(
      `${values.model ?? `bench preset, ${values.type}`}: ${size} MiB, in the page cache`,
    );
    for (const form of Object.keys(FORMS) as FormName[]) {
      const { milliseconds, privateMiB, fileMiB } = loadInChild(path, form, numThreads);
      console.log(
        `load ${form.padEnd(10)} ${milliseconds.toFixed(0).padStart(6)} ms   ` +
          `private +${privateMiB.toFixed(0)} MiB   file pages +${fileMiB.toFixed(0)} MiB`,
      );
    }
    await compareSpeed(path, numThreads);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
