// Runs programs in QuickJS inside WebAssembly, in this process, synchronously. A program has no ambient
// authority: no disk, network, process, timers, nor a function of the host besides printing text; JSON
// text is all that passes. Every run starts from the same memory, byte for byte (the picture taken after
// the prelude is put back), so runs cannot see or harm each other, nothing can leak, and equal programs
// end equally, also where they run out of memory. Date.now() and Math.random() exist and are the same in
// every run; there is no clock and no zone behind them.
//
// It does not bound time: one step may be a long native function (`Array(1e9).indexOf(0)`, an error thrown
// from a deep stack). Code that may be hostile goes to process-sandbox.ts, which runs this same isolate
// and has a wall clock.
// Source: agents reference §10.

import type { QuickJSHandle } from 'quickjs-emscripten-core';
import { GUEST_PRELUDE } from './guest-prelude.js';
import { DRIVER, resolveModule } from './module-names.js';
import { loadMachine, type Machine } from './quickjs-machine.js';
import type { CodeFailure, CodeLimits, CodeResult, Program, RunProgram } from './types.js';

/** Backward jumps and calls between two questions of QuickJS whether to go on: steps are counted in these. */
export const STEP_GRAIN = 10_000;

/** Jobs run between two looks at the limits; each is one step besides those inside it. */
const JOBS_AT_ONCE = 100;

const MAX_MESSAGE = 2_000;
/** Module that notes, while the others are evaluated, that all of them were read and linked. */
const STARTED = '<started>';
const START_SOURCE = `const note = globalThis[' start']; delete globalThis[' start']; note();`;

export interface Isolate {
  readonly run: RunProgram;
}

/** What is known of the run in progress. */
interface Run {
  readonly program: Program;
  readonly limits: CodeLimits;
  steps: number;
  printed: string;
  printedBytes: number;
  hasStarted: boolean;
  /** A limit that was passed: nothing the program does afterwards counts. */
  stopped: 'steps' | 'memory' | 'output' | undefined;
}

let loading: Promise<Isolate> | undefined;

/** The isolate of this process (runs leave no trace, so one serves all). @throws Error of loadMachine */
export function loadIsolate(): Promise<Isolate> {
  loading ??= loadMachine().then((machine) => new QuickJsIsolate(machine));
  return loading;
}

class QuickJsIsolate implements Isolate {
  readonly #machine: Machine;
  readonly #call: QuickJSHandle;
  readonly #encode: QuickJSHandle;
  readonly #describe: QuickJSHandle;
  #current: Run | undefined;

  constructor(machine: Machine) {
    this.#machine = machine;
    const { context, runtime } = machine;
    // Held for good: were the guest's references the last ones, a guest could free the function.
    const write = context.newFunction('write', (text) => this.#print(context.getString(text)));
    const start = context.newFunction('start', () => {
      this.#current!.hasStarted = true;
    });
    runtime.setInterruptHandler(() => this.#spend(STEP_GRAIN));
    runtime.setModuleLoader(
      (name) => this.#source(name),
      (base, name) => this.#resolve(base, name),
    );
    const prelude = context.unwrapResult(context.evalCode(GUEST_PRELUDE, '<prelude>'));
    const face = context.unwrapResult(context.callFunction(prelude, context.undefined, write));
    this.#call = context.getProp(face, 'call');
    this.#encode = context.getProp(face, 'encode');
    this.#describe = context.getProp(face, 'describe');
    context.setProp(context.global, ' start', start);
    machine.keep();
  }

  readonly run: RunProgram = (program, input, limits) => {
    const run: Run = {
      program,
      limits,
      steps: 0,
      printed: '',
      printedBytes: 0,
      hasStarted: false,
      stopped: undefined,
    };
    if (!Object.hasOwn(program.files, program.entry)) {
      return failed(run, 'syntax', `the program has no file ${JSON.stringify(program.entry)}`);
    }
    this.#current = run;
    try {
      this.#machine.giveHeap(limits.memoryBytes, () => {
        run.stopped ??= 'memory';
      });
      return this.#perform(run, input);
    } catch (error) {
      // A trap of WebAssembly or the end of this process's stack: the guest is void, the picture is not.
      if (run.stopped) return this.#failure(run);
      const isDeep = error instanceof RangeError;
      return failed(run, 'exception', isDeep ? 'InternalError: stack overflow' : String(error));
    } finally {
      this.#current = undefined;
      this.#machine.restore();
    }
  };

