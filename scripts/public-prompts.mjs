// Makes src/synth/build/public-prompts.ts: hashes of what public benchmarks ask, for decontamination.
// `npm run build && node scripts/public-prompts.mjs FOLDER`, where FOLDER has one folder per benchmark
// with its original files (.json, .jsonl, .jsonl.gz, .csv): gsm8k, math500, competition-math, imo-bench,
// humaneval, ifeval, bfcl, tau2, tau2-verified, workplace-assistant. Of every file the strings under the
// keys of a question are taken, and nothing of them but hashes is written.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const TARGET = join(ROOT, 'src/synth/build/public-prompts.ts');
const OVERLAP = join(ROOT, 'dist/src/synth/build/public-overlap.js');

/** Where benchmarks keep what the model reads. */
const KEYS = new Set([
  'question',
  'problem',
  'prompt',
  'content',
  'Problem',
  'input',
  'ticket',
  'reason_for_call',
  'known_info',
  'unknown_info',
  'task_instructions',
  'purpose',
]);
/** Tables of people: their names are entities. */
const NAME_KEYS = new Set([
  'full_name',
  'email',
  'email_address',
  'assigned_to_email',
  'customer_name',
]);

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error('usage: node scripts/public-prompts.mjs FOLDER');
  process.exit(2);
}
// The list may not be there yet: an empty one lets the hashing be loaded.
const { encodeHashes, entitiesOf, hashOf, runsOf } = await import(OVERLAP);

const runs = new Set();
const entities = new Set();
const sources = new Map();

for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted()) {
  const [benchmark] = path.split(/[\\/]/);
  if (benchmark === path || /possible_answer|split_tasks|func_doc|rollouts/.test(path)) continue;
  const texts = textsOf(join(folder, path));
  for (const { text, isName } of texts) {
    if (isName) entities.add(hashOf(text.toLowerCase()));
    else {
      for (const hash of runsOf(text)) runs.add(hash);
      for (const entity of entitiesOf(text)) entities.add(hashOf(entity));
    }
  }
  if (texts.length > 0) sources.set(benchmark, (sources.get(benchmark) ?? 0) + texts.length);
}

const counts = [...sources].map(([name, count]) => `${name} ${count}`).join(', ');
const wrapped = (text) => text.replaceAll(/.{1,100}/g, '$&\n');
writeFileSync(
  TARGET,
  `// Hashes of public prompts: made by scripts/public-prompts.mjs, read by public-overlap.ts. Texts taken:
// ${counts.replaceAll(/(.{60,90}), /g, '$1,\n// ')}.

export const PUBLIC_RUNS = \`
${wrapped(encodeHashes(runs))}\`;

export const PUBLIC_ENTITIES = \`
${wrapped(encodeHashes(entities))}\`;
`,
);
console.log(`${counts}: ${runs.size} runs, ${entities.size} entities`);

function textsOf(path) {
  if (path.endsWith('.gz')) return fromLines(gunzipSync(readFileSync(path)).toString());
  if (path.endsWith('.jsonl')) return fromLines(readFileSync(path, 'utf8'));
  if (path.endsWith('.csv')) return fromTable(readFileSync(path, 'utf8'));
  if (!path.endsWith('.json')) return [];
  const text = readFileSync(path, 'utf8');
  try {
    return [...walk(JSON.parse(text))];
  } catch {
    return fromLines(text); // one value a line, under a name that does not say so
  }
}

function fromLines(text) {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.flatMap((line) => [...walk(JSON.parse(line))]);
}

/** Quoted fields as prompts where they are long, addresses as names. */
function fromTable(text) {
  const fields = text.match(/"(?:[^"]|"")*"|[^,\n]+/g) ?? [];
  return fields.flatMap((field) => {
    if (/^[\w.]+@[\w.]+$/.test(field)) return [{ text: field, isName: true }];
    return field.length > 60 ? [{ text: field, isName: false }] : [];
  });
}

function* walk(value, key = '') {
  if (typeof value === 'string') {
    if (NAME_KEYS.has(key)) yield { text: value, isName: true };
    else if (KEYS.has(key)) yield { text: value, isName: false };
  } else if (Array.isArray(value)) {
    for (const item of value) yield* walk(item, key);
  } else if (value !== null && typeof value === 'object') {
    const { first_name: first, last_name: last } = value;
    if (typeof first === 'string' && typeof last === 'string') {
      yield { text: `${first} ${last}`, isName: true };
    }
    for (const [name, part] of Object.entries(value)) yield* walk(part, name);
  }
}
