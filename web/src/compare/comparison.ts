// One prompt, two ways to answer it: the release compares its standard and Speciale models like this.
// Lives as long as the page, so that looking elsewhere loses nothing.

import { computed, effect, signal } from '@preact/signals';
import type {
  ConversationSettings,
  ImportResult,
  NewDetachedRun,
  RunStarted,
} from '../../../src/web/wire.js';
import { call, messageOf } from '../api/http.js';
import { session } from '../api/session.js';
import { LiveRun } from '../chat/live-run.js';
import { exportOf } from './export-of.js';

export class Side {
  readonly settings = signal<ConversationSettings | null>(null);
  readonly run = signal<LiveRun | null>(null);
  readonly problem = signal<string | null>(null);
  readonly isStarting = signal(false);
  /** With which settings the answer that is shown was made. */
  asked: { prompt: string; settings: ConversationSettings } | undefined;

  readonly isBusy = computed(() => {
    const { value: run } = this.run;
    return (
      this.isStarting.value || (run !== null && !run.isDrawnToEnd.value && !this.problem.value)
    );
  });

  readonly answerNow = (): void => {
    this.#try(this.run.value?.answerNow());
  };

  readonly decide = (callId: string, decision: 'allow' | 'always' | 'deny'): void => {
    this.#try(this.run.value?.decide(callId, decision));
  };

  change(change: Partial<ConversationSettings>): void {
    if (this.settings.value) this.settings.value = { ...this.settings.value, ...change };
  }

  async ask(prompt: string): Promise<void> {
    const settings = this.settings.value;
    if (!settings || this.isBusy.value) return;
    this.isStarting.value = true;
    this.problem.value = null;
    this.run.value = null;
    try {
      const body: NewDetachedRun = { settings, messages: [{ role: 'user', content: prompt }] };
      const { run_id: id } = await call<RunStarted>('/web/v1/runs', { method: 'POST', body });
      this.asked = { prompt, settings };
      const run = new LiveRun(id);
      this.run.value = run;
      this.isStarting.value = false;
      await run.follow();
    } catch (error) {
      this.problem.value = messageOf(error);
    } finally {
      this.isStarting.value = false;
    }
  }

  stop(): void {
    if (this.isBusy.value) this.#try(this.run.value?.stop());
  }

  /** Makes a conversation of the prompt and this answer. @returns its id @throws ApiFailure */
  async toConversation(): Promise<string> {
    const { value: run } = this.run;
    if (!run || !this.asked) throw new Error('nothing was answered here');
    const { data } = await call<ImportResult>('/web/v1/conversations/import', {
      method: 'POST',
      body: exportOf({ ...this.asked, turn: run.turn, at: new Date() }),
    });
    return data[0]!.id;
  }

  #try(wish: Promise<void> | undefined): void {
    wish?.catch((error: unknown) => (this.problem.value = messageOf(error)));
  }
}

export class Comparison {
  readonly prompt = signal('');
  readonly left = new Side();
  readonly right = new Side();

  readonly isBusy = computed(() => this.left.isBusy.value || this.right.isBusy.value);

  /** Both with the same tools, which Speciale cannot use: none. */
  begin(defaults: ConversationSettings): void {
    const shared = { ...defaults, tools: [], thinking: true };
    this.left.settings.value ??= { ...shared, model: 'standard' };
    this.right.settings.value ??= { ...shared, model: 'speciale' };
  }

  ask(): void {
    const prompt = this.prompt.value.trim();
    if (prompt === '' || this.isBusy.value) return;
    void this.left.ask(prompt);
    void this.right.ask(prompt);
  }

  stop(): void {
    this.left.stop();
    this.right.stop();
  }

  leave(): void {
    for (const side of [this.left, this.right]) side.run.peek()?.leave();
  }

  /** Exchanges the settings of the sides; answers are made anew. */
  swap(): void {
    const { value } = this.left.settings;
    this.left.settings.value = this.right.settings.value;
    this.right.settings.value = value;
    for (const side of [this.left, this.right]) {
      side.run.value?.leave();
      side.run.value = null;
      side.problem.value = null;
    }
  }
}

/** The one of this page; anew for whoever signs in. */
export const comparison = signal(new Comparison());

let owner: string | undefined;
effect(() => {
  const now = session.value?.key?.id;
  if (now !== owner) {
    comparison.peek().leave();
    comparison.value = new Comparison();
  }
  owner = now;
});
