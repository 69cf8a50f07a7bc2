// `hadal conformance --base-url URL`: holds any server against the contract in conformance/. Thin
// over src/conformance; progress on stderr, the report on stdout.

import { type Command, InvalidArgumentError } from 'commander';
import type { Target } from '../conformance/build-request.js';
import { findScenarios } from '../conformance/find-scenarios.js';
import { loadKit } from '../conformance/load-kit.js';
import { reportJunit } from '../conformance/report-junit.js';
import { reportText } from '../conformance/report-text.js';
import { runKit } from '../conformance/run-kit.js';
import { sender } from '../conformance/send.js';
import { summarize } from '../conformance/summary.js';
import { wholeNumber } from './options.js';

interface ConformanceOptions {
  baseUrl: string;
  apiKey?: string;
  secondKey?: string;
  emptyKey?: string;
  agentsKey?: string;
  only: string;
  concurrency: number;
  timeout: number;
  json?: boolean;
  junit?: boolean;
}

export function registerConformance(program: Command): void {
  program
    .command('conformance')
    .description('hold a server against the DeepSeek API contract, over HTTP')
    .requiredOption('--base-url <url>', 'root of the server, without /v1', baseUrl)
    .option('--api-key <key>', 'default: HADAL_API_KEY')
    .option('--second-key <key>', 'key of another account: cache isolation')
    .option('--empty-key <key>', 'key without balance: 402')
    .option('--agents-key <key>', 'key with the profile agents: leniencies')
    .option('--only <glob>', 'only requirements with such an id, e.g. "anthropic.*"', '*')
    .option('--concurrency <n>', 'requests at once', wholeNumber(1, 64), 4)
    .option('--timeout <seconds>', 'per request', wholeNumber(1, 1800), 60)
    .option('--json', 'the report as JSON')
    .option('--junit', 'the report as JUnit XML')
    .action(runConformance);
}

async function runConformance(options: ConformanceOptions): Promise<void> {
  const key = options.apiKey ?? process.env['HADAL_API_KEY'];
  if (!key) throw new Error('no key; pass --api-key or set HADAL_API_KEY');
  const kit = loadKit();
  const send = sender(options.timeout * 1000);
  const { baseUrl: url, secondKey, emptyKey, agentsKey, only, concurrency } = options;
  await requireAnswer(send, { url, key });
  const scenarios = await findScenarios(send, { baseUrl: url, key });
  const target: Target = { baseUrl: url, key, secondKey, emptyKey, agentsKey, scenarios };
  if (scenarios.size === 0) process.stderr.write('no /lab: replies of a model are not staged\n');
  const outcomes = await runKit(kit, {
    target,
    send,
    only,
    concurrency,
    onOutcome: ({ requirement, result }, done, total) => {
      process.stderr.write(`${done}/${total} ${result} ${requirement.id}\n`);
    },
  });
  if (outcomes.length === 0) throw new Error(`no requirement has an id like ${only}`);
  const summary = summarize(kit, outcomes, url);
  if (options.json) process.stdout.write(`${JSON.stringify(summary, null, 2)}\n`);
  else if (options.junit) process.stdout.write(reportJunit(outcomes, summary));
  else process.stdout.write(reportText(summary));
  if (summary.counts.must.unmet > 0) process.exitCode = 1;
}

/** A wrong address or key is one message, not hundreds of unmet requirements. */
async function requireAnswer(
  send: ReturnType<typeof sender>,
  { url, key }: { url: string; key: string },
): Promise<void> {
  const headers = { authorization: `Bearer ${key}` };
  const { status, failure } = await send({ method: 'GET', url: `${url}/models`, headers });
  if (status === 0) throw new Error(`${url} does not answer: ${failure}`);
  if (status === 401) throw new Error(`${url} refuses the key (401); check --api-key`);
}

function baseUrl(text: string): string {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) {
    throw new InvalidArgumentError('must be an http:// or https:// address');
  }
  const root = text.replace(/\/+$/, '');
  if (root.endsWith('/v1')) {
    throw new InvalidArgumentError(`must be the root, ${root.slice(0, -3)}, without /v1`);
  }
  return root;
}
