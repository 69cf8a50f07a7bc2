// The tools on offer, by server, as the server of this page knows them; and MCP servers of one's own.

import { signal } from '@preact/signals';
import type { NewToolServer, ToolInfo, ToolServer } from '../../../src/web/wire.js';
import { call } from '../api/http.js';

const PATH = '/web/v1/tools';

/** null until they are known. */
export const toolServers = signal<readonly ToolServer[] | null>(null);

/** @throws ApiFailure */
export async function loadTools(): Promise<void> {
  toolServers.value = (await call<{ data: ToolServer[] }>(PATH)).data;
}

/** @throws ApiFailure with the reason, e.g. that there is no MCP server at the address. */
export async function addServer(server: NewToolServer): Promise<ToolServer> {
  const added = await call<ToolServer>(`${PATH}/servers`, { method: 'POST', body: server });
  await loadTools();
  return added;
}

/** @throws ApiFailure */
export async function reconnectServer(id: string): Promise<void> {
  await call(`${PATH}/servers/${encodeURIComponent(id)}/reconnect`, { method: 'POST' });
  await loadTools();
}

/** @throws ApiFailure */
export async function removeServer(id: string): Promise<void> {
  await call(`${PATH}/servers/${encodeURIComponent(id)}`, { method: 'DELETE' });
  await loadTools();
}

/** Those of the ids that are on offer now. */
export function offeredTools(ids: readonly string[]): ToolInfo[] {
  const all = (toolServers.value ?? []).flatMap(({ tools }) => tools);
  return all.filter(({ id }) => ids.includes(id));
}
