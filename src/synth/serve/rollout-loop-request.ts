// What `POST /v1/rollouts` may ask for, checked field by field. A field that is not known is refused:
// a limit with a typing error would otherwise be no limit.

import { BaseUrlError, checkedBaseUrl } from '../model-loop/chat-endpoint.js';
import { cleanSubmission } from '../verify.js';
import type { JsonObject } from '../world-types.js';
import type { LoopLimits } from './rollout-loop.js';
import { spread } from './rollout-loop-groups.js';
import type { Rollouts } from './rollouts.js';
import { ServiceError, shown } from './service-error.js';

export interface RolloutsRequest {
  readonly baseUrl: string;
  readonly model: string;
  readonly sampling: JsonObject;
  readonly limits: LoopLimits;
  readonly taskKeys: readonly string[];
  readonly groupSize: number;
  readonly concurrency: number;
  readonly maxRetries: number;
}

export const MAX_GROUP_SIZE = 1024;
export const MAX_CONCURRENCY = 1024;
const FIELDS = [
  'base_url',
  'model',
  'sampling',
  'limits',
  'tasks',
  'group_size',
  'concurrency',
  'max_retries',
];
const LIMITS = [
  'max_turns',
  'max_tool_calls',
  'max_completion_tokens',
  'max_user_turns',
  'wall_ms',
] as const;
/** The loop's own fields of a request to the endpoint. */
const RESERVED = ['messages', 'model', 'tools', 'stream', 'stream_options', 'n'];

/** @throws ServiceError bad_request, not_found for a task */
export function readRolloutsRequest(body: unknown, rollouts: Rollouts): RolloutsRequest {
  const fields = objectOf(body, 'the body');
  for (const name of Object.keys(fields)) {
    if (!FIELDS.includes(name))
      throw bad(`${shown(name)} is no field; there are ${FIELDS.join(', ')}`);
  }
  const { base_url: baseUrl, model } = fields;
  if (typeof baseUrl !== 'string') throw bad('base_url is no text');
  if (typeof model !== 'string' || model === '') throw bad('model is no text');
  const groupSize = whole(fields['group_size'] ?? 1, 'group_size', 1, MAX_GROUP_SIZE);
  const concurrency = whole(fields['concurrency'] ?? 8, 'concurrency', 1, MAX_CONCURRENCY);
  return {
    baseUrl: urlOf(baseUrl),
    model,
    sampling: readSampling(fields['sampling']),
    limits: limitsOf(fields['limits']),
    taskKeys: keysOf(fields['tasks'], rollouts),
    groupSize,
    concurrency,
    maxRetries: whole(fields['max_retries'] ?? 5, 'max_retries', 0, 100),
  };
}

/** Fields that go into every request as they are. @throws ServiceError bad_request */
export function readSampling(value: unknown): JsonObject {
  const fields = objectOf(cleanSubmission(value ?? {}), 'sampling');
  for (const name of RESERVED) {
    if (Object.hasOwn(fields, name)) throw bad(`sampling must not set ${name}`);
  }
  return { ...fields } as JsonObject;
}

function urlOf(text: string): string {
  try {
    return checkedBaseUrl(text);
  } catch (error) {
    if (error instanceof BaseUrlError) throw bad(error.message);
    throw error;
  }
}

/** A list of keys, or how many: these are taken evenly over the corpus. */
function keysOf(tasks: unknown, rollouts: Rollouts): string[] {
  if (typeof tasks === 'number') {
    const all = rollouts.taskKeys(undefined, Infinity);
    return spread(all, whole(tasks, 'tasks', 1, Number.MAX_SAFE_INTEGER));
  }
  if (!Array.isArray(tasks) || tasks.length === 0) {
    throw bad('tasks is a list of keys, or a number of tasks');
  }
  return (tasks as unknown[]).map((key) => {
    if (typeof key !== 'string') throw bad('tasks is a list of keys, or a number of tasks');
    return rollouts.task(key).key;
  });
}

function limitsOf(value: unknown): LoopLimits {
  const fields = objectOf(value ?? {}, 'limits');
  const entries = Object.entries(fields).map(([name, limit]) => {
    if (!(LIMITS as readonly string[]).includes(name)) {
      throw bad(`${shown(name)} is no limit; there are ${LIMITS.join(', ')}`);
    }
    return [name, whole(limit, name, 1, 2 ** 31 - 1)];
  });
  return Object.fromEntries(entries) as LoopLimits;
}

function objectOf(value: unknown, name: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>;
  }
  throw bad(`${name} is no JSON object`);
}

function whole(value: unknown, name: string, min: number, max: number): number {
  if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) {
    return value as number;
  }
  throw bad(`${name} is a whole number from ${min} to ${max}`);
}

function bad(message: string): ServiceError {
  return new ServiceError('bad_request', message);
}
