// The names of the chat API, per base URL, and what differs between them (api reference §1.5, §2.1).
// The names choose a mode of the same weights; `thinking.type` overrides the name (§5.1).

import type { ApiBase } from '../door.js';
import { modelMissingError } from './errors.js';

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

/** DeepSeek-V3.2-Speciale: thinks always, under the reasoner's name. */
export const SPECIALE_MODE: Mode = {
  alias: 'deepseek-reasoner',
  thinking: true,
  defaultMaxTokens: 131_072,
  maxMaxTokens: 131_072,
};

/**
 * Fill in the middle (§6.2). The maximum is documented; the default, which is not, is the same as in
 * chat, so that a completion without a limit ends where the model ends it.
 */
export const FIM_MODE: Mode = {
  alias: 'deepseek-chat',
  thinking: false,
  defaultMaxTokens: 4096,
  maxMaxTokens: 4096,
};

/** In the order of `GET /models`. */
function modesOf(base: ApiBase): readonly Mode[] {
  return base === 'speciale' ? [SPECIALE_MODE] : [CHAT_MODE, THINKING_MODE];
}

/**
 * undefined when the base has no model of this name. Speciale cannot stop thinking: there
 * `thinking` changes nothing, and the rules of that base refuse `disabled`.
 */
export function chooseMode(
  model: string,
  thinking: 'enabled' | 'disabled' | undefined,
  base: ApiBase = 'main',
): Mode | undefined {
  const named = modesOf(base).find(({ alias }) => alias === model);
  if (!named || thinking === undefined || base === 'speciale') return named;
  return thinking === 'enabled' ? THINKING_MODE : CHAT_MODE;
}

/** The same limits, served without thinking and saying so (§14, pitfall 22). */
export function withoutThinking(mode: Mode): Mode {
  return { ...mode, alias: CHAT_MODE.alias, thinking: false };
}

/** `GET /models` (§1.3); the bytes are part of the contract. */
export function modelListBody(base: ApiBase = 'main'): string {
  return JSON.stringify({ object: 'list', data: modesOf(base).map(modelEntry) });
}

/** `GET /models/{id}`. @throws ApiError 404 */
export function modelBody(id: string, base: ApiBase = 'main'): string {
  const mode = modesOf(base).find(({ alias }) => alias === id);
  if (!mode) throw modelMissingError(id);
  return JSON.stringify(modelEntry(mode));
}

function modelEntry({ alias }: Mode): { id: string; object: 'model'; owned_by: 'deepseek' } {
  return { id: alias, object: 'model', owned_by: 'deepseek' };
}
