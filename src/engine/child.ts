// The child side of the process boundary: takes messages, drives one Engine, sends its events.
// Which model it runs is the entry's business (child-main.ts loads the real one).
// Contract: ends by itself when the parent goes away, whatever the reason.

import { Engine } from './engine.js';
import { GrammarGate } from './grammar/grammar-gate.js';
import type { FromChild, ModelSource, ToChild } from './messages.js';
import type { ModelRunner } from './model-runner.js';
import { openSpeculation } from './open-speculation.js';
import { openPrefixCache } from './prefix-cache/open-prefix-cache.js';
import type { PrefixCache } from './prefix-cache/prefix-cache.js';
import type { TokenTable } from '../backend/token-table.js';

/** Less than the parent's patience (engine-process.ts). */
const MAX_FLUSH_MS = 1500;

type LoadMessage = Extract<ToChild, { type: 'load' }>;

export interface LoadContext {
  source: ModelSource;
  /** The bytes that prompts and stop strings are made of; they must be the model's own. */
  tokenTable: TokenTable;
  /** Something is not as it should be, such as a slow device. */
  onWarning: (warning: string) => void;
  /** What was chosen. */
  onNote: (note: string) => void;
  onProgress: (loadedBytes: number, totalBytes: number) => void;
  /** Told before something is built that takes seconds, once. */
  onBuild?: (message: string) => void;
}

export type LoadRunner = (context: LoadContext) => Promise<ModelRunner>;

/** Serves engine messages on this process's IPC channel until the parent disconnects. */
export function serveEngine(loadRunner: LoadRunner): void {
  let engine: Engine | undefined;
  let gate: GrammarGate | undefined;
  let prefixCache: PrefixCache | undefined;

  process.on('message', (message: ToChild) => {
    switch (message.type) {
      case 'load':
        void load(message);
        return;
      case 'generate':
        gate?.admit(message.request);
        return;
      case 'abort':
        gate?.abort(message.id);
        engine?.abort(message.id);
        return;
      case 'stats':
        if (engine) {
          const residentBytes = process.memoryUsage.rss();
          send({ type: 'stats', stats: { ...engine.stats(), residentBytes } });
        }
        return;
      default:
        message satisfies never;
    }
  });
  // A closed channel means nobody is left to serve. Memory goes with the process; waiting for a
  // slice in flight would only delay the parent's shutdown. What the cache is writing is worth a
  // moment: the next start would compute it again.
  process.on('disconnect', () => {
    setTimeout(() => process.exit(0), MAX_FLUSH_MS);
    void (prefixCache?.flush() ?? Promise.resolve()).then(() => process.exit(0));
  });
  // Ctrl-C in a terminal and service managers reach the whole process group: the parent decides
  // when to stop, after the last chunks.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

  async function load({ source, tokenTable, cache, scheduling }: LoadMessage): Promise<void> {
    try {
      const onWarning = (message: string): void => send({ type: 'warning', message });
      const onNote = (message: string): void => send({ type: 'note', message });
      const onProgress = (loadedBytes: number, totalBytes: number): void => {
        send({ type: 'progress', loadedBytes, totalBytes });
      };
      const onBuild = (message: string): void => send({ type: 'building', message });
      const told = { onWarning, onNote, onProgress, onBuild };
      const runner = await loadRunner({ source, tokenTable, ...told });
      prefixCache = cache === false ? undefined : openPrefixCache(cache, runner, onWarning);
      const mode = source.draft ?? 'auto';
      const speculation = await openSpeculation(runner, mode, { onWarning, onNote });
      engine = new Engine({
        runner,
        tokenTable,
        speculation,
        ...(prefixCache && { prefixCache }),
        ...(scheduling && { scheduling }),
        emit: (events) => send({ type: 'events', events }),
        onError: (error, id) => send({ type: 'error', id, message: messageOf(error) }),
      });
      gate = new GrammarGate({
        engine,
        tokenTable,
        emit: (event, id) => send({ type: 'events', events: [{ id, event }] }),
        refuse: (id, message, code) => send({ type: 'refused', id, message, code }),
      });
      send({ type: 'ready', card: { ...runner.card, grammars: true } });
    } catch (error) {
      send({ type: 'load-failed', message: messageOf(error) });
    }
  }
}

function send(message: FromChild): void {
  // Sending fails only when the parent is gone; the disconnect handler ends the process then.
  process.send?.(message, undefined, undefined, () => {});
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
