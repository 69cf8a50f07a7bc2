// The two names of the chat API and what differs between them (api reference §1.5, §2.1). The names
// choose a mode of the same weights; `thinking.type` overrides the name (§5.1).

export interface Mode {
  /** Name echoed in responses: the mode that truly served the request. */
  alias: string;
  thinking: boolean;
  defaultMaxTokens: number;
  maxMaxTokens: number;
}

export const CHAT_MODE: Mode = {
  alias: 'deepseek-chat',
  thinking: false,
  defaultMaxTokens: 4096,
  maxMaxTokens: 8192,
};

export const THINKING_MODE: Mode = {
  alias: 'deepseek-reasoner',
  thinking: true,
  defaultMaxTokens: 32_768,
  maxMaxTokens: 65_536,
};

/** In the order of `GET /models`. */
export const MODES: readonly Mode[] = [CHAT_MODE, THINKING_MODE];

/** undefined when no model has this name. */
export function chooseMode(
  model: string,
  thinking: 'enabled' | 'disabled' | undefined,
): Mode | undefined {
  const named = MODES.find(({ alias }) => alias === model);
  if (!named || thinking === undefined) return named;
  return thinking === 'enabled' ? THINKING_MODE : CHAT_MODE;
}

/** Section 1.3; the bytes are part of the contract. */
export function modelListBody(): string {
  const data = MODES.map(({ alias }) => ({ id: alias, object: 'model', owned_by: 'deepseek' }));
  return JSON.stringify({ object: 'list', data });
}
