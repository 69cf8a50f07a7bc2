// The place in the list after which the next page goes on, as opaque text.

import type { PagePlace } from '../../store/conversation-types.js';
import { WebError } from '../web-error.js';

export function writeCursor({ updatedAt, id }: PagePlace): string {
  return Buffer.from(`${updatedAt} ${id}`).toString('base64url');
}

/** @throws WebError 400 */
export function readCursor(cursor: string): PagePlace {
  const text = Buffer.from(cursor, 'base64url').toString();
  const [, updatedAt, id] = /^(\d{1,15}) (\w{1,64})$/.exec(text) ?? [];
  if (updatedAt !== undefined && id !== undefined) return { updatedAt: Number(updatedAt), id };
  throw new WebError(400, `the cursor ${JSON.stringify(cursor)} is none of a page of this list`);
}
