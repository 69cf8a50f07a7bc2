// One line of progress: written over on a terminal, otherwise a new line every few seconds. The text is
// made only when it is shown.

interface Output {
  write(text: string): unknown;
  isTTY?: boolean | undefined;
}

const REDRAW_MS = 200;
const LINE_MS = 5000;

export class LiveLine {
  #shown = -Infinity;

  /** @param now milliseconds of any steady clock */
  constructor(
    readonly output: Output,
    readonly now: () => number,
  ) {}

  update(text: () => string): void {
    const isTerminal = this.output.isTTY === true;
    if (this.now() - this.#shown < (isTerminal ? REDRAW_MS : LINE_MS)) return;
    this.#shown = this.now();
    this.output.write(isTerminal ? `\r\x1b[K${text()}` : `${text()}\n`);
  }

  /** The last state, whenever one was shown. */
  finish(text: () => string): void {
    this.output.write(this.output.isTTY === true ? `\r\x1b[K${text()}\n` : `${text()}\n`);
  }
}
