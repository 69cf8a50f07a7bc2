// Holds the direction of imports: a layer may import only what the table allows, so requests go down
// the stairs and nothing reaches up (docs: one road through the house). Reads the sources, so that
// type-only imports count too.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative, sep } from 'node:path';
import test from 'node:test';
import { packageFile } from './package-root.js';

const SOURCE = packageFile('src');

/** Layer -> layers below it that it may import. Files directly under src/ are layers of their own. */
const ALLOWED: Record<string, readonly string[]> = {
  'package-root': [],
  tensor: ['package-root'],
  model: ['tensor'],
  backend: [],
  engine: ['backend', 'model', 'tensor'],
  encoding: [],
  chat: ['encoding', 'backend'],
  protocol: ['chat', 'encoding'],
  'model-location': ['encoding', 'model', 'package-root'],
  store: ['package-root'],
  observe: [],
  upstream: ['backend', 'encoding'],
  // The store's lock on a file is the one of a download, too.
  pull: ['store'],
  lab: ['backend', 'encoding'],
  // What the page needs beside the public API, of which its runs are clients.
  web: ['agent', 'pull', 'store', 'observe', 'sandbox', 'package-root'],
  server: [
    'web',
    'protocol',
    'chat',
    'backend',
    'encoding',
    'store',
    'observe',
    'lab',
    'pull',
    'package-root',
  ],
  // Beside the road: clients of public faces.
  agent: [],
  sandbox: ['package-root'],
  synth: ['sandbox', 'package-root'],
  conformance: ['package-root'],
  train: ['agent', 'encoding', 'package-root'],
  eval: ['train', 'engine', 'chat', 'backend', 'encoding', 'model-location', 'package-root'],
  cli: [
    'server',
    'protocol',
    'store',
    'conformance',
    'agent',
    'synth',
    'sandbox',
    'pull',
    'encoding',
    'model',
    'package-root',
  ],
};

/** Single files that may see more than their layer, and why. */
const EXCEPTIONS: Record<string, readonly string[]> = {
  // The composition root: somebody has to choose the backend.
  'server/choose-backend.ts': ['engine', 'upstream', 'model-location'],
  // Says what the headers of model files say; loads none.
  'server/model-files.ts': ['model', 'model-location'],
  // Looks after the files that the engine's context cache leaves on disk; starts no engine.
  'cli/cache.ts': ['engine'],
  // Looks inside a running model, which no server shows.
  'cli/inspect.ts': ['tensor', 'model-location'],
  // Writes prompts as the server does.
  'cli/inspect-prompt.ts': ['chat'],
  // Checks every layer.
  'layers.test.ts': ['package-root'],
};

interface Edge {
  file: string;
  from: string;
  to: string;
}

function sourceFiles(): string[] {
  return readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => name.split(sep).join('/'));
}

/** The folder, or the file's own name for files directly under src/. */
function layerOf(file: string): string {
  return file.includes('/') ? file.split('/')[0]! : file.replace(/(\.test)?\.[jt]s$/, '');
}

function importsOf(file: string): Edge[] {
  const text = readFileSync(join(SOURCE, file), 'utf8');
  const edges: Edge[] = [];
  for (const [, specifier] of text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'(\.[^']+)'/g)) {
    const target = normalize(join(dirname(join(SOURCE, file)), specifier!));
    const path = relative(SOURCE, target).split(sep).join('/');
    if (path.startsWith('..')) continue; // test helpers outside src/
    const [from, to] = [layerOf(file), layerOf(path)];
    if (from !== to) edges.push({ file, from, to });
  }
  return edges;
}

test('no layer imports upward', () => {
  const edges = sourceFiles().flatMap(importsOf);
  assert.ok(edges.length > 50, `only ${edges.length} imports between layers were found`);
  const wrong = edges.filter(
    ({ file, from, to }) => !ALLOWED[from]?.includes(to) && !EXCEPTIONS[file]?.includes(to),
  );
  assert.deepEqual(
    wrong.map(({ file, to }) => `${file} must not import ${to}/`),
    [],
  );
});

test('every folder under src/ is in the table, and the table allows no cycle', () => {
  const layers = new Set(sourceFiles().map(layerOf));
  layers.delete('layers');
  assert.deepEqual(
    [...layers].filter((layer) => !(layer in ALLOWED)),
    [],
  );
  const visit = (layer: string, path: readonly string[]): void => {
    assert.ok(!path.includes(layer), `cycle: ${[...path, layer].join(' -> ')}`);
    for (const below of ALLOWED[layer] ?? []) visit(below, [...path, layer]);
  };
  for (const layer of Object.keys(ALLOWED)) visit(layer, []);
});
