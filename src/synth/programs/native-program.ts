// Runs a program of the library in this very process, for its right results: the text is our own, ends,
// and touches nothing but its arguments. What agents write, and every mistaken version, runs in the
// isolate instead (run-cases.ts): another engine, so right results are always found twice.

import { compileFunction } from 'node:vm';
import type { Json } from '../world-types.js';
import { ENTRY } from './program.js';

type Exports = Record<string, unknown>;

const IMPORT = /^import \{ ([^}]+) \} from '\.\/([\w.-]+)';$/gm;
const EXPORT = /^export (default )?(function|const) (\w+)/gm;

/** The function of a program as the library writes them: named imports, exported functions and constants. */
export function nativeProgram(
  files: Readonly<Record<string, string>>,
): (args: readonly Json[]) => Json {
  const modules = new Map<string, Exports>();
  const load = (name: string): Exports => {
    let exports = modules.get(name);
    if (!exports) {
      modules.set(name, (exports = {}));
      compileFunction(linked(files[name]!), ['load', 'exports'])(load, exports);
    }
    return exports;
  };
  const run = load(ENTRY)['default'] as (...args: readonly Json[]) => Json;
  // Arguments are copied, since a program may change them; results are what JSON can say.
  return (args) => plain(run(...(plain(args) as readonly Json[])));
}

const plain = (value: Json): Json => JSON.parse(JSON.stringify(value)) as Json;

function linked(source: string): string {
  const names: string[] = [];
  const body = source
    .replaceAll(IMPORT, (_, list: string, from: string) => `const { ${list} } = load('${from}');`)
    .replaceAll(EXPORT, (_, isDefault: string | undefined, kind: string, name: string) => {
      names.push(`exports.${isDefault === undefined ? name : 'default'} = ${name};`);
      return `${kind} ${name}`;
    });
  return `'use strict';\n${body}\n${names.join('\n')}`;
}
