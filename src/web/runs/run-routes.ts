// The routes of runs: begin one in a conversation or detached, follow its events, stop it, end its
// thinking, decide about a call.

import { Hono } from 'hono';
import { z } from 'zod';
import { settingsSchema } from '../conversations/settings.js';
import { readJson } from '../read-json.js';
import { requireKey } from '../web-api.js';
import { WebError } from '../web-error.js';
import type { WebEnv } from '../web-host.js';
import type { Approval, NewDetachedRun, NewRun } from '../wire.js';
import { eventStream } from './event-stream.js';
import type { Runs } from './runs.js';

const MAX_BODY_BYTES = 8 << 20;
const id = z.string().regex(/^[\w-]{1,64}$/);

const newRun = z.union([
  z.strictObject({
    parent_id: id.nullable(),
    content: z.string().max(4_000_000),
    file_ids: z.array(id).max(64),
  }),
  z.strictObject({ retry: id }),
]) satisfies z.ZodType<NewRun>;

const detachedRun = z.strictObject({
  settings: settingsSchema,
  messages: z
    .array(
      z.strictObject({ role: z.enum(['user', 'assistant']), content: z.string().max(4_000_000) }),
    )
    .min(1)
    .max(1_000),
}) satisfies z.ZodType<NewDetachedRun>;

const approval = z.strictObject({
  decision: z.enum(['allow', 'always', 'deny']),
}) satisfies z.ZodType<Approval>;

/** To be mounted under /conversations. */
export function conversationRunRoutes(runs: Runs): Hono<WebEnv> {
  return new Hono<WebEnv>().post('/:id/runs', async (c) => {
    const keyId = requireKey(c.var.caller);
    const asked = newRun.parse(await readJson(c.env.incoming, MAX_BODY_BYTES));
    return c.json(await runs.start(keyId, c.req.param('id'), asked), 201);
  });
}

/** /runs */
export function runRoutes(runs: Runs): Hono<WebEnv> {
  return new Hono<WebEnv>()
    .post('/', async (c) => {
      const keyId = requireKey(c.var.caller);
      const asked = detachedRun.parse(await readJson(c.env.incoming, MAX_BODY_BYTES));
      return c.json(runs.startDetached(keyId, asked), 201);
    })
    .get('/:id/events', (c) => {
      const { log } = runs.get(requireKey(c.var.caller), c.req.param('id'));
      const after = readAfter(c.req.query('after') ?? c.req.header('last-event-id'));
      if (after > log.lastId) {
        throw new WebError(
          400,
          `the run has ${log.lastId} events so far, and not one after ${after}`,
        );
      }
      // There is nothing more to come: an EventSource asks again until it is told so.
      if (log.isEnded && after === log.lastId) return c.body(null, 204);
      return c.body(eventStream(log, after), 200, {
        'content-type': 'text/event-stream; charset=utf-8',
        // For proxies that would gather it first.
        'x-accel-buffering': 'no',
      });
    })
    .post('/:id/stop', (c) => {
      runs.get(requireKey(c.var.caller), c.req.param('id')).stop();
      return c.body(null, 204);
    })
    .post('/:id/answer', (c) => {
      runs.get(requireKey(c.var.caller), c.req.param('id')).answerNow();
      return c.body(null, 204);
    })
    .post('/:id/approvals/:callId', async (c) => {
      const run = runs.get(requireKey(c.var.caller), c.req.param('id'));
      const { decision } = approval.parse(await readJson(c.env.incoming));
      await run.decide(c.req.param('callId'), decision);
      return c.body(null, 204);
    });
}

/** The id of the last event that the caller has. @throws WebError 400 */
function readAfter(text: string | undefined): number {
  if (text === undefined || text === '') return 0;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new WebError(400, `${JSON.stringify(text)} is no id of an event`);
}
