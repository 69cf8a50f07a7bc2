// Holds the playground's form to the documentation and to the conformance kit.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { DIALECT_PATHS } from '../../../src/conformance/dialects.js';
import { loadKit } from '../../../src/conformance/load-kit.js';
import type { Dialect } from '../../../src/conformance/requirement.js';
import { packageFile } from '../../../src/package-root.js';
import { matchRoute } from '../../../src/server/routes.js';
import { ENDPOINTS, endpointOf } from './playground-endpoints.js';

/** Fields that the kit sends to see that they change nothing, or are refused. */
const NOT_OFFERED: Partial<Record<Dialect, readonly string[]>> = {
  chat: [
    'enable_thinking',
    'prompt_cache_key',
    'parallel_tool_calls',
    'user',
    'reasoning',
    'store',
    'metadata',
  ],
  anthropic: [
    'container',
    'mcp_servers',
    'metadata',
    'service_tier',
    'top_k',
    'context_management',
    'output_config',
    'unknown_field',
  ],
};

function topNames(id: string): Set<string> {
  return new Set(endpointOf(id)!.parameters.map(({ name }) => name.split('.')[0]!));
}

test('every endpoint is a route of the server', () => {
  for (const { method, path } of ENDPOINTS) {
    const match = matchRoute(path.replace('{id}', 'deepseek-chat'));
    assert.ok(match?.route.methods[method], `${method} ${path}`);
  }
});

test('the chat form has the fields that docs/api.md lists, and no others', () => {
  const text = readFileSync(packageFile('docs/api.md'), 'utf8');
  const table = /\| `messages` {2,}\| array[^]*?\n\n/.exec(text)?.[0] ?? '';
  const documented = [...table.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name!);
  assert.ok(documented.length > 15, `only ${documented.length} fields were found`);
  assert.deepEqual([...topNames('chat')].toSorted(), documented.toSorted());
});

test('what the conformance kit sends, the form offers', () => {
  const { requirements } = loadKit();
  const forms = { chat: 'chat', fim: 'fim', anthropic: 'messages', responses: 'responses' };
  for (const [dialect, id] of Object.entries(forms) as [Dialect, string][]) {
    assert.equal(endpointOf(id)!.path, DIALECT_PATHS[dialect]);
    const sent = new Set(
      requirements
        .filter((requirement) => requirement.dialect === dialect)
        .flatMap(({ steps }) => steps)
        .filter(
          ({ request }) => (request.path ?? DIALECT_PATHS[dialect]) === DIALECT_PATHS[dialect],
        )
        .flatMap(({ request }) => Object.keys(request.with ?? {})),
    );
    const known = topNames(id);
    const missing = [...sent].filter(
      (name) => !known.has(name) && !NOT_OFFERED[dialect]?.includes(name),
    );
    assert.deepEqual(missing, [], `${id} lacks fields`);
  }
});
