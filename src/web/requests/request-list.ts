// A page of the request log, newest first: what the caller may see, of it what was asked for.

import { z } from 'zod';
import type { LoggedRequest } from '../../observe/logged-request.js';

const STATUS = ['running', 'ok', 'error'] as const;

export const listQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(500).default(50),
  /** Of the last row of the page before. */
  cursor: z.coerce.number().int().min(1).optional(),
  /** Key id. */
  key: z.string().max(200).optional(),
  model: z.string().max(200).optional(),
  status: z.union([z.enum(STATUS), z.coerce.number().int().min(100).max(599)]).optional(),
});

export type ListQuery = z.infer<typeof listQuery>;

export interface ListPage {
  requests: LoggedRequest[];
  cursor: string | null;
}

/** `requests`: newest first. */
export function pageOf(
  requests: readonly LoggedRequest[],
  { limit, cursor, key, model, status }: ListQuery,
): ListPage {
  const found = requests.filter(
    ({ sequence, observation: { facts }, ended }) =>
      (cursor === undefined || sequence < cursor) &&
      (key === undefined || facts.keyId === key) &&
      (model === undefined || facts.model === model) &&
      (status === undefined || hasStatus(ended, status)),
  );
  const page = found.slice(0, limit);
  const isLast = found.length <= limit;
  return { requests: page, cursor: isLast ? null : String(page.at(-1)!.sequence) };
}

function hasStatus(
  ended: LoggedRequest['ended'],
  wanted: (typeof STATUS)[number] | number,
): boolean {
  if (wanted === 'running') return ended === undefined;
  if (ended === undefined) return false;
  if (typeof wanted === 'number') return ended.status === wanted;
  const isError =
    ended.status >= 400 || ended.abortReason !== undefined || ended.errorType !== undefined;
  return isError === (wanted === 'error');
}
