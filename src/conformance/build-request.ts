// Turns a request of the kit into an HTTP request: the dialect's route and smallest valid body, the
// lab's prefix, the key. Requests are cheap on purpose: few tokens, one short message.

import { DIALECT_PATHS, SMALLEST_BODIES } from './dialects.js';
import type { Json, JsonMap } from './json-value.js';
import { fill } from './placeholders.js';
import type { Dialect, RequestSpec, Requirement } from './requirement.js';

export interface HttpRequest {
  method: string;
  url: string;
  headers: Record<string, string>;
  body?: string;
}

export interface Keys {
  key: string;
  secondKey?: string | undefined;
  emptyKey?: string | undefined;
  agentsKey?: string | undefined;
}

export interface Target extends Keys {
  /** Without a trailing slash. */
  baseUrl: string;
  /** Names of the lab's scenarios; empty when there is no lab. */
  scenarios: ReadonlySet<string>;
}

/** A wrong key, in the right form. */
const BAD_KEY = 'sk-00000000000000000000000000c0ffee';

export function buildRequest(
  spec: RequestSpec,
  { dialect, scenario }: Requirement,
  { target, values }: { target: Target; values: ReadonlyMap<string, Json> },
): HttpRequest {
  const method = spec.method ?? (dialect === 'platform' ? 'GET' : 'POST');
  const isLab = scenario !== undefined && target.scenarios.has(scenario.split(':')[0]!);
  const path = String(fill(spec.path ?? DIALECT_PATHS[dialect], values));
  const body = method === 'POST' ? bodyOf(spec, dialect, values, isLab) : undefined;
  const headers: Record<string, string> = {
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...authorization(spec.auth ?? 'key', target),
  };
  for (const [name, value] of Object.entries(spec.headers ?? {})) {
    if (value === null) delete headers[name];
    else headers[name] = String(fill(value, values));
  }
  return {
    method,
    url: `${target.baseUrl}${isLab ? `/lab/${scenario}` : ''}${path}`,
    headers,
    ...(body !== undefined && { body }),
  };
}

function bodyOf(
  { raw, with: fields = {}, without = [] }: RequestSpec,
  dialect: Dialect,
  values: ReadonlyMap<string, Json>,
  isLab: boolean,
): string {
  if (raw !== undefined) return String(fill(raw, values));
  const smallest = { ...SMALLEST_BODIES[dialect] };
  // A scenario says by itself when it ends; Anthropic's field is not optional.
  if (isLab && dialect === 'anthropic') smallest['max_tokens'] = 4096;
  else if (isLab) for (const name of ['max_tokens', 'max_output_tokens']) delete smallest[name];
  const body = { ...smallest, ...(fill(fields, values) as JsonMap) };
  for (const name of without) delete body[name];
  return JSON.stringify(body);
}

function authorization(
  auth: NonNullable<RequestSpec['auth']>,
  { key, secondKey, emptyKey, agentsKey }: Keys,
): Record<string, string> {
  const bearer = (value: string) => ({ authorization: `Bearer ${value}` });
  switch (auth) {
    case 'none':
      return {};
    case 'bad':
      return bearer(BAD_KEY);
    case 'x-api-key':
      return { 'x-api-key': key };
    case 'both':
      return { 'x-api-key': key, ...bearer(key) };
    case 'second':
      return bearer(secondKey ?? '');
    case 'empty':
      return bearer(emptyKey ?? '');
    case 'agents':
      return bearer(agentsKey ?? '');
    case 'key':
      return bearer(key);
  }
}
