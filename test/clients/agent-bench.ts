// What every client test needs: a real server over a scripted agent, a workshop of temporary folders,
// and a way to run the client's program in it with nothing of the user's settings and no network
// but this machine's.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { startServer, type RunningServer } from '../../src/server/start-server.js';
import type { UsageGroup } from '../../src/store/admin-types.js';
import { testTokenizer } from '../helpers/scripted-backend.js';
import { startRecorder, type Recorder } from './recorder.js';
import { steppingModel, type Step, type SteppingModel } from './stepping-model.js';

const tokenizer = testTokenizer();

export interface AgentServer extends SteppingModel, Recorder {
  server: RunningServer;
  apiKey: string;
  /** From the ledger, by model. */
  usage(): Promise<UsageGroup[]>;
}

/** The exact profile: what works here works without any leniency. */
export async function startAgentServer(
  t: TestContext,
  steps: readonly Step[],
): Promise<AgentServer> {
  const model = steppingModel(tokenizer, steps);
  const server = await startServer({
    log: () => {},
    port: 0,
    otlp: null,
    served: { backend: model.backend, tokenizer },
  });
  t.after(() => server.close());
  const recorder = await startRecorder(t, server.url);
  assert.ok(server.apiKey !== undefined);
  return {
    ...model,
    ...recorder,
    server,
    apiKey: server.apiKey,
    usage: () => server.platform.admin.usage({ groupBy: 'model' }),
  };
}

export interface Workshop {
  /** HOME of the client. */
  home: string;
  /** Where it works. */
  folder: string;
}

/** Removed after the test. */
export function makeWorkshop(t: TestContext): Workshop {
  // Clients name files by their real path, and a temporary folder may be a link.
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'hadal-client-')));
  t.after(() => rmSync(root, { recursive: true, force: true, maxRetries: 10 }));
  const [home, folder] = [join(root, 'home'), join(root, 'work')];
  mkdirSync(home);
  mkdirSync(folder);
  return { home, folder };
}

export interface ClientRun {
  /** null = ended by a signal. */
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A port where nothing listens: whatever a client wants from elsewhere fails at once. */
const NOWHERE = 'http://127.0.0.1:9';

/** Ends when the program does, or with the test's time-out. */
export async function runClient(
  t: TestContext,
  program: string,
  args: readonly string[],
  { home, folder, env = {} }: Workshop & { env?: Record<string, string> },
): Promise<ClientRun> {
  const child = spawn(program, args, {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      HOME: home,
      HTTP_PROXY: NOWHERE,
      HTTPS_PROXY: NOWHERE,
      NO_PROXY: '127.0.0.1,localhost',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: t.signal,
    killSignal: 'SIGKILL',
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', resolve);
  });
  return { code, stdout, stderr };
}

/** The lines that are JSON; some clients print warnings between them. */
export function jsonLines<T>(output: string): T[] {
  return output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as T);
}
