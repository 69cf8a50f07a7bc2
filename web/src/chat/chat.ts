// One conversation as the page holds it: its rows, its settings, the run that answers now. Views read
// the signals; what they want done are methods here. A chat that was never sent anything has no id yet:
// the first message makes the conversation.

import { batch, computed, signal } from '@preact/signals';
import type { RunEvent } from '../../../src/web/run-events.js';
import type { Turn } from '../../../src/web/turn.js';
import type {
  Approval,
  Conversation,
  ConversationSettings,
  NewRun,
  RunStarted,
  StoredMessage,
  StoredUserMessage,
} from '../../../src/web/wire.js';
import { ApiFailure, call, messageOf } from '../api/http.js';
import { Attachments } from '../files/attachments.js';
import { texts } from '../i18n/language.js';
import { branchTo, newestLeaf, siblingsOf, treeOf } from '../lib/branches.js';
import { newChatSettings } from '../settings/preferences.js';
import { exchangesToShow, type Exchange } from './exchanges.js';
import { announce } from './announcer.js';
import { loadCatalog } from './catalog.js';
import { LiveRun } from './live-run.js';
import { ShownTurns } from './shown-turns.js';

const words = texts({
  en: {
    answered: 'The answer is finished.',
    failed: 'The answer failed.',
    asks: (tool: string) => `The tool ${tool} waits for your approval.`,
  },
  zh: {
    answered: '回答已完成。',
    failed: '回答失败。',
    asks: (tool: string) => `工具 ${tool} 等待你的批准。`,
  },
});

const LOAD_AGAIN_MS = 2000;

export class Chat {
  readonly id = signal<string | null>(null);
  readonly conversation = signal<Conversation | null>(null);
  /** null until they are known. */
  readonly settings = signal<ConversationSettings | null>(null);
  readonly run = signal<LiveRun | null>(null);
  /** A question is on its way to the server. */
  readonly isSending = signal(false);
  /** Files of the next question. */
  readonly attachments = new Attachments(() => this.ensureId());
  /** Why it could not be opened. */
  readonly failure = signal<string | null>(null);
  /** Why the last wish was not done. */
  readonly problem = signal<string | null>(null);

  readonly #tree = computed(() => treeOf(this.conversation.value?.messages ?? []));
  readonly #branch = computed(() =>
    branchTo(this.#tree.value, this.conversation.value?.head_id ?? null),
  );
  /** What is shown: every question of the branch with its answer. */
  readonly exchanges = computed<readonly Exchange[]>(() =>
    exchangesToShow({
      tree: this.#tree.value,
      branch: this.#branch.value,
      run: this.run.value,
      answered: this.#answered,
      turnOf: (answer) => this.#turns.of(answer),
    }),
  );
  /** Behind which message the next question stands. */
  readonly headId = computed(() => this.#branch.value.at(-1)?.id ?? null);

  /** The question that the run answers. */
  #answered: string | null = null;
  readonly #turns = new ShownTurns();
  #saving: Promise<unknown> = Promise.resolve();
  #creating: Promise<string> | undefined;
  readonly #onCreated: (chat: Chat, id: string) => void;

  constructor(id: string | null, onCreated: (chat: Chat, id: string) => void) {
    this.id.value = id;
    this.#onCreated = onCreated;
  }

  /** Loads what is there and follows a run that goes on. Failures are in `failure`. */
  async open(): Promise<void> {
    this.failure.value = null;
    try {
      const offered = await loadCatalog();
      if (this.id.value === null) this.settings.value ??= newChatSettings(offered);
      else if (!this.run.value) await this.#load();
    } catch (error) {
      this.failure.value = messageOf(error);
    }
  }

  /** The id of the conversation, which is made now if there is none. @throws ApiFailure */
  ensureId(): Promise<string> {
    if (this.id.value !== null) return Promise.resolve(this.id.value);
    // Several files may ask for it at once; after a failure it is tried anew.
    this.#creating ??= this.#create().finally(() => (this.#creating = undefined));
    return this.#creating;
  }

  async #create(): Promise<string> {
    const made = await call<Conversation>('/web/v1/conversations', {
      method: 'POST',
      body: { settings: this.settings.value },
    });
    batch(() => {
      this.conversation.value = made;
      this.settings.value = made.settings;
      this.id.value = made.id;
    });
    this.#onCreated(this, made.id);
    return made.id;
  }

  /** @returns whether it was taken; if not, `problem` says why. */
  ask(content: string, fileIds: string[]): Promise<boolean> {
    return this.#begin({ parent_id: this.headId.value, content, file_ids: fileIds });
  }

  /** Asks the question anew in other words, on a branch beside it. */
  edit(question: StoredUserMessage, content: string): Promise<boolean> {
    const fileIds = question.files.map(({ id }) => id);
    return this.#begin({ parent_id: question.parent_id, content, file_ids: fileIds });
  }

  retry(questionId: string): Promise<boolean> {
    return this.#begin({ retry: questionId });
  }

