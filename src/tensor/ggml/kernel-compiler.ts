// Finds a C compiler and builds the kernels of native/ into a shared library. Knows nothing of caches
// or of what the library contains. No shell is involved: programs get their arguments as a list.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { packageFile } from '../../package-root.js';

/** Why there are no native kernels; one line for people. */
export class KernelsUnavailableError extends Error {
  override readonly name = 'KernelsUnavailableError';
}

export interface Compiler {
  command: string;
  /** First line of --version. */
  version: string;
}

const COMPILE_TIMEOUT_MS = 120_000;
const VERSION_TIMEOUT_MS = 10_000;

/** The library uses this machine's own instructions, so it must not move to another one (buildKey).
 *  No contraction: sums that define a result round as the reference does; kernels fuse by hand. */
const FLAGS: readonly string[] = [
  '-std=c11',
  '-O3',
  process.arch === 'x64' ? '-march=native' : '-mcpu=native',
  '-ffp-contract=off',
  '-fno-math-errno',
  '-fvisibility=hidden',
  '-shared',
  ...(process.platform === 'win32' ? [] : ['-fPIC']),
];

/** HADAL_CC alone if it is set, else the first of CC, cc, gcc and clang that answers.
 *  @throws KernelsUnavailableError naming what was tried. */
export function findCompiler(environment: NodeJS.ProcessEnv = process.env): Compiler {
  const { HADAL_CC, CC } = environment;
  const candidates = HADAL_CC ? [HADAL_CC] : [...(CC ? [CC] : []), 'cc', 'gcc', 'clang'];
  for (const command of candidates) {
    const { status, stdout } = spawnSync(command, ['--version'], {
      encoding: 'utf8',
      timeout: VERSION_TIMEOUT_MS,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    if (status === 0) return { command, version: stdout.split('\n', 1)[0]!.trim() };
  }
  const hint = HADAL_CC ? 'HADAL_CC is' : 'tried';
  throw new KernelsUnavailableError(`no C compiler (${hint} ${candidates.join(', ')})`);
}

/** C files and headers, by name. */
function sourceFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => /\.[ch]$/.test(name))
    .toSorted();
}

/** Names one build: sources, flags, compiler, processor, and what the library will be called by.
 *  @throws KernelsUnavailableError where the sources cannot be read, e.g. in a package without them. */
export function buildKey(
  compiler: Compiler,
  caller: string,
  folder = packageFile('native'),
): string {
  try {
    return hashBuild(compiler, caller, folder);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new KernelsUnavailableError(`cannot read the kernels' sources: ${reason}`, { cause });
  }
}

function hashBuild(compiler: Compiler, caller: string, folder: string): string {
  const hash = createHash('sha256');
  const identity = { compiler, caller, flags: FLAGS, processor: describeProcessor() };
  hash.update(JSON.stringify(identity));
  for (const name of sourceFiles(folder)) {
    hash.update(`\0${name}\0`).update(readFileSync(join(folder, name)));
  }
  return hash.digest('hex').slice(0, 32);
}

/** Model and instruction sets: -march=native means another thing on another processor. */
function describeProcessor(): string {
  const model = `${process.platform} ${process.arch} ${cpus()[0]?.model ?? 'unknown'}`;
  if (process.platform !== 'linux') return model;
  const first = readFileSync('/proc/cpuinfo', 'utf8').split('\n\n', 1)[0]!;
  const lines = first.split('\n').filter((line) => /^(flags|Features|model|CPU )/.test(line));
  return [model, ...lines].join('\n');
}

/** Builds the kernels into `file`. @throws KernelsUnavailableError with what the compiler said. */
export function compileKernels(compiler: Compiler, file: string): void {
  const folder = packageFile('native');
  const sources = sourceFiles(folder).filter((name) => name.endsWith('.c'));
  const { status, signal, stderr, error } = spawnSync(
    compiler.command,
    [...FLAGS, '-o', file, ...sources],
    {
      cwd: folder,
      encoding: 'utf8',
      timeout: COMPILE_TIMEOUT_MS,
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  if (status === 0) return;
  const line = (stderr ?? '').split('\n').find((text) => text.trim() !== '') ?? '';
  const why = error?.message ?? (line || `ended by ${signal ?? `status ${status}`}`);
  throw new KernelsUnavailableError(`${compiler.command} cannot build the kernels: ${why.trim()}`);
}
