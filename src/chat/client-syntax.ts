// Keeps actions in a client's own syntax out of the reasoning. A model that thinks sometimes writes
// `<read_file>...</read_file>` as the end of its reasoning and stops: the client sees an empty
// answer (api reference §14, pitfall 3). Stands between completion parser and reply and decides one
// thing: known elements that begin a line of the reasoning, and are followed by nothing at all, are
// the answer. With any answer or native call behind them they are reasoning, like every mention, so
// the reply differs from the parser's only where its content would have been empty.
//
// Text is held back from such an opening until that is decided; what reaches MAX_HELD characters is
// reasoning. Contract: any split of the text gives the same reply.

import type { CompletionEvent } from '../encoding/completion.js';
import { ActionScanner } from './action-scanner.js';
import type { ClientTools } from './client-tools.js';

/** Room for the longest reply there is: 64K tokens of about four characters. */
const MAX_HELD = 262_144;

export class ClientSyntax {
  readonly #tools: ClientTools;
  /** Only blanks since the last line break of the reasoning. */
  #isAtLineStart = true;
  #scanner: ActionScanner | undefined;
  /** Whitespace of the content, while the text before it is held. */
  #heldContent = '';

  constructor(tools: ClientTools) {
    this.#tools = tools;
  }

  /** Text is held back: what looks like an action has begun. */
  get isHolding(): boolean {
    return this.#scanner !== undefined;
  }

  push(event: CompletionEvent, out: CompletionEvent[]): void {
    if (event.type === 'reasoning-delta') {
      this.#reasoning(event.text, out);
      return;
    }
    if (this.#scanner) {
      if (event.type === 'content-delta' && event.text.trim() === '') {
        this.#heldContent += event.text;
        return;
      }
      this.#release(out);
    }
    out.push(event);
  }

  /**
   * The completion has ended; `stopString` is what ended it, if one did. Returns whether the text
   * held became content.
   */
  finish(stopString: string | undefined, out: CompletionEvent[]): boolean {
    const text = this.#scanner?.action(stopString);
    if (text === undefined) {
      this.#release(out);
      return false;
    }
    this.#scanner = undefined;
    out.push({ type: 'content-delta', text });
    return true;
  }

  #reasoning(text: string, out: CompletionEvent[]): void {
    let rest = text;
    let passed = '';
    while (rest !== '') {
      if (!this.#scanner) {
        const at = this.#findOpening(rest);
        passed += rest.slice(0, at);
        rest = rest.slice(at);
        if (rest === '') break;
        this.#scanner = new ActionScanner(this.#tools);
      }
      const room = MAX_HELD - this.#scanner.length;
      const mayBeAction = this.#scanner.push(rest.slice(0, room));
      rest = rest.slice(room);
      if (mayBeAction && this.#scanner.length < MAX_HELD) continue;
      const failed = this.#scanner.split();
      this.#scanner = undefined;
      this.#follow(failed.read);
      passed += failed.read;
      rest = failed.rest + rest;
    }
    if (passed !== '') out.push({ type: 'reasoning-delta', text: passed });
  }

  /** Position of the first `<` that begins a line; the length without one. Keeps the line state. */
  #findOpening(text: string): number {
    let from = 0;
    for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at + 1)) {
      this.#follow(text.slice(from, at));
      if (this.#isAtLineStart) return at;
      from = at;
    }
    this.#follow(text.slice(from));
    return text.length;
  }

  #follow(text: string): void {
    const line = text.lastIndexOf('\n') + 1;
    const isBlank = /^[ \t]*$/.test(line === 0 ? text : text.slice(line));
    this.#isAtLineStart = isBlank && (line > 0 || this.#isAtLineStart);
  }

  /** What was held is reasoning after all. */
  #release(out: CompletionEvent[]): void {
    if (!this.#scanner) return;
    const { read, rest } = this.#scanner.split();
    this.#scanner = undefined;
    out.push({ type: 'reasoning-delta', text: read + rest });
    if (this.#heldContent !== '') out.push({ type: 'content-delta', text: this.#heldContent });
    this.#heldContent = '';
  }
}