  /** Shows the branch through this message. */
  async show(messageId: string): Promise<void> {
    const leaf = newestLeaf(this.#tree.value, messageId);
    const before = this.conversation.value;
    if (!before || this.run.value) return;
    this.conversation.value = { ...before, head_id: leaf };
    await this.#try(() => this.#patch({ head_id: leaf }));
  }

  siblingsOf(message: StoredMessage): StoredMessage[] {
    return siblingsOf(this.#tree.value, message);
  }

  async rename(title: string): Promise<void> {
    const before = this.conversation.value;
    if (!before) return;
    this.conversation.value = { ...before, title };
    await this.#try(() => this.#patch({ title }));
  }

  /** Taken at once; kept on the server where there is a conversation. */
  change(change: Partial<ConversationSettings>): void {
    if (!this.settings.value) return;
    this.settings.value = { ...this.settings.value, ...change };
    if (this.id.value === null) return;
    this.#saving = this.#saving.then(() => this.#try(() => this.#patch({ settings: change })));
  }

  async stop(): Promise<void> {
    await this.#try(async () => this.run.value?.stop());
  }

  // Given to views as they are, and always the same functions, so that nothing is drawn for them.

  readonly answerNow = (): void => {
    void this.#try(async () => this.run.value?.answerNow());
  };

  readonly decide = (callId: string, decision: Approval['decision']): void => {
    void this.#try(async () => this.run.value?.decide(callId, decision));
  };

  /** The page shows another conversation; a run goes on and is still followed. */
  get isIdle(): boolean {
    return this.run.value === null && !this.isSending.value;
  }

  async #begin(how: NewRun): Promise<boolean> {
    if (this.isSending.value || this.run.value) return false;
    this.isSending.value = true;
    this.problem.value = null;
    try {
      const id = await this.ensureId();
      await this.#saving; // the answer is made with the settings that are shown
      const path = `/web/v1/conversations/${id}/runs`;
      const started = await call<RunStarted>(path, { method: 'POST', body: how });
      const { user_message: question } = started;
      const questionId = 'retry' in how ? how.retry : question!.id;
      batch(() => {
        const { value } = this.conversation;
        this.conversation.value = {
          ...value!,
          head_id: questionId,
          messages: question ? [...value!.messages, question] : value!.messages,
        };
        this.#follow(started.run_id, questionId);
      });
      return true;
    } catch (error) {
      this.problem.value = messageOf(error);
      return false;
    } finally {
      this.isSending.value = false;
    }
  }

  #follow(runId: string, questionId: string | null): void {
    const run = new LiveRun(runId, (event, turn) => this.#hear(event, turn));
    this.#answered = questionId;
    this.run.value = run;
    void this.#followToEnd(run);
  }

  async #followToEnd(run: LiveRun): Promise<void> {
    try {
      await run.follow();
    } catch (error) {
      // The server knows the run no longer: what it kept of it is in the conversation.
      if (!(error instanceof ApiFailure && error.status === 404)) {
        this.problem.value = messageOf(error);
      }
    }
    await this.#loadAfter(run);
    if (run.isOver) announce(run.turn.status === 'failed' ? words().failed : words().answered);
  }

  /** What the server kept takes the run's place; until it can be asked, the run stays in sight. */
  async #loadAfter(run: LiveRun): Promise<void> {
    for (;;) {
      try {
        await this.#load(run);
        run.isAway.value = false;
        return;
      } catch (error) {
        if (!(error instanceof ApiFailure) || (error.status > 0 && error.status < 500)) {
          this.problem.value = messageOf(error);
          this.run.value = null;
          return;
        }
        run.isAway.value = true;
        await new Promise((resolve) => setTimeout(resolve, LOAD_AGAIN_MS));
      }
    }
  }

  #hear(event: RunEvent, turn: Turn): void {
    if (event.type !== 'tool-approval') return;
    const blocks = turn.rounds.flatMap(({ blocks: some }) => some);
    const block = blocks.findLast((each) => each.type === 'tool' && each.callId === event.call_id);
    if (block?.type === 'tool') announce(words().asks(block.tool?.title ?? block.name));
  }

  /** `ended`: its turn stays as it was drawn. */
  async #load(ended?: LiveRun): Promise<void> {
    await this.#saving; // or a choice made just now would seem to be taken back
    const loaded = await call<Conversation>(`/web/v1/conversations/${this.id.value}`);
    batch(() => {
      if (ended) this.#turns.keep(ended.turn, loaded);
      this.conversation.value = loaded;
      this.settings.value = loaded.settings;
      if (ended) this.run.value = null;
      const { active_run: running } = loaded;
      if (running !== null && running !== ended?.id) {
        const question = branchTo(treeOf(loaded.messages), loaded.head_id).findLast(
          ({ role }) => role === 'user',
        );
        this.#follow(running, question?.id ?? null);
      }
    });
  }

  async #patch(change: object): Promise<void> {
    await call(`/web/v1/conversations/${this.id.value}`, { method: 'PATCH', body: change });
  }

  async #try(wish: () => Promise<unknown>): Promise<void> {
    this.problem.value = null;
    try {
      await wish();
    } catch (error) {
      this.problem.value = messageOf(error);
    }
  }
}
