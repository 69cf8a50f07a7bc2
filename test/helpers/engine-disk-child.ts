// A server with a real engine whose context cache lives in the given folder, asked a few long
// questions twice: `engine-disk-child.js <model> <folder> <database>` prints what came of it as one JSON
// line. The database keeps the account over several runs, and with it the names of blocks.
// A process of its own, so that it can be started where the folder is a disk that is full.

import { readdirSync } from 'node:fs';
import { tokenTableOf } from '../../src/chat/token-table.js';
import { EngineBackend } from '../../src/engine/engine-backend.js';
import { loadTokenizerFor } from '../../src/model-location.js';
import { startServer } from '../../src/server/start-server.js';

/** Of at least two blocks each; the model's rows of one are 172 KB. */
const QUESTIONS = Array.from({ length: 8 }, (_, n) => `Question ${n}: ${`why ${n}? `.repeat(30)}`);

export interface DiskOutcome {
  /** In order: every question, and every question again. */
  replies: string[];
  hitTokens: number[];
  warnings: string[];
  /** Files in the folder at the end. */
  files: string[];
  restarts: number;
}

const [modelPath, folder, databaseUrl] = process.argv.slice(2) as [string, string, string];
const apiKey = 'sk-disk-0000000000000000';
const tokenizer = loadTokenizerFor(modelPath);
const outcome: DiskOutcome = { replies: [], hitTokens: [], warnings: [], files: [], restarts: 0 };
const backend = await EngineBackend.start({
  source: { path: modelPath, device: 'auto', threads: 1 },
  tokenTable: tokenTableOf(tokenizer),
  // Nothing fits into this memory: what hits, hits on the disk.
  cache: { folder, ramBytes: 1000 },
  onNotice: (notice) => notice.type === 'warning' && outcome.warnings.push(notice.detail),
});
const server = await startServer({
  served: { backend, tokenizer },
  port: 0,
  databaseUrl,
  apiKey,
  log: () => {},
});
for (const question of [...QUESTIONS, ...QUESTIONS]) await ask(question);
outcome.restarts = (await backend.stats()).restarts;
await server.close(); // writes what is left to write
outcome.files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.includes('.kv'),
);
console.log(JSON.stringify(outcome));

async function ask(content: string): Promise<void> {
  const response = await fetch(`${server.url}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'deepseek-chat',
      temperature: 0,
      max_tokens: 8,
      messages: [{ role: 'user', content }],
    }),
  });
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  const { choices, usage } = (await response.json()) as {
    choices: { message: { content: string } }[];
    usage: { prompt_cache_hit_tokens: number };
  };
  outcome.replies.push(choices[0]!.message.content);
  outcome.hitTokens.push(usage.prompt_cache_hit_tokens);
}
