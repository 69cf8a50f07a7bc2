// The HTTP interface for trainers: /v1/... by session, in single and batch form, and the step interface
// (/reset, /step, /state) over the same sessions. A batch answers item by item: one bad item does not
// spoil the others. Source: agents reference §3.

import type { Proxies } from './proxy.js';
import { ServiceError, shown } from './service-error.js';
import type { Rollout, Rollouts } from './rollouts.js';
import type { StoredRollout } from './judge.js';
import type { ToolResult } from '../tools/session.js';

const MAX_BATCH = 1000;
const MAX_TASK_PAGE = 1000;

export interface ApiRequest {
  readonly method: string;
  /** Decoded parts of the path. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  /** Reads the body. */
  readonly body: () => Promise<unknown>;
  readonly proxies: Proxies;
  /** For a proxy that the request opens. */
  readonly endpointKey: string | undefined;
}

/** First parts of the paths that belong here. */
export const API_ROOTS: ReadonlySet<string> = new Set(['v1', 'reset', 'step', 'state']);

/** `POST /v1/rollouts` is answered as a stream: rollout-loop-http.ts. */
export function isRolloutLoop(
  method: string,
  [root, collection, ...rest]: readonly string[],
): boolean {
  return method === 'POST' && root === 'v1' && collection === 'rollouts' && rest.length === 0;
}

/** The answer as a value for JSON. @throws ServiceError */
export async function answerApi(rollouts: Rollouts, request: ApiRequest): Promise<unknown> {
  const { method, path, query } = request;
  const [root, collection, id, action, name] = path;
  const isAt = (verb: string, length: number): boolean => method === verb && path.length === length;
  if (root === 'reset' && isAt('POST', 1)) return reset(rollouts, objectIn(await request.body()));
  if (root === 'step' && isAt('POST', 1)) return step(rollouts, objectIn(await request.body()));
  if (root === 'state' && isAt('GET', 1)) {
    return stateOf(rollouts, rollouts.get(query.get('session_id') ?? ''));
  }
  if (root === 'v1' && collection === 'sessions') {
    if (isAt('POST', 2)) return each(await request.body(), (one) => open(rollouts, one));
    if (isAt('DELETE', 2)) {
      const ids = await request.body();
      if (!Array.isArray(ids)) throw new ServiceError('bad_request', 'the body is a list of ids');
      return each(ids, (one) => ({ closed: rollouts.close(String(one)) }));
    }
    if (id !== undefined && isAt('GET', 3)) return stateOf(rollouts, rollouts.get(id));
    if (id !== undefined && isAt('DELETE', 3)) {
      rollouts.close(rollouts.get(id).id);
      return { closed: true };
    }
    if (id !== undefined && action === 'tools' && name !== undefined && isAt('POST', 5)) {
      const rollout = rollouts.get(id);
      return shownResult(await rollouts.call(rollout, name, await request.body()));
    }
    if (id !== undefined && action === 'tools' && isAt('POST', 4)) {
      const rollout = rollouts.get(id);
      return each(await request.body(), (one) => callOf(rollouts, rollout, one));
    }
    if (id !== undefined && action === 'user' && isAt('POST', 4)) {
      const rollout = rollouts.get(id);
      return rollouts.say(rollout, textField(objectIn(await request.body()), 'message'));
    }
    if (id !== undefined && action === 'proxy' && isAt('POST', 4)) {
      return request.proxies.open(rollouts.get(id), await request.body(), request.endpointKey);
    }
    if (id !== undefined && action === 'trace' && isAt('GET', 4)) {
      return request.proxies.traceOf(rollouts.get(id));
    }
    if (id !== undefined && action === 'verify' && isAt('POST', 4)) {
      const rollout = rollouts.get(id);
      const { messages, submission } = objectIn(await request.body());
      return rollouts.verify(rollout, messages, submission);
    }
  }
  if (root === 'v1' && path.length === 2) {
    if (collection === 'tasks' && method === 'GET') return taskPage(rollouts, query);
    if (collection === 'tools' && method === 'POST') {
      return each(await request.body(), (one) => callOf(rollouts, sessionIn(rollouts, one), one));
    }
    if (collection === 'verify' && method === 'POST') {
      return each(await request.body(), (one) => {
        const { messages, submission } = objectIn(one);
        return rollouts.verify(sessionIn(rollouts, one), messages, submission);
      });
    }
    if (collection === 'reverify' && method === 'POST') {
      return each(await request.body(), (one) =>
        rollouts.reverify(objectIn(one) as unknown as StoredRollout),
      );
    }
  }
  throw new ServiceError('not_found', `there is no ${method} ${shown(path.join('/'))}`);
}