  #perform(run: Run, input: string): CodeResult {
    const { context } = this.#machine;
    const entry = JSON.stringify(`./${run.program.entry}`);
    const driver = `import '${STARTED}'; export * as program from ${entry};`;
    const loaded = context.evalCode(driver, DRIVER, { type: 'module' });
    if (loaded.error) return this.#failure(run, loaded.error);
    const module = this.#settle(run, loaded.value);
    if (!module.ok) return module.result;
    const program = context.getProp(module.value, 'program');
    if (!this.#fits(input)) return this.#failure(run);
    const text = context.newString(input);
    const called = context.callFunction(this.#call, context.undefined, program, text);
    if (called.error) return this.#failure(run, called.error);
    const box = this.#settle(run, called.value);
    if (!box.ok) return box.result;
    return this.#result(run, box.value);
  }

  /** Runs jobs until there are none, then looks at what the promise became; other values are as they are. */
  #settle(
    run: Run,
    promise: QuickJSHandle,
  ): { ok: true; value: QuickJSHandle } | { ok: false; result: CodeResult } {
    const { context, runtime } = this.#machine;
    while (!run.stopped && runtime.hasPendingJob()) {
      const done = runtime.executePendingJobs(JOBS_AT_ONCE);
      if (done.error) return { ok: false, result: this.#failure(run, done.error) };
      this.#spend(done.value);
    }
    if (run.stopped) return { ok: false, result: this.#failure(run) };
    const state = context.getPromiseState(promise);
    if (state.type === 'fulfilled') return { ok: true, value: state.value };
    if (state.type === 'rejected') return { ok: false, result: this.#failure(run, state.error) };
    const message = 'it waits for a promise that nothing settles';
    return { ok: false, result: failed(run, 'exception', message) };
  }

  #result(run: Run, box: QuickJSHandle): CodeResult {
    const { context } = this.#machine;
    const encoded = context.callFunction(this.#encode, context.undefined, box);
    if (encoded.error) {
      const failure = this.#failure(run, encoded.error);
      return failure.ok || failure.failure !== 'exception'
        ? failure
        : failed(run, 'result', `what it returned is no JSON: ${failure.message}`);
    }
    if (run.stopped) return this.#failure(run);
    const kind = context.typeof(encoded.value);
    if (kind !== 'string') return failed(run, 'result', 'it returned nothing that JSON can say');
    const output = context.getString(encoded.value);
    if (run.stopped) return this.#failure(run);
    if (Buffer.byteLength(output) > run.limits.outputBytes) {
      return failed(run, 'output', `its result is over ${run.limits.outputBytes} bytes`);
    }
    return { ok: true, output, printed: run.printed };
  }

  /** Of a run that passed a limit, or of what was thrown. */
  #failure(run: Run, error?: QuickJSHandle): CodeResult {
    // Reading an error runs code of the program, under the same limits.
    const message = error && !run.stopped ? this.#message(error) : '';
    const { limits, stopped } = run;
    switch (stopped) {
      case undefined:
        // A block that could never be had is refused before any limit is asked.
        return message.startsWith('InternalError: out of memory')
          ? failed(run, 'memory', message)
          : failed(run, run.hasStarted ? 'exception' : 'syntax', message);
      case 'steps':
        return failed(run, stopped, `it takes more than ${limits.steps} steps`);
      case 'memory':
        return failed(run, stopped, `it needs more than ${limits.memoryBytes} bytes`);
      case 'output':
        return failed(run, stopped, `it prints more than ${limits.outputBytes} bytes`);
    }
  }

  #message(error: QuickJSHandle): string {
    const { context } = this.#machine;
    const told = context.callFunction(this.#describe, context.undefined, error);
    if (told.error) return 'it threw what cannot be read';
    return context.getString(told.value).slice(0, MAX_MESSAGE);
  }

  /** Why there is no such module travels in the name: what this step throws does not arrive in QuickJS. */
  #resolve(base: string, name: string): string {
    if (base === DRIVER && name === STARTED) return STARTED;
    const found = resolveModule(this.#current!.program.files, base, name);
    return typeof found === 'string' ? found : found.message;
  }

  #source(name: string): string | { error: Error } {
    const { files } = this.#current!.program;
    if (name === STARTED) return START_SOURCE;
    if (!Object.hasOwn(files, name)) return { error: new Error(name) };
    const text = files[name]!;
    return this.#fits(text) ? text : { error: new Error('there is no room for the module') };
  }

  /** The bridge would write a text that has no room over the guest's own memory. */
  #fits(text: string): boolean {
    return this.#machine.hasRoom(Buffer.byteLength(text) + 1);
  }

  #print(text: string): void {
    const run = this.#current!;
    const bytes = Buffer.byteLength(text) + 1;
    if (run.stopped || run.printedBytes + bytes > run.limits.outputBytes) {
      run.stopped ??= 'output';
      return;
    }
    run.printedBytes += bytes;
    run.printed += `${text}\n`;
  }

  /** True = no further. */
  #spend(steps: number): boolean {
    const run = this.#current;
    if (!run) return false;
    run.steps += steps;
    if (run.steps > run.limits.steps) run.stopped ??= 'steps';
    return run.stopped !== undefined;
  }
}

function failed({ printed }: Run, failure: CodeFailure, message: string): CodeResult {
  return { ok: false, failure, message, printed };
}
