// Why a chat request cannot be served. Protocols turn these into their wire errors; nothing here
// knows a status code.

export type ChatFailure =
  | {
      kind: 'context_length';
      contextLength: number;
      promptTokens: number;
      /** Requested by the client, or the one token that must fit. */
      completionTokens: number;
    }
  /** The messages cannot be written as a prompt; the client can fix it. */
  | { kind: 'messages' }
  /** No engine right now; the same request may work later. */
  | { kind: 'unavailable' };

export class ChatError extends Error {
  override name = 'ChatError';

  constructor(
    readonly failure: ChatFailure,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
