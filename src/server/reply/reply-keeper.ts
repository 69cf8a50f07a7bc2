// Gathers what a reply says, for the request log. Asks for room before it takes more, and gives
// everything up when there is none: a reply is never held up by the memory of it.

import type { ReplyEvent } from '../../chat/types.js';
import type { KeptReply, LoggedRequest } from '../../observe/logged-request.js';

/** Of one reply; what is longer is kept up to here. */
const MAX_CHARS = 512 * 1024;
/** Room is asked for in such steps. */
const STEP_BYTES = 8 * 1024;
/** While it grows a text is a tree of its pieces, which takes more than the text. */
const BYTES_PER_CHAR = 8;

export class ReplyKeeper {
  readonly #logged: LoggedRequest;
  readonly #reply: KeptReply = { reasoning: '', content: '', calls: [], isCut: false };
  #numChars = 0;
  #claimed = 0;
  #isOver = false;

  constructor(logged: LoggedRequest) {
    this.#logged = logged;
  }

  accept(event: ReplyEvent): void {
    switch (event.type) {
      case 'reasoning-delta':
        if (this.#hasRoom(event.text)) this.#reply.reasoning += event.text;
        break;
      case 'content-delta':
        if (this.#hasRoom(event.text)) this.#reply.content += event.text;
        break;
      case 'tool-call-start':
        if (!this.#hasRoom(event.name)) break;
        this.#reply.calls.push({ id: event.id, name: event.name, arguments: '' });
        break;
      case 'tool-call-delta': {
        const call = this.#reply.calls[event.index];
        if (call && this.#hasRoom(event.argumentsDelta)) call.arguments += event.argumentsDelta;
        break;
      }
    }
  }

  /** What has come so far is the reply: it is complete, or nothing more will come. Counts once. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#logged.keepReply(this.#reply, this.#claimed);
  }

  #hasRoom(text: string): boolean {
    if (this.#isOver || this.#reply.isCut) return false;
    this.#numChars += text.length;
    if (this.#numChars > MAX_CHARS) {
      this.#reply.isCut = true;
      return false;
    }
    if (this.#numChars * BYTES_PER_CHAR <= this.#claimed) return true;
    const step = STEP_BYTES + text.length * BYTES_PER_CHAR;
    if (this.#logged.claimReply(step)) {
      this.#claimed += step;
      return true;
    }
    this.#isOver = true;
    this.#reply.reasoning = '';
    this.#reply.content = '';
    this.#reply.calls = [];
    return false;
  }
}
