// A real PostgreSQL for tests: finds installed binaries, makes a cluster in a temporary folder and
// runs it on a free port of 127.0.0.1, as the user `postgres` when the tests run as root (it refuses
// root). Tells why when there is none.

import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Durability off: tests stop the server cleanly, and are about us, not about it. */
const SETTINGS = ['fsync=off', 'full_page_writes=off', 'max_connections=60', 'shared_buffers=16MB'];

interface Credentials {
  uid?: number;
  gid?: number;
}

export interface TestPostgres {
  /** A fresh, empty database. */
  createDatabase(): Promise<string>;
  /** Ends every connection, as an outage does. */
  stop(): Promise<void>;
  /** On the same port, with the same data. */
  start(): Promise<void>;
  /** Stops it and removes its files. */
  remove(): Promise<void>;
}

/** Why there is no PostgreSQL here; undefined when there is one. */
export function missingPostgres(): string | undefined {
  if (findBinaries() === undefined) {
    return 'PostgreSQL is not installed (looked in /usr/lib/postgresql, pg_config --bindir, PATH)';
  }
  const isRoot = process.getuid?.() === 0;
  return isRoot && unprivilegedUser() === undefined
    ? 'the tests run as root and there is no user postgres to run PostgreSQL as'
    : undefined;
}

export async function startPostgres(): Promise<TestPostgres> {
  const binaries = findBinaries();
  if (binaries === undefined) throw new Error(missingPostgres());
  const user: Credentials = unprivilegedUser() ?? {};
  const folder = mkdtempSync(join(tmpdir(), 'hadal-postgres-'));
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid!);
  const data = join(folder, 'data');
  const options = { ...user, cwd: folder };
  await run(
    join(binaries, 'initdb'),
    ['-D', data, '-U', 'hadal', '-A', 'trust', '--no-sync', '-E', 'UTF8', '--locale=C'],
    options,
  );
  const port = await freePort();
  let server: ChildProcess | undefined;
  let numDatabases = 0;

  const start = async () => {
    const settings = [...SETTINGS, `unix_socket_directories=${folder}`].flatMap((line) => [
      '-c',
      line,
    ]);
    server = await listening(
      spawn(
        join(binaries, 'postgres'),
        ['-D', data, '-h', '127.0.0.1', '-p', String(port), ...settings],
        { ...options, stdio: ['ignore', 'ignore', 'pipe'] },
      ),
    );
  };
  const stop = async () => {
    const running = server;
    server = undefined;
    if (running === undefined) return;
    const ended = new Promise((resolve) => running.once('exit', resolve));
    running.kill('SIGINT'); // fast shutdown: disconnects everybody
    await ended;
  };
  await start();
  return {
    start,
    stop,
    async createDatabase() {
      const name = `test_${(numDatabases += 1)}`;
      const connection = ['-h', '127.0.0.1', '-p', String(port), '-U', 'hadal'];
      await run(join(binaries, 'createdb'), [...connection, name], options);
      return `postgres://hadal@127.0.0.1:${port}/${name}`;
    },
    async remove() {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Waits for the line that says so. */
function listening(server: ChildProcess): Promise<ChildProcess> {
  return new Promise((resolve, reject) => {
    let log = '';
    server.stderr!.on('data', (chunk: Buffer) => {
      log = (log + chunk.toString()).slice(-4_000);
      if (log.includes('ready to accept connections')) resolve(server);
    });
    server.once('error', reject);
    server.once('exit', (code) => reject(new Error(`postgres ended with ${code}:\n${log}`)));
  });
}

function findBinaries(): string | undefined {
  const parent = '/usr/lib/postgresql';
  const versions = existsSync(parent) ? readdirSync(parent) : [];
  const folders = [
    ...versions
      .toSorted((a, b) => Number(b) - Number(a))
      .map((version) => join(parent, version, 'bin')),
    ...outputOf('pg_config', ['--bindir']),
    ...(process.env['PATH'] ?? '').split(delimiter),
  ];
  return folders.find((folder) =>
    ['initdb', 'postgres', 'createdb'].every((name) => existsSync(join(folder, name))),
  );
}

function unprivilegedUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const [uid] = outputOf('id', ['-u', 'postgres']);
  const [gid] = outputOf('id', ['-g', 'postgres']);
  return uid === undefined || gid === undefined
    ? undefined
    : { uid: Number(uid), gid: Number(gid) };
}

function outputOf(command: string, args: string[]): string[] {
  try {
    return [
      execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim(),
    ];
  } catch {
    return []; // not installed, or no such user: the next place is tried
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
