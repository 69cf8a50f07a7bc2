// The branch that a run goes on with: what was there, and each message as it is finished, kept before it
// counts. A chain, so every message is the parent of the next.

import type { NewMessage } from '../conversations/message-rows.js';
import type { StoredAssistantMessage, StoredMessage, StoredToolMessage } from '../wire.js';
import type { CallResult } from './call-tools.js';

type Draft<Message> = Omit<Message, 'parent_id' | 'created_at'>;

export class RunRows {
  readonly #rows: StoredMessage[];

  constructor(
    branch: readonly StoredMessage[],
    private readonly options: {
      keep: (message: NewMessage) => Promise<unknown>;
      now: () => number;
    },
  ) {
    this.#rows = [...branch];
  }

  /** Root to the newest. */
  get branch(): readonly StoredMessage[] {
    return this.#rows;
  }

  /** @throws StoreError, PlatformUnavailableError */
  async add(message: Draft<StoredAssistantMessage> | Draft<StoredToolMessage>): Promise<void> {
    const row = {
      ...message,
      parent_id: this.#rows.at(-1)?.id ?? null,
      created_at: new Date(this.options.now()).toISOString(),
    };
    await this.options.keep(row);
    this.#rows.push(row);
  }

  /** @throws StoreError, PlatformUnavailableError */
  async addResult(result: CallResult): Promise<void> {
    const { call, messageId, content, isError, durationMs, fullLength, isDenied } = result;
    await this.add({
      id: messageId,
      role: 'tool',
      call_id: call.id,
      name: call.name,
      content,
      is_error: isError,
      duration_ms: durationMs,
      full_length: fullLength,
      ...(isDenied && { denied: true }),
    });
  }
}
