// POST /selection: what sparse attention kept of a request, for the heat map of the page. Computed by
// a second, slow look at the model, so only one at a time, bounded, and ended when nobody waits.

import { Hono } from 'hono';
import { z } from 'zod';
import { readJson } from '../read-json.js';
import { WebError } from '../web-error.js';
import type { Caller, WebEnv } from '../web-host.js';
import { requireOperator } from '../web-api.js';

/** What is looked at: tokens of a request that was answered, or a body that the model answers now. */
export type Inspected =
  { prompt: readonly number[]; reply: readonly number[] } | { body: Record<string, unknown> };

export interface SelectionHost {
  /** Tokens of a request that the caller may see. @throws WebError 404, 409 */
  tokensOf(traceId: string, caller: Caller): Extract<Inspected, { prompt: unknown }>;
  /** The report as JSON text. @throws WebError 400, 409, 503; the signal's reason */
  inspect(inspected: Inspected, options: InspectOptions): Promise<string>;
}

export interface InspectOptions {
  tokens: number;
  /** undefined = the model's own. */
  topk: number | undefined;
  signal: AbortSignal;
}

const MAX_BODY_BYTES = 4 * 1024 * 1024;
const DEFAULT_TOKENS = 48;

const selectionBody = z.strictObject({
  trace: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .optional(),
  body: z.record(z.string(), z.unknown()).optional(),
  tokens: z.number().int().min(1).max(128).optional(),
  top_k: z
    .number()
    .int()
    .min(1)
    .max(1 << 20)
    .optional(),
});

export function selectionRoutes(selection: SelectionHost): Hono<WebEnv> {
  const routes = new Hono<WebEnv>();
  let isBusy = false;

  routes.post('/', async (c) => {
    const { incoming, outgoing } = c.env;
    const request = selectionBody.parse(await readJson(incoming, MAX_BODY_BYTES));
    const { tokens = DEFAULT_TOKENS, top_k: topk } = request;
    const inspected = inspectedOf(request, selection, c.get('caller'));
    if (isBusy) {
      throw new WebError(429, 'another selection is being computed; try again when it is done');
    }
    isBusy = true;
    const abort = new AbortController();
    const onLeave = () => abort.abort(new Error('the page left'));
    outgoing.once('close', onLeave);
    try {
      const { signal } = abort;
      const report = await selection.inspect(inspected, { tokens, topk, signal });
      return c.body(report, 200, { 'content-type': 'application/json' });
    } finally {
      isBusy = false;
      outgoing.removeListener('close', onLeave);
    }
  });
  return routes;
}

function inspectedOf(
  { trace, body }: z.infer<typeof selectionBody>,
  selection: SelectionHost,
  caller: Caller,
): Inspected {
  if ((trace === undefined) === (body === undefined)) {
    throw new WebError(400, 'give either `trace` or `body`');
  }
  if (trace !== undefined) return selection.tokensOf(trace, caller);
  // Of a trace everything was paid for already; a body would be answered for nothing.
  requireOperator(caller);
  return { body: body! };
}
