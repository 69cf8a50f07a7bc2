// Reads one stretch of text that may be an action in a client's own syntax: known elements, one
// after another, with nothing but whitespace between and behind them. Text arrives in pieces of any
// size and is kept until it turns out to be something else, or the reply ends. Works in linear
// time: only an unfinished tag is ever looked at twice.

import type { ClientTool, ClientTools } from './client-tools.js';

type State = 'opening' | 'inside' | 'in-parameter' | 'behind';

export class ActionScanner {
  readonly #tools: ClientTools;
  #state: State = 'opening';
  #tool: ClientTool | undefined;
  #parameterClosing = '';
  /** Nothing of the current element but its opening has been read. */
  #isFresh = true;
  /** Read so far, in pieces; `#rest` follows. */
  readonly #read: string[] = [];
  #numRead = 0;
  #rest = '';

  /** The text to be scanned begins with a `<`. */
  constructor(tools: ClientTools) {
    this.#tools = tools;
  }

  /** Characters kept. */
  get length(): number {
    return this.#numRead + this.#rest.length;
  }

  /** False: this is no action, and takes no more text; `split` tells where that became certain. */
  push(text: string): boolean {
    this.#rest += text;
    for (;;) {
      const outcome = this.#step();
      if (outcome !== 'next') return outcome === 'wait';
    }
  }

  /** All text, and how much of it needs no second look for an opening. */
  split(): { read: string; rest: string } {
    // The bracket that failed to be an opening is done with.
    if (this.#state === 'opening' && this.#rest !== '') this.#take(1);
    return { read: this.#read.join(''), rest: this.#rest };
  }

  /**
   * The action's text, if the reply may end here: behind a closed element, or behind the closing tag
   * of one whose parameter was left open, or before a closing tag that was the stop string.
   */
  action(stopString: string | undefined): string | undefined {
    const text = (this.#read.join('') + this.#rest).trimEnd();
    if (this.#state === 'behind') return text;
    const closing = this.#state === 'opening' ? undefined : this.#tool?.closing;
    if (closing === undefined) return undefined;
    return stopString === closing || text.endsWith(closing) ? text : undefined;
  }

  #step(): 'next' | 'wait' | 'failed' {
    switch (this.#state) {
      case 'opening':
        return this.#readOpening();
      case 'inside':
        return this.#readInside();
      case 'in-parameter':
        return this.#readParameter();
      case 'behind':
        return this.#readBehind();
    }
  }

  #readOpening(): 'next' | 'wait' | 'failed' {
    const found = matchOpening(this.#rest, this.#tools.keys());
    if (typeof found === 'string') return found;
    this.#tool = this.#tools.get(found.opening)!;
    this.#take(found.length);
    this.#isFresh = true;
    this.#state = 'inside';
    return 'next';
  }

  /** Between the parameters: the element's form decides early, later text is not judged. */
  #readInside(): 'next' | 'wait' | 'failed' {
    const { closing, parameters } = this.#tool!;
    const bracket = this.#rest.indexOf('<');
    const before = bracket < 0 ? this.#rest : this.#rest.slice(0, bracket);
    if (this.#isFresh && before.trim() !== '') return 'failed';
    this.#take(before.length);
    if (bracket < 0) return 'wait';
    if (this.#rest.startsWith(closing)) {
      this.#take(closing.length);
      this.#state = 'behind';
      return 'next';
    }
    const found = matchOpening(this.#rest, parameters.keys());
    if (typeof found !== 'string') {
      this.#take(found.length);
      this.#parameterClosing = parameters.get(found.opening)!;
      this.#isFresh = false;
      this.#state = 'in-parameter';
      return 'next';
    }
    if (found === 'wait' || closing.startsWith(this.#rest)) return 'wait';
    if (this.#isFresh) return 'failed';
    this.#take(1);
    return 'next';
  }

  #readParameter(): 'next' | 'wait' {
    const closing = this.#parameterClosing;
    const at = this.#rest.indexOf(closing);
    if (at < 0) {
      this.#take(Math.max(0, this.#rest.length - closing.length + 1));
      return 'wait';
    }
    this.#take(at + closing.length);
    this.#state = 'inside';
    return 'next';
  }

  #readBehind(): 'next' | 'wait' | 'failed' {
    const next = this.#rest.search(/\S/);
    if (next < 0) {
      this.#take(this.#rest.length);
      return 'wait';
    }
    if (this.#rest[next] !== '<') return 'failed';
    this.#take(next);
    this.#state = 'opening';
    return 'next';
  }

  #take(length: number): void {
    if (length === 0) return;
    this.#read.push(this.#rest.slice(0, length));
    this.#numRead += length;
    this.#rest = this.#rest.slice(length);
  }
}

/** Longest value of an opening that is not fixed: `<function=...>`. */
const MAX_VALUE = 128;

/** Which of the openings the text begins with; `wait`: it may become one. */
function matchOpening(
  text: string,
  openings: Iterable<string>,
): { opening: string; length: number } | 'wait' | 'failed' {
  let mayBecome = false;
  for (const opening of openings) {
    if (opening.startsWith(text)) mayBecome = text.length < opening.length || mayBecome;
    if (!text.startsWith(opening)) continue;
    if (opening.endsWith('>')) return { opening, length: opening.length };
    const value = text.slice(opening.length, opening.length + MAX_VALUE + 1);
    const end = value.search(/[<>\n]/);
    if (end < 0) mayBecome ||= value.length <= MAX_VALUE;
    else if (end > 0 && value[end] === '>') return { opening, length: opening.length + end + 1 };
  }
  return mayBecome ? 'wait' : 'failed';
}