/** A list is answered by a list in the same order. @throws ServiceError for a single item or no list */
async function each(body: unknown, act: (item: unknown) => unknown): Promise<unknown> {
  if (!Array.isArray(body)) return act(body);
  if (body.length > MAX_BATCH) {
    throw new ServiceError('too_large', `a batch has at most ${MAX_BATCH} items`);
  }
  const answers: unknown[] = [];
  for (const item of body as unknown[]) {
    try {
      answers.push(await act(item));
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      answers.push(errorBody(error));
    }
  }
  return answers;
}

export function errorBody({ code, message }: ServiceError): object {
  return { error: { type: code, message } };
}

function open(rollouts: Rollouts, item: unknown): object {
  const fields = objectIn(item);
  return rollouts.describe(openTask(rollouts, fields));
}

function openTask(rollouts: Rollouts, fields: Readonly<Record<string, unknown>>): Rollout {
  const { seed } = fields;
  if (seed !== undefined && !Number.isSafeInteger(seed)) {
    throw new ServiceError('bad_request', 'seed is no whole number');
  }
  const key = textField(fields, 'task_key');
  return rollouts.openTask(key, seed === undefined ? {} : { seed: seed as number });
}

async function callOf(rollouts: Rollouts, rollout: Rollout, item: unknown): Promise<object> {
  const fields = objectIn(item);
  const result = await rollouts.call(rollout, textField(fields, 'name'), fields['arguments']);
  return shownResult(result);
}

function shownResult(result: ToolResult): object {
  if (result.ok) return { ok: true, result: result.value };
  return { ok: false, error: { code: result.code, message: result.message } };
}

function stateOf(rollouts: Rollouts, rollout: Rollout): object {
  const { id, task, environment, session, seed } = rollout;
  return {
    session_id: id,
    task_key: task?.key ?? '',
    env_id: environment.env.id,
    ...(seed !== undefined && { seed }),
    step_count: session.calls.length,
    calls: rollouts.calls(rollout),
    has_submission: session.submission !== undefined,
    state_hash: session.db.stateHash(),
  };
}

function taskPage(rollouts: Rollouts, query: URLSearchParams): object {
  const limit = Number(query.get('limit') ?? MAX_TASK_PAGE);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_TASK_PAGE) {
    throw new ServiceError('bad_request', `limit is a whole number from 1 to ${MAX_TASK_PAGE}`);
  }
  const keys = rollouts.taskKeys(query.get('after') ?? undefined, limit);
  return { task_keys: keys, ...(keys.length === limit && { next: keys.at(-1) }) };
}

function reset(rollouts: Rollouts, fields: Readonly<Record<string, unknown>>): object {
  const rollout = openTask(rollouts, fields);
  const { session_id: id, prompt, tools } = rollouts.describe(rollout);
  return { session_id: id, observation: { messages: prompt, tools }, reward: 0, done: false };
}

/** Actions: {tool, arguments}, {user: message}, {finish: true, messages?, submission?}. */
async function step(
  rollouts: Rollouts,
  fields: Readonly<Record<string, unknown>>,
): Promise<object> {
  const rollout = sessionIn(rollouts, fields);
  const action = objectIn(fields['action']);
  if (typeof action['tool'] === 'string') {
    const result = await rollouts.call(rollout, action['tool'], action['arguments']);
    return { observation: shownResult(result), reward: 0, done: false };
  }
  if (typeof action['user'] === 'string') {
    return { observation: rollouts.say(rollout, action['user']), reward: 0, done: false };
  }
  if (action['finish'] === true) {
    const { messages, submission } = action;
    const { reward, ...info } = await rollouts.verify(rollout, messages, submission);
    rollouts.close(rollout.id);
    return { observation: null, reward, done: true, info };
  }
  throw new ServiceError(
    'bad_request',
    'an action is {tool, arguments}, {user} or {finish: true, messages, submission}',
  );
}

function sessionIn(rollouts: Rollouts, item: unknown): Rollout {
  return rollouts.get(textField(objectIn(item), 'session_id'));
}

function objectIn(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>;
  }
  throw new ServiceError('bad_request', 'expected a JSON object');
}

function textField(fields: Readonly<Record<string, unknown>>, name: string): string {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (typeof value === 'string') return value;
  throw new ServiceError('bad_request', `${name} is no text`);
}
