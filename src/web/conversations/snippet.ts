// The text around the first match of a search, on one line.

import type { MessageRecord } from '../../store/conversation-types.js';
import { foldCase } from '../../store/folded-text.js';

/** Few: lists are narrow, and the match shall be in sight. */
const BEFORE = 20;
const AFTER = 120;

export function snippetOf({ body }: MessageRecord, query: string): string {
  const { content } = body as { content: string };
  const at = Math.max(0, foldCase(content).indexOf(foldCase(query)));
  const start = at <= BEFORE ? 0 : wordStart(content, at - BEFORE, at);
  const end = onCharacter(content, Math.min(content.length, at + query.length + AFTER));
  const line = content.slice(start, end).replaceAll(/\s+/g, ' ').trim();
  return `${start > 0 ? '…' : ''}${line}${end < content.length ? '…' : ''}`;
}

/** The beginning of the first whole word between the two places, where there is one. */
function wordStart(text: string, from: number, to: number): number {
  const space = text.slice(from, to).search(/\s\S/);
  return space === -1 ? onCharacter(text, from) : from + space + 1;
}

/** Not between the halves of a surrogate pair. */
function onCharacter(text: string, index: number): number {
  const code = text.charCodeAt(index);
  return code >= 0xdc00 && code <= 0xdfff ? index + 1 : index;
}
