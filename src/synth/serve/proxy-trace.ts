// What went through a proxy, as a tree of messages: a request that begins like an earlier one goes on from
// where they part, so compactions and sub-agents become branches and nothing is flattened. A harness sends
// replies back in its own spelling and without reasoning; messages are the same if they say the same.
// Source: agents reference §3.

import type { Usage } from '../model-loop/chat-endpoint.js';
import { contentHash } from '../canonical.js';
import type { Json } from '../world-types.js';

/** A message as its dialect has it, and what it says whatever the spelling. */
export interface TracedMessage {
  readonly message: Json;
  readonly says: Json;
}

export interface TraceNode {
  /** Index of a node; null = a conversation begins. */
  readonly parent: number | null;
  readonly message: Json;
  /** Whether the model made it, in a call of this trace. */
  readonly sampled: boolean;
}

export interface TraceCall {
  /** Node of the reply; null = there was none. */
  readonly node: number | null;
  /** The request's last node. */
  readonly after: number | null;
  readonly dialect: 'chat' | 'messages';
  readonly model: string;
  /** Fields that were set here. */
  readonly sampling: Json;
  readonly stream: boolean;
  readonly status: number | null;
  readonly finish_reason: string | null;
  readonly usage: Usage | null;
  readonly error: string | null;
  readonly start_ms: number;
  readonly end_ms: number;
}

export class Trace {
  readonly nodes: TraceNode[] = [];
  readonly calls: TraceCall[] = [];
  /** By parent and what the message says. */
  readonly #children = new Map<string, number>();
  #characters = 0;

  /** Of all messages, as JSON. */
  get characters(): number {
    return this.#characters;
  }

  /** The node where the conversation stands. */
  walk(messages: readonly TracedMessage[]): number | null {
    let at: number | null = null;
    for (const one of messages) at = this.#child(at, one, false);
    return at;
  }

  /** The same reply again (asked twice, at temperature 0) is the same node. */
  reply(after: number | null, reply: TracedMessage): number {
    return this.#child(after, reply, true);
  }

  toJSON(): { readonly nodes: readonly TraceNode[]; readonly calls: readonly TraceCall[] } {
    return { nodes: this.nodes, calls: this.calls };
  }

  #child(parent: number | null, { message, says }: TracedMessage, sampled: boolean): number {
    const key = `${parent} ${contentHash(says)}`;
    const known = this.#children.get(key);
    // What a harness made up and the model then says is two things.
    if (known !== undefined && (!sampled || this.nodes[known]!.sampled)) return known;
    const index = this.nodes.push({ parent, message, sampled }) - 1;
    this.#characters += JSON.stringify(message).length;
    this.#children.set(key, index);
    return index;
  }
}
