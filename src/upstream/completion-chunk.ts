// One event of a completion stream, read from the three dialects into one shape. Nothing in it is
// believed further than its type: fields that are missing or odd count as absent, and only what is
// no completion chunk at all is an error. Sources: docs/sources.md, "Upstream engines".

import { UpstreamFailure } from './failure.js';

/** A token as an engine names it: by id where it can, else by its text. */
export type WireToken = { id: number } | { text: string };

export interface WireLogprob {
  token: WireToken;
  logprob: number;
  top: { token: WireToken; logprob: number }[];
}

export interface CompletionChunk {
  text: string;
  /** vLLM and SGLang with `return_token_ids`: the ids of this chunk. */
  tokenIds?: number[];
  logprobs: WireLogprob[];
  finishReason?: string;
  /** vLLM `stop_reason`, SGLang `matched_stop`: token id or string that ended it. */
  stopReason?: number | string;
  completionTokens?: number;
  cachedTokens?: number;
  /** llama.cpp `return_progress`: prompt tokens done so far. */
  processedTokens?: number;
}

type Json = Record<string, unknown>;

/** @throws UpstreamFailure for an error event, and for data that is no completion chunk. */
export function parseChunk(data: string): CompletionChunk {
  let json: unknown;
  try {
    json = JSON.parse(data);
  } catch (error) {
    throw new UpstreamFailure('broken', 'sent an event that is not JSON', { cause: error });
  }
  if (!isObject(json)) throw new UpstreamFailure('broken', 'sent an event that is no object');
  if (json.error !== undefined && json.error !== null) throw failureOfEvent(json.error);
  if (!Array.isArray(json.choices) && !isObject(json.prompt_progress)) {
    throw new UpstreamFailure('broken', 'sent an event without choices');
  }
  const choice: unknown = Array.isArray(json.choices) ? json.choices[0] : undefined;
  return { ...readChoice(isObject(choice) ? choice : {}), ...readCounts(json) };
}

/** vLLM and SGLang: `{"error": {"message", "code"}}`; the code decides whether another may do it. */
function failureOfEvent(error: unknown): UpstreamFailure {
  const { message, code } = isObject(error) ? error : { message: error, code: undefined };
  const detail = typeof message === 'string' ? message : 'no message';
  const isRefusal = typeof code === 'number' && code >= 400 && code < 500 && code !== 429;
  return new UpstreamFailure(isRefusal ? 'refused' : 'busy', `reported an error: ${detail}`);
}

function readChoice(choice: Json): CompletionChunk {
  const { text, token_ids: tokenIds, finish_reason: finishReason } = choice;
  const stopReason = choice.stop_reason ?? choice.matched_stop;
  return {
    text: typeof text === 'string' ? text : '',
    ...(Array.isArray(tokenIds) && { tokenIds: tokenIds.map(requireTokenId) }),
    logprobs: readLogprobs(choice.logprobs),
    ...(typeof finishReason === 'string' && { finishReason }),
    ...((typeof stopReason === 'number' || typeof stopReason === 'string') && { stopReason }),
  };
}

function requireTokenId(id: unknown): number {
  if (typeof id === 'number' && Number.isInteger(id) && id >= 0 && id < 2 ** 31) return id;
  throw new UpstreamFailure(
    'broken',
    `sent a token id that is none: ${typeof id === 'number' ? id : typeof id}`,
  );
}

function readCounts(json: Json): Partial<CompletionChunk> {
  const usage = isObject(json.usage) ? json.usage : {};
  const details = isObject(usage.prompt_tokens_details) ? usage.prompt_tokens_details : {};
  const timings = isObject(json.timings) ? json.timings : {};
  const progress = isObject(json.prompt_progress) ? json.prompt_progress : {};
  const completionTokens = readCount(usage.completion_tokens);
  const cachedTokens =
    readCount(details.cached_tokens) ?? readCount(progress.cache) ?? readCount(timings.cache_n);
  const processedTokens = readCount(progress.processed);
  return {
    ...(completionTokens !== undefined && { completionTokens }),
    ...(cachedTokens !== undefined && { cachedTokens }),
    ...(processedTokens !== undefined && { processedTokens }),
  };
}

function readCount(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** vLLM, SGLang: parallel arrays (OpenAI completions). llama.cpp: the chat form, with ids. */
function readLogprobs(logprobs: unknown): WireLogprob[] {
  if (!isObject(logprobs)) return [];
  if (Array.isArray(logprobs.content)) return logprobs.content.flatMap(readEntry);
  const { tokens, token_logprobs: values, top_logprobs: tops } = logprobs;
  if (!Array.isArray(tokens) || !Array.isArray(values)) return [];
  return tokens.flatMap((token: unknown, index) => {
    const logprob: unknown = values[index];
    if (typeof token !== 'string' || typeof logprob !== 'number') return [];
    const top: unknown = Array.isArray(tops) ? tops[index] : undefined;
    const alternatives = Object.entries(isObject(top) ? top : {}).flatMap(([text, value]) =>
      typeof value === 'number' ? [{ token: wireToken(text), logprob: value }] : [],
    );
    return [{ token: wireToken(token), logprob, top: alternatives }];
  });
}

function readEntry(entry: unknown): WireLogprob[] {
  if (!isObject(entry) || typeof entry.logprob !== 'number') return [];
  const { id, token, logprob, top_logprobs: tops } = entry;
  const top = Array.isArray(tops) ? tops.flatMap(readEntry) : [];
  const alternatives = top.map(({ token, logprob }) => ({ token, logprob }));
  if (typeof id === 'number' && Number.isInteger(id) && id >= 0) {
    return [{ token: { id }, logprob, top: alternatives }];
  }
  if (typeof token !== 'string') return [];
  return [{ token: { text: token }, logprob, top: alternatives }];
}

/** vLLM's `return_tokens_as_token_ids` spells tokens `token_id:123`. */
function wireToken(text: string): WireToken {
  const id = /^token_id:(\d{1,9})$/.exec(text)?.[1];
  return id === undefined ? { text } : { id: Number(id) };
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
