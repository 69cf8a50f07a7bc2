// The lines a person types into the chat, or a pipe's. Owns line editing and its drawing: keys typed
// while an answer is written are kept for the next line, and drawn only then. Knows no conversation.

import { createInterface, type Interface } from 'node:readline';
import { Writable } from 'node:stream';

export interface KeyboardOptions {
  input: NodeJS.ReadStream;
  output: NodeJS.WriteStream;
  prompt: string;
  /** Newest first. */
  history: string[];
  /** Ctrl-C on an empty line, or while `nextLine` is not waiting. */
  onInterrupt: () => void;
  /** The input has ended: Ctrl-D, or the end of a pipe. */
  onEnd: () => void;
}

/** Where the line editor draws. */
class Canvas extends Writable {
  isMuted = false;
  readonly #resized = () => this.emit('resize');

  constructor(private readonly stream: NodeJS.WriteStream) {
    super({ decodeStrings: false });
    stream.on('resize', this.#resized);
  }

  get columns(): number {
    return this.stream.columns;
  }

  override _write(text: string, _encoding: string, done: () => void): void {
    if (!this.isMuted) this.stream.write(text);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.stream.off('resize', this.#resized);
    done(error);
  }
}

export class Keyboard {
  /** Newest first; those typed before this run included. */
  history: string[] = [];
  readonly isInteractive: boolean;
  readonly #options: KeyboardOptions;
  readonly #canvas: Canvas;
  readonly #editor: Interface;
  /** With whether the person has seen it: a line ended while muted has not been drawn. */
  readonly #lines: { text: string; isDrawn: boolean }[] = [];
  #isEnded = false;
  #wake: (() => void) | undefined;
  readonly #onSignal = () => this.#interrupt();

  constructor(options: KeyboardOptions) {
    const { input, output, prompt, history } = options;
    this.#options = options;
    this.isInteractive = input.isTTY === true && output.isTTY === true;
    this.#canvas = new Canvas(output);
    this.#editor = createInterface({
      input,
      output: this.#canvas,
      terminal: this.isInteractive,
      prompt: this.isInteractive ? prompt : '',
      ...(this.isInteractive ? { history, historySize: 500 } : {}),
    });
    this.#editor.on('history', (lines: string[]) => {
      this.history = [...lines];
    });
    this.#editor.on('line', (text) => {
      this.#lines.push({ text, isDrawn: !this.#canvas.isMuted });
      this.#wake?.();
    });
    this.#editor.once('close', () => {
      this.#isEnded = true;
      options.onEnd();
      this.#wake?.();
    });
    this.#editor.on('SIGINT', this.#onSignal);
    // Without a terminal in raw mode Ctrl-C arrives as a signal.
    if (!this.isInteractive) process.on('SIGINT', this.#onSignal);
  }

  /** The next line, undefined at the end. Lines typed ahead come first. */
  async nextLine(): Promise<string | undefined> {
    this.#canvas.isMuted = false;
    if (this.#lines.length === 0 && !this.#isEnded) {
      this.prompt();
      await new Promise<void>((resolve) => (this.#wake = resolve));
      this.#wake = undefined;
    }
    const line = this.#lines.shift();
    if (line && !line.isDrawn && this.isInteractive) {
      this.#canvas.write(`${this.#options.prompt}${line.text}\n`);
    }
    this.#canvas.isMuted = this.isInteractive;
    return line?.text;
  }

  /** Shows the prompt, and after it what has been typed so far. */
  prompt(): void {
    if (this.isInteractive) this.#editor.prompt(true);
  }

  /** Stops listening; idempotent. */
  close(): void {
    process.off('SIGINT', this.#onSignal);
    this.#editor.close();
    this.#canvas.destroy();
  }

  #interrupt(): void {
    const isTyping = this.#wake !== undefined && this.#editor.line !== '';
    if (!isTyping) return this.#options.onInterrupt();
    // As in a shell: the half typed line is dropped and a new one begins.
    this.#editor.write(null, { ctrl: true, name: 'e' });
    this.#canvas.write('\n');
    this.#canvas.isMuted = true;
    this.#editor.write(null, { ctrl: true, name: 'u' });
    this.#canvas.isMuted = false;
    this.prompt();
  }
}
