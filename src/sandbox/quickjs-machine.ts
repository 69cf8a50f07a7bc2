// QuickJS in WebAssembly, loaded so that nothing of this machine shows through: a fixed clock, UTC, and a
// heap of a size that is set for each run. The whole of it (memory and the stack pointer, its only
// changing global) can be put back to a moment, also after a trap. Knows no programs.
//
// The heap is bounded here and not by QuickJS, whose own limit does not see the size of blocks in
// WebAssembly: the memory never grows while a program runs, and what a program may not have of it is
// taken first, in one block. The names of imports and exports are those to which the build of
// @jitl/quickjs-wasmfile-release-sync 0.32.0 shortened them; package.json pins it, and `loadMachine`
// checks what they do before anything trusts them.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import importedVariant from '@jitl/quickjs-wasmfile-release-sync';
import {
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type CustomizeVariantOptions,
  type QuickJSContext,
  type QuickJSRuntime,
  type QuickJSSyncVariant,
} from 'quickjs-emscripten-core';
import { MemoryImage, type WasmMemory } from './memory-image.js';

type Exports = Readonly<Record<string, unknown>>;
type Imports = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
interface Instance {
  readonly exports: Exports;
}

/** Of the language's own namespace, what is used: its types come with the DOM's, which are not ours. */
declare const WebAssembly: {
  compile(bytes: Uint8Array): Promise<object>;
  readonly Instance: new (module: object, imports: Imports) => Instance;
  readonly Memory: new (pages: { initial: number; maximum: number }) => WasmMemory;
};

// Its types are those of a CommonJS module, whose default export Node would wrap; it is none.
const release = importedVariant as unknown as QuickJSSyncVariant;

/** What a program takes for the present: 2026-01-01T00:00:00Z, always. It seeds Math.random too. */
export const FIXED_NOW_MS = 1_767_225_600_000;

/** Most that a program can be given; a higher limit is taken for this one. */
export const MAX_HEAP_BYTES = 480 << 20;

const PAGE = 65_536;
/** Memory of the machine: as much as the module asks for at least, and 512 MiB. */
const FIRST_PAGES = 256;
const MAX_PAGES = 8192;
/** Of the guest's stack. */
const STACK_BYTES = 256 << 10;

/** Names in the shortened module. */
const NOW = 'p';
const LOCAL_TIME = 'm';
const ZONE = 'n';
const GROW_HEAP = 'k';
const ALLOCATE = 'v';
const FREE = 'M';
const STACK_RESTORE = 'Ma';
const STACK_SAVE = 'Oa';

export interface Machine {
  readonly runtime: QuickJSRuntime;
  readonly context: QuickJSContext;
  /** Takes the picture that `restore` goes back to. Handles made before stay good. */
  keep(): void;
  /** Right after `restore`: leaves so many bytes to the guest. `onFull` hears when it wants more. */
  giveHeap(bytes: number, onFull: () => void): void;
  /** Whether a text of so many bytes can be put into the heap; if not, `onFull` has heard of it. */
  hasRoom(bytes: number): boolean;
  /** Also after a trap. Handles made since `keep` are void and must not be disposed of. */
  restore(): void;
}

interface Inside {
  /** 0 = there is no room. */
  allocate(bytes: number): number;
  free(at: number): void;
  stackPointer(): number;
  setStackPointer(at: number): void;
}

