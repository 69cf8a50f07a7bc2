// The runs of this process: begun, found by those whose key they are, forgotten some minutes after their
// end. One at a time in a conversation, and a bounded number per key.

import { randomBytes } from 'node:crypto';
import type { ConversationStore } from '../conversations/conversation-store.js';
import { newMessageId } from '../conversations/message-rows.js';
import { fileIdsOf } from '../conversations/prompt.js';
import type { OfferedTool } from '../tools/offered-tool.js';
import { WebError } from '../web-error.js';
import type {
  ConversationSettings,
  NewDetachedRun,
  NewRun,
  RunStarted,
  StoredMessage,
  StoredUserMessage,
} from '../wire.js';
import { titleOf } from './conversation-title.js';
import { Run, type RunHost, type RunOptions } from './run.js';

/** Requests to the model that one run makes. */
const MAX_ROUNDS = 16;
/** Runs of a key that are not over. */
const MAX_PER_KEY = 8;
/** How long the events of a run that is over are kept, and how many of all of them. */
const KEPT_MS = 10 * 60_000;
const KEPT_CHARACTERS = 128 << 20;

export interface RunsOptions {
  host: RunHost;
  store: Pick<
    ConversationStore,
    'settings' | 'branch' | 'append' | 'fileTexts' | 'rename' | 'allowTool' | 'get'
  >;
  resolveTools: (keyId: string, ids: readonly string[]) => Promise<OfferedTool[]>;
}

export class Runs {
  /** In the order in which they began. */
  readonly #runs = new Map<string, Run>();
  /** Conversations whose run is being prepared, and the key that asked for it. */
  readonly #preparing = new Map<string, string>();
  #isClosed = false;

  constructor(private readonly options: RunsOptions) {}

  /** @throws WebError 400, 409, 429, 503; StoreError not-found, invalid; PlatformUnavailableError */
  async start(keyId: string, conversationId: string, asked: NewRun): Promise<RunStarted> {
    // First whose it is: what runs in another key's conversation is not told, nor held up.
    const settings = await this.options.store.settings(keyId, conversationId);
    this.#requireRoom(keyId);
    const active = this.activeRun(conversationId);
    if (active !== null || this.#preparing.has(conversationId)) {
      throw new WebError(
        409,
        `${active === null ? 'a run' : `run ${active}`} of this conversation is not over: stop it, or wait for its end`,
      );
    }
    this.#preparing.set(conversationId, keyId);
    try {
      return await this.#start({ keyId, conversationId, settings }, asked);
    } finally {
      this.#preparing.delete(conversationId);
    }
  }

