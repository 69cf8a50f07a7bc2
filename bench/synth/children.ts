// Processes of the studio's bench, so that what is measured shares no heap and no event loop with what
// measures it: started by name, asked by messages, one answer for each question.

import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export class Child {
  readonly #process: ChildProcess;

  /** @param name of a module beside this one */
  constructor(
    readonly name: string,
    args: readonly string[] = [],
  ) {
    const path = fileURLToPath(new URL(`./${name}.js`, import.meta.url));
    this.#process = fork(path, args);
  }

  /** @throws Error if the process ends first */
  async ask<T>(question: object): Promise<T> {
    const ended = new AbortController();
    const { signal } = ended;
    try {
      return await Promise.race([
        once(this.#process, 'message', { signal }).then(([answer]) => answer as T),
        once(this.#process, 'exit', { signal }).then(([code]) => {
          throw new Error(`${this.name} ended with ${String(code)}`);
        }),
        new Promise<never>((_, reject) => {
          this.#process.send(question, (error) => error && reject(error));
        }),
      ]);
    } finally {
      ended.abort();
    }
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, 'exit');
    this.#process.kill();
    await ended;
  }
}

/** In a child: answers every question until the parent ends it. */
export function answerParent<Q>(answer: (question: Q) => unknown): void {
  process.on('message', (question: Q) => {
    void Promise.resolve(answer(question)).then((result) => process.send!(result ?? {}));
  });
  process.on('disconnect', () => process.exit());
}
