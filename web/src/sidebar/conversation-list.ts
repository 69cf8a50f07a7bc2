// The list of conversations as the page holds it: the newest first, a page of it at a time, narrowed by
// a search, a folder or a tag. Views read the signals. What another part of the page knows earlier, a
// new conversation or a title, is put in with `note`.

import { batch, effect, signal } from '@preact/signals';
import type {
  ConversationChange,
  ConversationPage,
  ConversationSummary,
} from '../../../src/web/wire.js';
import { call, messageOf } from '../api/http.js';
import { session } from '../api/session.js';

export interface ListFilter {
  query: string;
  folder: string | null;
  tag: string | null;
}

const PATH = '/web/v1/conversations';
const PAGE = 60;
const EVERYTHING: ListFilter = { query: '', folder: null, tag: null };

class ConversationList {
  /** undefined = not loaded yet. */
  readonly items = signal<readonly ConversationSummary[] | undefined>(undefined);
  readonly folders = signal<readonly string[]>([]);
  readonly tags = signal<readonly string[]>([]);
  readonly filter = signal<ListFilter>(EVERYTHING);
  /** The search whose results `items` are: what is marked in them. */
  readonly shownQuery = signal('');
  readonly isLoading = signal(false);
  readonly problem = signal<string | null>(null);
  #cursor: string | null = null;
  #reading: AbortController | undefined;
  /** Deleted, and may come back yet. */
  readonly #hidden = new Set<string>();

  get isFiltered(): boolean {
    const { query, folder, tag } = this.filter.value;
    return query !== '' || folder !== null || tag !== null;
  }

  /** Where nothing is known yet. */
  async ensure(): Promise<void> {
    if (this.items.value === undefined) await this.load();
  }

  /** Anew from the top. Failures are in `problem`. */
  load(): Promise<void> {
    return this.#read(null);
  }

  /** As `load`, unless more than one page is shown. */
  async renew(): Promise<void> {
    if ((this.items.value?.length ?? 0) <= PAGE) await this.load();
  }

  /** The next page, if there is one. */
  async more(): Promise<void> {
    if (this.#cursor !== null && !this.isLoading.value) await this.#read(this.#cursor);
  }

  narrow(change: Partial<ListFilter>): Promise<void> {
    this.filter.value = { ...this.filter.value, ...change };
    return this.load();
  }

  showAll(): Promise<void> {
    return this.narrow(EVERYTHING);
  }

  /** Puts it where it belongs, or renews what is there. */
  note(conversation: ConversationSummary): void {
    const { value: items } = this.items;
    if (!items || this.#hidden.has(conversation.id)) return;
    const known = items.find(({ id }) => id === conversation.id);
    // Whether it is among what was searched for, the server knows.
    if (!known && this.isFiltered) return;
    const { id, title, folder, tags, created_at, updated_at } = conversation;
    const snippet = known?.snippet ?? null;
    const renewed = { id, title, folder, tags, created_at, updated_at, snippet };
    if (known && JSON.stringify(known) === JSON.stringify(renewed)) return;
    this.items.value = [...items.filter((item) => item !== known), renewed].toSorted(newestFirst);
  }

  /** Of somebody who left. */
  forget(): void {
    this.#reading?.abort();
    this.#hidden.clear();
    this.#cursor = null;
    batch(() => {
      this.items.value = undefined;
      this.filter.value = EVERYTHING;
      this.shownQuery.value = '';
      this.problem.value = null;
    });
  }

  /** Shown at once; taken back when the server refuses. @throws ApiFailure */
  async change(id: string, change: ConversationChange): Promise<void> {
    const before = this.items.value;
    const { title, folder, tags } = change;
    this.items.value = before?.map((item) =>
      item.id !== id
        ? item
        : {
            ...item,
            ...(title !== undefined && { title }),
            ...(folder !== undefined && { folder }),
            ...(tags !== undefined && { tags }),
          },
    );
    try {
      await call(`${PATH}/${id}`, { method: 'PATCH', body: change });
    } catch (error) {
      this.items.value = before;
      throw error;
    }
    if (folder !== undefined || tags !== undefined) await this.load();
  }

  hide(id: string): void {
    this.#hidden.add(id);
    this.items.value = this.items.value?.filter((item) => item.id !== id);
  }

  /** Takes a `hide` back. */
  bringBack(conversation: ConversationSummary): void {
    this.#hidden.delete(conversation.id);
    const { value: items = [] } = this.items;
    this.items.value = [...items, conversation].toSorted(newestFirst);
  }

  async #read(cursor: string | null): Promise<void> {
    this.#reading?.abort();
    const reading = (this.#reading = new AbortController());
    const { query, folder, tag } = this.filter.value;
    const wanted = query.trim();
    const parameters = new URLSearchParams({
      limit: String(PAGE),
      ...(wanted !== '' && { query: wanted }),
      ...(folder !== null && { folder }),
      ...(tag !== null && { tag }),
      ...(cursor !== null && { cursor }),
    });
    this.isLoading.value = true;
    try {
      const page = await call<ConversationPage>(`${PATH}?${parameters}`, {
        signal: reading.signal,
      });
      const found = page.data.filter(({ id }) => !this.#hidden.has(id));
      batch(() => {
        const before = cursor === null ? [] : (this.items.value ?? []);
        const known = new Set(before.map(({ id }) => id));
        this.items.value = [...before, ...found.filter(({ id }) => !known.has(id))];
        this.folders.value = page.folders;
        this.tags.value = page.tags;
        this.shownQuery.value = wanted;
        this.problem.value = null;
        this.#cursor = page.cursor;
      });
    } catch (error) {
      if (!reading.signal.aborted) this.problem.value = messageOf(error);
    } finally {
      if (this.#reading === reading) this.isLoading.value = false;
    }
  }
}

export const conversationList = new ConversationList();

let keyId: string | undefined;
effect(() => {
  const signedIn = session.value?.key?.id;
  if (signedIn !== keyId) conversationList.forget();
  keyId = signedIn;
});

function newestFirst(a: ConversationSummary, b: ConversationSummary): number {
  return a.updated_at < b.updated_at ? 1 : -1;
}
