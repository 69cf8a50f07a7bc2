// What runs code that nobody trusts: model-written programs of code tasks, generated solutions and
// verifiers. Values go in and out as JSON text only. Two kinds stand behind these types: an isolate in
// this process (QuickJS in WebAssembly: no ambient authority, bounded memory, counted steps), and a
// process of its own with everything that the machine offers to lock it up.
// Source: agents reference §10.

/** All bounds hold together; what is reached first ends the run. */
export interface CodeLimits {
  /** Steps that the interpreter may take: equal programs end at equal places on every machine. */
  readonly steps: number;
  readonly memoryBytes: number;
  /** Of the result and of what is printed, each. */
  readonly outputBytes: number;
}

/** A program: named modules (ES module source texts, importable from each other as `./name`). */
export interface Program {
  readonly files: Readonly<Record<string, string>>;
  /** Name of the file whose default export is called. */
  readonly entry: string;
}

export type CodeFailure =
  | 'syntax'
  | 'exception'
  | 'steps'
  | 'memory'
  | 'output'
  /** What it returned is no JSON. */
  | 'result'
  /** Wall clock or death; only of processes. */
  | 'killed';

export type CodeResult =
  | { readonly ok: true; readonly output: string; readonly printed: string }
  | {
      readonly ok: false;
      readonly failure: CodeFailure;
      readonly message: string;
      readonly printed: string;
    };

/** Runs the default export of `entry` on the parsed `input` and gives its result as JSON text. Never throws. */
export type RunProgram = (program: Program, input: string, limits: CodeLimits) => CodeResult;
