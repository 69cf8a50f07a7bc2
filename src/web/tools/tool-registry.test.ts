// Connections belong to the registry, to its end.

import assert from 'node:assert/strict';
import test from 'node:test';
import type { ToolServers } from '../../store/tool-servers.js';
import { ToolRegistry } from './tool-registry.js';

test('after its end it connects to nothing', async () => {
  const record = { id: 'srv_a', name: 'a', url: 'http://127.0.0.1:1/mcp', headers: {} };
  const registry = new ToolRegistry({
    store: { list: () => Promise.resolve([record]) } as unknown as ToolServers,
    configured: new Map(),
    version: '0',
    now: () => 0,
  });
  await registry.close();
  const caller = { keyId: 'key', isOperator: false };
  await assert.rejects(registry.list(caller), /stopping/);
  await assert.rejects(registry.resolve('key', ['mcp:srv_a:x']), /stopping/);
  await assert.rejects(registry.reconnect(caller, 'srv_a'), /stopping/);
});
