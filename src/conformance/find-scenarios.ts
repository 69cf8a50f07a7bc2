// Asks a target whether it has a lab. Any other answer than the lab's list means that it has none.

import { isMap } from './json-value.js';
import { parseJson } from './matcher.js';
import type { Send } from './send.js';

export async function findScenarios(
  send: Send,
  { baseUrl, key }: { baseUrl: string; key: string },
): Promise<ReadonlySet<string>> {
  const headers = { authorization: `Bearer ${key}` };
  const reply = await send({ method: 'GET', url: `${baseUrl}/lab`, headers });
  const list = reply.status === 200 ? parseJson(reply.body) : undefined;
  const data = isMap(list) ? list['data'] : undefined;
  if (!Array.isArray(data)) return new Set();
  return new Set(
    data.flatMap((item) => (isMap(item) && typeof item['name'] === 'string' ? [item['name']] : [])),
  );
}
