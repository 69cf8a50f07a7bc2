// The selection view of the page: `hadal inspect` in a process of its own, on the file of the model that
// is loaded. It loads the model a second time, computes slowly, and is bounded in everything.

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RequestsHost } from '../web/requests/requests-host.js';
import { maySee } from '../web/requests/request-json.js';
import type { InspectOptions, SelectionHost } from '../web/models/selection-routes.js';
import { WebError } from '../web/web-error.js';
import type { ModelHost } from './model-host.js';

/** Tokens of a prompt that are looked at, from its end: the picture has a column for each. */
const MAX_PROMPT_TOKENS = 8192;
const MAX_SECONDS = 180;
const MAX_REPORT_BYTES = 128 * 1024 * 1024;
/** Others are answered at the same time. */
const NICENESS = 10;

const MAIN = fileURLToPath(new URL('../cli/main.js', import.meta.url));

export interface SelectionHostOptions {
  models: ModelHost;
  requests: RequestsHost;
}

export function createSelectionHost({ models, requests }: SelectionHostOptions): SelectionHost {
  return {
    tokensOf(traceId, caller) {
      const logged = requests.log.find(traceId);
      if (!logged || !maySee(caller, logged.observation.facts.keyId)) {
        const message = `no request ${traceId} is in the log, which keeps the newest only`;
        throw new WebError(404, message);
      }
      if (!logged.ended) throw new WebError(409, 'this request is still being answered');
      const remembered = requests.prompts?.find(traceId);
      if (!remembered) {
        throw new WebError(409, 'the prompt of this request is not at hand any more');
      }
      if (remembered.model !== models.serving.model) {
        const { model } = remembered;
        throw new WebError(409, `this request was answered by ${model}, which is not loaded now`);
      }
      const { tokens, promptTokens } = remembered;
      return {
        prompt: Array.from(tokens.subarray(0, promptTokens)),
        reply: Array.from(tokens.subarray(promptTokens)),
      };
    },
    async inspect(inspected, options) {
      const { model, tokenizer } = models.loadedPaths();
      const folder = await mkdtemp(join(tmpdir(), 'hadal-selection-'));
      try {
        const input = join(folder, 'input.json');
        const content = 'body' in inspected ? inspected.body : inspected;
        await writeFile(input, JSON.stringify(content), { mode: 0o600 });
        const named = tokenizer === undefined ? [] : ['--tokenizer', tokenizer];
        const source = ['body' in inspected ? '--request' : '--ids', input];
        return await run([...source, '--model', model, ...named], options, input);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

function run(
  source: readonly string[],
  { tokens, topk, signal }: InspectOptions,
  input: string,
): Promise<string> {
  const whatIf = topk === undefined ? [] : ['--topk', String(topk)];
  const bounded = ['--tokens', String(tokens), '--max-prompt', String(MAX_PROMPT_TOKENS)];
  const args = [MAIN, 'inspect', ...source, ...bounded, ...whatIf, '--json', '--cells'];
  const bounds = { maxBuffer: MAX_REPORT_BYTES, timeout: MAX_SECONDS * 1000, signal };
  return new Promise((resolve, reject) => {
    const child = execFile(process.execPath, args, bounds, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      if (signal.aborted) return reject(signal.reason as Error);
      reject(new WebError(error.killed ? 503 : 409, problemOf(error, stderr, input)));
    });
    // No priority is left to lower when it has ended already.
    if (child.pid !== undefined && child.exitCode === null) lowerPriority(child.pid);
  });
}

function lowerPriority(pid: number): void {
  try {
    setPriority(pid, NICENESS);
  } catch {
    // It ended in this moment, or a sandbox forbids it: nothing is lost but evenness.
  }
}

/** What `hadal inspect` said, without the path that nobody gave. */
function problemOf(error: Error & { killed?: boolean }, stderr: string, input: string): string {
  if (error.killed) return `looking at this took more than ${MAX_SECONDS} s; give fewer tokens`;
  const said = stderr.trim().split('\n').at(-1) ?? '';
  const reason = said.replace(/^hadal: /, '').replaceAll(`${input}: `, '');
  return reason === '' ? `the selection could not be computed: ${error.message}` : reason;
}