/** @throws Error if the installed QuickJS is not the build that is known */
export async function loadMachine(): Promise<Machine> {
  const path = createRequire(import.meta.url).resolve('@jitl/quickjs-wasmfile-release-sync/wasm');
  const compiled = await WebAssembly.compile(await readFile(path));
  const memory = new WebAssembly.Memory({ initial: FIRST_PAGES, maximum: MAX_PAGES });
  let inside: Inside | undefined;
  let grow: (bytes: number) => boolean;
  let onFull: () => void = () => {};
  const emscriptenModule = {
    // What the library would write to this process's output is no business of a guest.
    print: () => {},
    printErr: () => {},
    instantiateWasm(imports: Imports, onSuccess: (instance: Instance) => void): Exports {
      // The module's own way to grow, which renews its views of the memory.
      grow = imports['a']?.[GROW_HEAP] as typeof grow;
      const own = { ...timeImports(memory), [GROW_HEAP]: () => (onFull(), 0) };
      const instance = new WebAssembly.Instance(compiled, { a: { ...imports['a'], ...own } });
      inside = insideOf(instance.exports);
      onSuccess(instance);
      return instance.exports;
    },
  };
  const options = { wasmMemory: memory, emscriptenModule } as unknown as CustomizeVariantOptions;
  const quickjs = await newQuickJSWASMModuleFromVariant(newVariant(release, options));
  const runtime = quickjs.newRuntime({ maxStackSizeBytes: STACK_BYTES });
  const context = runtime.newContext();
  checkTime(context);
  const { allocate, free, stackPointer, setStackPointer } = inside!;
  const stackTop = stackPointer();
  let image: MemoryImage | undefined;
  let freeFrom = 0;
  const restore = (): void => {
    image!.restore();
    setStackPointer(stackTop);
    onFull = () => {};
  };
  return {
    runtime,
    context,
    restore,
    keep: () => {
      image = new MemoryImage(memory);
      // A block larger than any hole lies where the heap's unused end begins.
      freeFrom = allocate(1 << 20);
      restore();
    },
    hasRoom: (bytes) => {
      const at = allocate(bytes);
      if (at !== 0) free(at);
      return at !== 0;
    },
    giveHeap: (bytes, whenFull) => {
      const end = freeFrom + Math.min(bytes, MAX_HEAP_BYTES);
      // One page is always taken, so that the heap is laid out equally with and without more.
      const pages = Math.ceil(end / PAGE) + 1;
      if (memory.buffer.byteLength < pages * PAGE) grow(pages * PAGE);
      allocate((memory.buffer.byteLength / PAGE - pages + 1) * PAGE);
      onFull = whenFull;
    },
  };
}

function timeImports(memory: WasmMemory): Record<string, unknown> {
  const local = (seconds: bigint, at: number): void => {
    // struct tm of C, in UTC: second, minute, hour, day, month, years since 1900, weekday, day of the
    // year, summer time, offset from UTC in seconds.
    const time = new Date(Number(seconds) * 1000);
    const yearStart = Date.UTC(time.getUTCFullYear(), 0, 1);
    new Int32Array(memory.buffer, at, 10).set([
      time.getUTCSeconds(),
      time.getUTCMinutes(),
      time.getUTCHours(),
      time.getUTCDate(),
      time.getUTCMonth(),
      time.getUTCFullYear() - 1900,
      time.getUTCDay(),
      Math.floor((time.getTime() - yearStart) / 86_400_000),
      0,
      0,
    ]);
  };
  const zone = (offsetAt: number, summerAt: number, ...nameAts: number[]): void => {
    const bytes = new Uint8Array(memory.buffer);
    for (const at of [offsetAt, summerAt]) bytes.fill(0, at, at + 4);
    for (const at of nameAts) bytes.set([85, 84, 67, 0], at);
  };
  return { [NOW]: () => FIXED_NOW_MS, [LOCAL_TIME]: local, [ZONE]: zone };
}

/** @throws Error if the exports do not allocate or do not move the stack pointer */
function insideOf(exports: Exports): Inside {
  const names = [ALLOCATE, FREE, STACK_SAVE, STACK_RESTORE];
  const functions = names.map((name) => exports[name]);
  if (!functions.every((one) => typeof one === 'function')) throw unknownBuild();
  const [allocate, free, save, move] = functions as ((value?: number) => number)[];
  const top = save!();
  move!(top - 16);
  if (!(top > 0) || save!() !== top - 16) throw unknownBuild();
  move!(top);
  return {
    allocate: (bytes) => allocate!(bytes),
    free: (at) => void free!(at),
    stackPointer: () => save!(),
    setStackPointer: (at) => void move!(at),
  };
}

/** @throws Error if the clock or the zone of this machine shows through */
function checkTime(context: QuickJSContext): void {
  const result = context.evalCode(
    `[Date.now(), +new Date(), new Date(0).getTimezoneOffset(), +new Date(2024, 6, 1)].join()`,
  );
  const seen = context.unwrapResult(result).consume((handle) => context.getString(handle));
  const wanted = [FIXED_NOW_MS, FIXED_NOW_MS, 0, Date.UTC(2024, 6, 1)].join();
  if (seen !== wanted) throw unknownBuild(`its clock says ${seen}`);
}

function unknownBuild(detail = 'its exports are others'): Error {
  return new Error(
    `the installed @jitl/quickjs-wasmfile-release-sync is not the known build 0.32.0 (${detail}); run npm ci`,
  );
}
