// Files on their way into a question: read in the page, counted and kept by the server, taken away again.

import { computed, signal } from '@preact/signals';
import type { FileRef, NewFile } from '../../../src/web/wire.js';
import { call, messageOf } from '../api/http.js';
import { FileProblem, readFile } from './read-file.js';

export interface Attachment {
  key: number;
  name: string;
  bytes: number;
  state: 'reading' | 'sending' | 'ready' | 'failed';
  /** 0 to 1 while it is read. */
  progress: number;
  /** Why it failed. */
  problem: string | null;
  /** Its text, as soon as it was read. */
  file: NewFile | null;
  /** What the server made of it. */
  kept: { conversationId: string; ref: FileRef } | null;
}

export class Attachments {
  readonly items = signal<readonly Attachment[]>([]);
  /** Of those that the server has. */
  readonly ids = computed(() =>
    this.items.value.flatMap(({ kept }) => (kept ? [kept.ref.id] : [])),
  );
  readonly isBusy = computed(() =>
    this.items.value.some(({ state }) => state === 'reading' || state === 'sending'),
  );
  readonly #conversation: () => Promise<string>;
  #nextKey = 1;

  /** `conversation`: the id of the one that the files are for, made now if it must be. */
  constructor(conversation: () => Promise<string>) {
    this.#conversation = conversation;
  }

  async add(files: readonly File[]): Promise<void> {
    await Promise.all(files.map((file) => this.#take(file)));
  }

  /** Gone from the question; the server forgets it too. */
  remove(key: number): void {
    const item = this.items.value.find((each) => each.key === key);
    this.items.value = this.items.value.filter((each) => each.key !== key);
    if (item?.kept) void forget(item.kept);
  }

  /** They belong to a question that was sent. */
  clear(): void {
    this.items.value = [];
  }

  async #take(file: File): Promise<void> {
    const key = this.#nextKey++;
    const { name, size: bytes } = file;
    const begun = { key, name, bytes, progress: 0, problem: null, file: null, kept: null };
    this.items.value = [...this.items.value, { ...begun, state: 'reading' }];
    try {
      const read = await readFile(file, (progress) => this.#change(key, { progress }));
      this.#change(key, { file: read, state: 'sending' });
      const conversationId = await this.#conversation();
      const path = `/web/v1/conversations/${conversationId}/files`;
      const ref = await call<FileRef>(path, { method: 'POST', body: read });
      const kept = { conversationId, ref };
      if (!this.#change(key, { kept, state: 'ready' })) await forget(kept);
    } catch (error) {
      const problem = error instanceof FileProblem ? error.message : messageOf(error);
      this.#change(key, { problem, state: 'failed' });
    }
  }

  /** @returns whether it is still there. */
  #change(key: number, change: Partial<Attachment>): boolean {
    let isThere = false;
    this.items.value = this.items.value.map((each) => {
      if (each.key !== key) return each;
      isThere = true;
      return { ...each, ...change };
    });
    return isThere;
  }
}

async function forget({ conversationId, ref }: NonNullable<Attachment['kept']>): Promise<void> {
  try {
    await call(`/web/v1/conversations/${conversationId}/files/${ref.id}`, { method: 'DELETE' });
  } catch {
    // It stays with the conversation, without a question that names it, and goes when that goes.
  }
}
