// Where replies come from: an endpoint, with every exchange written down, or what was written down. Both
// count tokens by purpose, so a run that is played again prints the same ledger. A reply is found by the
// request it answers; the same request asked twice gets its replies in order.

import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { contentHash } from '../canonical.js';
import type { ChatMessage } from '../task-prompt.js';
import type { Json, JsonObject } from '../world-types.js';
import type { ChatEndpoint } from './chat-endpoint.js';
import { Ledger, type Spent } from './ledger.js';

/** No more tokens may be spent. */
export class BudgetError extends Error {
  override name = 'BudgetError';
}

/** The transcript is of another run, or damaged. */
export class TranscriptError extends Error {
  override name = 'TranscriptError';
}

export interface ModelSource {
  readonly ledger: Ledger;
  /**
   * The text of a reply. @param purpose for the ledger
   * @throws BudgetError, EndpointError, TranscriptError; the signal's reason
   */
  ask(purpose: string, messages: readonly ChatMessage[]): Promise<string>;
  /**
   * Something measured by other means (rollouts), written down like a reply. @param name of what is measured
   * @throws what `measure` throws; BudgetError, TranscriptError
   */
  measured(purpose: string, name: Json, measure: () => Promise<Measured>): Promise<string>;
}

export interface Measured extends Spent {
  readonly text: string;
}

interface Exchange extends Spent {
  readonly purpose: string;
  readonly request: string;
  readonly text: string;
}

const MAX_TEXT = 1 << 18;

export interface EndpointSourceOptions {
  readonly endpoint: Pick<ChatEndpoint, 'complete'>;
  readonly model: string;
  readonly sampling: JsonObject;
  /** undefined = as much as it takes. */
  readonly maxTokens?: number;
  /** File for the exchanges; undefined = they are not written. */
  readonly transcript?: string;
  readonly signal: AbortSignal;
}

export class EndpointSource implements ModelSource {
  readonly ledger = new Ledger();
  readonly #options: EndpointSourceOptions;
  readonly #descriptor: number | undefined;

  /** @throws Error of node:fs if the transcript is there already */
  constructor(options: EndpointSourceOptions) {
    this.#options = options;
    const { transcript } = options;
    this.#descriptor = transcript === undefined ? undefined : openSync(transcript, 'wx');
  }

  async ask(purpose: string, messages: readonly ChatMessage[]): Promise<string> {
    const { endpoint, model, sampling, signal } = this.#options;
    this.#checkBudget();
    const body = { ...sampling, model, messages } as unknown as JsonObject;
    const { message, usage } = await endpoint.complete(body, signal);
    const text = (message.content ?? '').slice(0, MAX_TEXT);
    const { prompt_tokens = 0, completion_tokens = 0 } = usage ?? {};
    const request = nameOf(messages as unknown as Json);
    this.#note({ purpose, request, prompt_tokens, completion_tokens, text });
    return text;
  }

  async measured(purpose: string, name: Json, measure: () => Promise<Measured>): Promise<string> {
    this.#checkBudget();
    const { text, prompt_tokens, completion_tokens } = await measure();
    this.#note({ purpose, request: nameOf(name), prompt_tokens, completion_tokens, text });
    return text;
  }

  #checkBudget(): void {
    const { maxTokens = Infinity } = this.#options;
    const { prompt_tokens, completion_tokens } = this.ledger.total;
    if (prompt_tokens + completion_tokens < maxTokens) return;
    throw new BudgetError(`the budget of ${maxTokens} tokens is spent`);
  }

  #note(exchange: Exchange): void {
    if (this.#descriptor !== undefined) {
      writeSync(this.#descriptor, `${JSON.stringify(exchange)}\n`);
    }
    this.ledger.add(exchange.purpose, exchange);
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
  }
}

export class TranscriptSource implements ModelSource {
  readonly ledger = new Ledger();
  readonly #replies = new Map<string, Exchange[]>();

  /** @throws TranscriptError; Error of node:fs */
  constructor(readonly path: string) {
    const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean);
    for (const [i, line] of lines.entries()) {
      const exchange = parsed(line);
      if (!exchange) throw new TranscriptError(`${path}: line ${i + 1} is no exchange`);
      const list = this.#replies.get(exchange.request);
      if (list) list.push(exchange);
      else this.#replies.set(exchange.request, [exchange]);
    }
  }

  ask(purpose: string, messages: readonly ChatMessage[]): Promise<string> {
    return this.measured(purpose, messages as unknown as Json);
  }

  measured(purpose: string, name: Json): Promise<string> {
    const exchange = this.#replies.get(nameOf(name))?.shift();
    if (!exchange) {
      const problem = `${this.path} has no reply to this request (${purpose}): it is of another run`;
      return Promise.reject(new TranscriptError(problem));
    }
    this.ledger.add(purpose, exchange);
    return Promise.resolve(exchange.text);
  }
}

const nameOf = (asked: Json): string => contentHash(asked);

function parsed(line: string): Exchange | undefined {
  try {
    const value = JSON.parse(line) as Partial<Exchange> | null;
    const isWhole =
      typeof value?.request === 'string' &&
      typeof value.text === 'string' &&
      Number.isSafeInteger(value.prompt_tokens) &&
      Number.isSafeInteger(value.completion_tokens);
    return isWhole ? (value as Exchange) : undefined;
  } catch {
    return undefined;
  }
}