  /** @throws WebError 400, 429, 503 */
  startDetached(keyId: string, { settings, messages }: NewDetachedRun): RunStarted {
    this.#requireRoom(keyId);
    if (messages.at(-1)?.role !== 'user') {
      throw new WebError(400, 'the last of the messages must be a question of the user');
    }
    const run = this.#add({
      keyId,
      conversationId: null,
      settings,
      branch: detachedBranch(messages),
      files: new Map(),
      keep: () => Promise.resolve(),
      allowTool: () => Promise.resolve(),
    });
    return { run_id: run.id, user_message: null };
  }

  /** @throws WebError 404 */
  get(keyId: string, runId: string): Run {
    this.#forget();
    const run = this.#runs.get(runId);
    if (run?.keyId === keyId) return run;
    throw new WebError(
      404,
      `there is no run ${JSON.stringify(runId)}: its events are kept for some minutes after its end`,
    );
  }

  activeRun(conversationId: string): string | null {
    for (const run of this.#runs.values()) {
      if (run.conversationId === conversationId && run.endedAt === undefined) return run.id;
    }
    return null;
  }

  /** Resolves when it writes no more. */
  async stop(runId: string): Promise<void> {
    const run = this.#runs.get(runId);
    run?.stop();
    await run?.ended;
  }

  /** Ends all; none begins any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#runs.keys()].map((id) => this.stop(id)));
    this.#runs.clear();
  }

  async #start(
    {
      keyId,
      conversationId,
      settings,
    }: { keyId: string; conversationId: string; settings: ConversationSettings },
    asked: NewRun,
  ): Promise<RunStarted> {
    const { store } = this.options;
    const leafId = 'retry' in asked ? asked.retry : asked.parent_id;
    const branch = await store.branch(keyId, conversationId, leafId);
    let question: StoredUserMessage | null = null;
    if ('retry' in asked) {
      if (branch.at(-1)?.role !== 'user') {
        throw new WebError(
          400,
          `${asked.retry} is no question, and only questions are asked again`,
        );
      }
    } else {
      question = await this.#append(keyId, conversationId, asked);
      branch.push(question);
    }
    const texts = await store.fileTexts(keyId, conversationId, fileIdsOf(branch));
    const run = this.#add({
      keyId,
      conversationId,
      settings,
      branch,
      files: new Map(texts.map(({ ref, text }) => [ref.id, { name: ref.name, text }])),
      keep: (message) => store.append(keyId, conversationId, message),
      allowTool: (toolId) => store.allowTool(keyId, conversationId, toolId),
    });
    return { run_id: run.id, user_message: question };
  }

  async #append(
    keyId: string,
    conversationId: string,
    { parent_id, content, file_ids }: Extract<NewRun, { content: string }>,
  ): Promise<StoredUserMessage> {
    const { store } = this.options;
    if (content.trim() === '' && file_ids.length === 0) {
      throw new WebError(400, 'the question is empty and has no file');
    }
    const question = await store.append(keyId, conversationId, {
      id: newMessageId(),
      role: 'user',
      parent_id,
      content,
      file_ids,
    });
    const title = parent_id === null ? titleOf(content) : '';
    const isNew = title !== '' && (await store.get(keyId, conversationId)).title === '';
    if (isNew) await store.rename(keyId, conversationId, title);
    return question;
  }

  #add(parts: Omit<RunOptions, 'id' | 'host' | 'resolveTools' | 'maxRounds'>): Run {
    const { host, resolveTools } = this.options;
    this.#requireOpen();
    this.#forget();
    const id = `run_${randomBytes(12).toString('hex')}`;
    const run = new Run({
      ...parts,
      id,
      host,
      resolveTools: () => resolveTools(parts.keyId, parts.settings.tools),
      maxRounds: MAX_ROUNDS,
    });
    this.#runs.set(id, run);
    return run;
  }

  #requireOpen(): void {
    if (this.#isClosed)
      throw new WebError(503, 'the server is stopping; ask again when it is back');
  }

  #requireRoom(keyId: string): void {
    this.#requireOpen();
    const active = [...this.#runs.values()].filter(
      (run) => run.keyId === keyId && run.endedAt === undefined,
    );
    const preparing = [...this.#preparing.values()].filter((asker) => asker === keyId);
    const count = active.length + preparing.length;
    if (count < MAX_PER_KEY) return;
    throw new WebError(
      429,
      `${count} answers of this key are not over, which is the most there can be: stop one of ` +
        `${active.map(({ id }) => id).join(', ')}, or wait`,
    );
  }

  #forget(): void {
    const now = this.options.host.now();
    const over = [...this.#runs.values()].filter(({ endedAt }) => endedAt !== undefined);
    let numCharacters = over.reduce((sum, { log }) => sum + log.numCharacters, 0);
    for (const { id, endedAt, log } of over) {
      if (now - endedAt! <= KEPT_MS && numCharacters <= KEPT_CHARACTERS) continue;
      this.#runs.delete(id);
      numCharacters -= log.numCharacters;
    }
  }
}

function detachedBranch(messages: NewDetachedRun['messages']): StoredMessage[] {
  const created_at = new Date(0).toISOString();
  return messages.map(({ role, content }, index): StoredMessage => {
    const base = {
      id: String(index),
      parent_id: index === 0 ? null : String(index - 1),
      created_at,
    };
    if (role === 'user') return { ...base, role, content, files: [] };
    return {
      ...base,
      role,
      content,
      reasoning: null,
      reasoning_ms: null,
      reasoning_forced: false,
      tool_calls: [],
      finish_reason: 'stop',
      trace_id: null,
      usage: null,
      error: null,
      model: 'standard',
      thinking: false,
    };
  });
}
