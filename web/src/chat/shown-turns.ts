// The turns of a conversation that were drawn already: the same rows give the same object, and a turn
// that was followed stays the one that is shown, so that nothing of it is drawn again.

import { type Turn, turnOfMessages } from '../../../src/web/turn.js';
import type { Conversation, StoredMessage } from '../../../src/web/wire.js';
import { branchTo, treeOf } from '../lib/branches.js';

export class ShownTurns {
  /** By the ids of their rows. */
  readonly #known = new Map<string, Turn>();

  of(answer: readonly StoredMessage[]): Turn {
    const key = keyOf(answer);
    let turn = this.#known.get(key);
    if (!turn) this.#known.set(key, (turn = turnOfMessages(answer)));
    return turn;
  }

  /** The turn was followed to its end, and is now the last answer of the conversation. */
  keep(turn: Turn, { messages, head_id }: Conversation): void {
    const branch = branchTo(treeOf(messages), head_id);
    const start = branch.findLastIndex(({ role }) => role === 'user') + 1;
    const rows = branch.slice(start);
    const last = rows.findLast(({ role }) => role === 'assistant');
    if (last && last.id === turn.rounds.at(-1)?.messageId) this.#known.set(keyOf(rows), turn);
  }
}

function keyOf(rows: readonly StoredMessage[]): string {
  return rows.map(({ id }) => id).join(' ');
}
