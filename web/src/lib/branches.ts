// A conversation as the tree it is: every message knows its parent, and a head names the branch that is
// shown. Pure; the rows are never changed.

import type { StoredMessage } from '../../../src/web/wire.js';

export interface MessageTree {
  byId: ReadonlyMap<string, StoredMessage>;
  /** By the parent's id, null for first messages; oldest first. */
  children: ReadonlyMap<string | null, readonly StoredMessage[]>;
}

export function treeOf(messages: readonly StoredMessage[]): MessageTree {
  const byId = new Map<string, StoredMessage>();
  const children = new Map<string | null, StoredMessage[]>();
  for (const message of messages) {
    byId.set(message.id, message);
    const siblings = children.get(message.parent_id);
    if (siblings) siblings.push(message);
    else children.set(message.parent_id, [message]);
  }
  return { byId, children };
}

/** From the first message to the head; empty for a head that is not there. */
export function branchTo({ byId }: MessageTree, headId: string | null): StoredMessage[] {
  const branch: StoredMessage[] = [];
  const seen = new Set<string>();
  let id = headId;
  while (id !== null && !seen.has(id)) {
    seen.add(id);
    const message = byId.get(id);
    if (!message) break;
    branch.push(message);
    id = message.parent_id;
  }
  return branch.toReversed();
}

/** The message and those that stand in its place on other branches: same parent, same role. */
export function siblingsOf({ children }: MessageTree, message: StoredMessage): StoredMessage[] {
  return (children.get(message.parent_id) ?? []).filter(({ role }) => role === message.role);
}

/** Where a conversation was left last behind a message: the newest row of all branches through it. */
export function newestLeaf({ byId, children }: MessageTree, id: string): string {
  const below = new Set([id]);
  for (const parent of below) {
    // A set grows while it is walked, and takes nothing twice.
    for (const child of children.get(parent) ?? []) below.add(child.id);
  }
  let leaf = id;
  for (const row of byId.keys()) if (below.has(row)) leaf = row;
  return leaf;
}
