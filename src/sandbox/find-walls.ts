// Looks for what this machine offers to lock a process up, strongest first, and believes only what it has
// tried: a program is started behind the walls and says what it can reach. What falls short is not used
// at all; there is no half of it.

import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { DEFAULT_LIMITS } from './locked-limits.js';
import { LockedProcess, type Walls } from './locked-process.js';
import type { Binding, Mechanism } from './private-root.js';

/** One line of what is printed. */
export interface Layer {
  readonly name: string;
  readonly isUsed: boolean;
  readonly detail: string;
}

export interface FoundWalls {
  /** undefined = nothing keeps a process from the network here: untrusted code is not run. */
  readonly walls: Walls | undefined;
  readonly layers: readonly Layer[];
}

/** Users that no machine gives to anybody; each process gets another one. */
const FIRST_UID = 1_900_000_000;
const NUM_UIDS = 1_000_000;

const NEEDED: Record<Mechanism, readonly string[]> = {
  bubblewrap: ['bwrap', 'prlimit', 'setpriv'],
  namespaces: ['unshare', 'prlimit', 'setpriv', 'mount', 'umount', 'pivot_root'],
};

/** Said of the one that is used. */
const DETAIL: Record<Mechanism, string> = {
  bubblewrap: 'bwrap: no network, private root, own processes, no capabilities; tried',
  namespaces: 'unshare: no network, private root, own processes, no capabilities; tried',
};

/** What the trial looks at, from inside. */
interface Seen {
  readonly interfaces: readonly string[];
  readonly routes: number;
  readonly capabilities: string;
  readonly noNewPrivileges: string;
  readonly processes: number;
  readonly canSeeMarker: boolean;
  readonly canWriteRoot: boolean;
  readonly environment: readonly string[];
}

const TRIAL = `
const fs = require('node:fs');
const status = fs.readFileSync('/proc/self/status', 'utf8');
const field = (name) => status.match(new RegExp(name + ':\\\\s*(\\\\S+)'))?.[1] ?? '';
const canWrite = (path) => { try { fs.writeFileSync(path, ''); return true } catch { return false } };
console.log(JSON.stringify({
  interfaces: fs.readFileSync('/proc/net/dev', 'utf8').split('\\n').slice(2)
    .map((line) => line.split(':')[0].trim()).filter(Boolean),
  routes: fs.readFileSync('/proc/net/route', 'utf8').trim().split('\\n').length - 1,
  capabilities: field('CapPrm') + field('CapBnd'),
  noNewPrivileges: field('NoNewPrivs'),
  processes: fs.readdirSync('/proc').filter((name) => Number(name) > 0).length,
  canSeeMarker: fs.existsSync(process.argv[1]),
  canWriteRoot: ['/x', '/usr/x', '/work/x', '/app/x'].some(canWrite),
  environment: Object.keys(process.env),
}));`;

export interface FindOptions {
  /** A folder of this process's own that programs must not see, and where roots are mounted. */
  readonly base: string;
  readonly mountPoint: string;
  readonly bindings: readonly Binding[];
  /** Instead of $PATH and the usual folders. */
  readonly searchPath?: string;
}

/** Never throws: what does not work is a layer that says so. */
export async function findWalls(options: FindOptions): Promise<FoundWalls> {
  const layers: Layer[] = [];
  let walls: Walls | undefined;
  for (const mechanism of ['bubblewrap', 'namespaces'] as const) {
    if (walls) {
      layers.push({ name: mechanism, isUsed: false, detail: 'not needed' });
      continue;
    }
    const candidate = wallsOf(mechanism, options);
    const problem =
      typeof candidate === 'string' ? candidate : await problemWith(candidate, options);
    if (problem === undefined && typeof candidate !== 'string') walls = candidate;
    layers.push({
      name: mechanism,
      isUsed: problem === undefined,
      detail: problem ?? DETAIL[mechanism],
    });
  }
  return { walls, layers };
}

function wallsOf(mechanism: Mechanism, { mountPoint, searchPath }: FindOptions): Walls | string {
  if (process.platform !== 'linux') return `only on Linux, not on ${process.platform}`;
  const paths = new Map<string, string>();
  for (const name of NEEDED[mechanism]) {
    const path = findTool(name, searchPath);
    if (path === undefined) return `${name} is not installed`;
    paths.set(name, path);
  }
  let count = 0;
  const isRoot = process.getuid?.() === 0;
  // Processes of other sandboxes on this machine have other numbers, as far as chance allows.
  const first = FIRST_UID + ((process.pid * 1000) % NUM_UIDS);
  return {
    mechanism,
    mountPoint,
    tool: (name) => paths.get(name)!,
    nextUid: () => (isRoot ? first + (count++ % 1000) : undefined),
  };
}

function findTool(name: string, searchPath = process.env['PATH'] ?? ''): string | undefined {
  const folders = [...searchPath.split(delimiter), '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
  return folders
    .filter((folder) => folder.startsWith('/'))
    .map((folder) => join(folder, name))
    .find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** What is wrong with it, or undefined where all walls stand. */
async function problemWith(
  walls: Walls,
  { base, bindings }: FindOptions,
): Promise<string | undefined> {
  const argv = ['node', '--eval', TRIAL, base];
  try {
    const trial = new LockedProcess(walls, { argv, bindings, limits: DEFAULT_LIMITS });
    trial.feed('', DEFAULT_LIMITS.wallMs);
    const { exitCode, stdout, stderr, ended } = await trial.ended;
    if (ended !== 'exit' || exitCode !== 0) {
      return `does not start here: ${stderr.trim().split('\n')[0]?.slice(0, 300) ?? ended}`;
    }
    const gaps = gapsIn(JSON.parse(stdout) as Seen);
    return gaps.length === 0 ? undefined : `has gaps here: ${gaps.join(', ')}`;
  } catch (error) {
    return `does not start here: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function gapsIn(seen: Seen): string[] {
  const known = new Set(['PATH', 'HOME', 'TMPDIR', 'TZ', 'PWD', 'OLDPWD', 'SHLVL', '_']);
  const gaps: [boolean, string][] = [
    [seen.interfaces.some((name) => name !== 'lo') || seen.routes > 0, 'there is a network'],
    [!/^0+$/.test(seen.capabilities), `capabilities ${seen.capabilities}`],
    [seen.noNewPrivileges !== '1', 'privileges can be gained'],
    [seen.processes > 3, `${seen.processes} processes are seen`],
    [seen.canSeeMarker, 'files of this machine are seen'],
    [seen.canWriteRoot, 'the root can be written to'],
    [seen.environment.some((name) => !known.has(name)), 'the environment is handed on'],
  ];
  return gaps.filter(([isGap]) => isGap).map(([, text]) => text);
}
