// The body of POST /completions in the dialect of each engine. Everything we mean is said outright,
// because engines have defaults of their own: llama.cpp top_k 40 and min_p 0.05, vLLM whatever
// generation_config.json says. Sources: docs/sources.md, "Upstream engines".

import { createHash } from 'node:crypto';
import { BackendError, type GenerateRequest } from '../backend/types.js';
import type { Tokenizer } from '../encoding/tokenizer.js';
import type { ControlTexts } from './control-texts.js';

export type EngineKind = 'vllm' | 'sglang' | 'llama.cpp' | 'unknown';

/** How much of our spelling an endpoint takes; found out with its first request. */
export interface BodyLevel {
  /** Prompt as token ids; else as text. */
  tokenPrompt: boolean;
  /** Fields beyond OpenAI's completions API. */
  extensions: boolean;
}

/** Best first. The last is what any completions endpoint takes. */
export const BODY_LEVELS: readonly BodyLevel[] = [
  { tokenPrompt: true, extensions: true },
  { tokenPrompt: true, extensions: false },
  { tokenPrompt: false, extensions: true },
  { tokenPrompt: false, extensions: false },
];

export interface BodyContext {
  request: GenerateRequest;
  /** Tokens that may be generated: the request's limit and the room in the context. */
  maxTokens: number;
  model: string | undefined;
  kind: EngineKind;
  level: BodyLevel;
  tokenizer: Tokenizer;
  controls: ControlTexts;
}

/** @throws BackendError `invalid_request` when the prompt cannot be told as text. */
export function completionBody(context: BodyContext): Record<string, unknown> {
  const { request, maxTokens, model, level } = context;
  const { sampling, topLogprobs } = request;
  return {
    ...(model !== undefined && { model }),
    prompt: level.tokenPrompt ? Array.from(request.promptTokens) : promptText(context),
    stream: true,
    stream_options: { include_usage: true },
    max_tokens: maxTokens,
    temperature: sampling.temperature,
    top_p: sampling.topP,
    presence_penalty: sampling.presencePenalty,
    frequency_penalty: sampling.frequencyPenalty,
    ...(sampling.seed !== undefined && { seed: seedFor(context.kind, sampling.seed) }),
    ...(topLogprobs !== undefined && { logprobs: Math.max(1, topLogprobs) }),
    ...(level.extensions && extensions(context)),
  };
}

function extensions(context: BodyContext): Record<string, unknown> {
  const { kind, request, level } = context;
  const common = {
    top_k: -1, // all three read it as "no limit"
    min_p: 0,
    ignore_eos: !request.stopTokens.includes(context.tokenizer.eosId),
    ...(!level.tokenPrompt && { add_special_tokens: false }), // the text has its BOS
  };
  if (kind === 'llama.cpp') return { ...common, ...llamaCppExtensions(context) };
  return {
    ...common,
    repetition_penalty: 1,
    skip_special_tokens: false,
    spaces_between_special_tokens: false,
    stop_token_ids: request.stopTokens,
    ...stopStrings(context),
    return_token_ids: true,
    ...(request.topLogprobs !== undefined && { return_tokens_as_token_ids: true }),
    // SGLang: keep the stop text and token in the output, as vLLM's token ids do.
    ...(kind === 'sglang' && { no_stop_trim: true }),
    ...(request.cacheSalt !== undefined && { cache_salt: cacheSalt(request.cacheSalt) }),
  };
}

/**
 * Stop strings are matched here, byte by byte, whatever the engine does. Telling the engine as well
 * lets it end by itself and report usage; only those are told that mean the same to it, which
 * matches on text with control tokens spelled out. llama.cpp is told none: it cuts the stop text off
 * without saying that it did.
 */
function stopStrings({ request, controls, kind }: BodyContext): { stop?: string[] } {
  if (kind === 'unknown') return {};
  const stop = request.stopStrings.filter((text) => text !== '' && !controls.touches(text));
  return stop.length > 0 ? { stop } : {};
}

function llamaCppExtensions({ request, controls }: BodyContext): Record<string, unknown> {
  const { presencePenalty, frequencyPenalty } = request.sampling;
  return {
    repeat_penalty: 1,
    // Its penalties look back 64 tokens unless told otherwise; -1 = all.
    ...((presencePenalty !== 0 || frequencyPenalty !== 0) && { repeat_last_n: -1 }),
    cache_prompt: true,
    // Control tokens are left out of its text unless they are named here.
    preserved_tokens: controls.meaningful,
    return_progress: true,
    timings_per_token: true, // with cache_n, also when the stream is cut short
  };
}

/** llama.cpp holds seeds in 32 bits, and the largest means "random". */
function seedFor(kind: EngineKind, seed: number): number {
  const limit = 0xffff_ffff;
  return kind === 'llama.cpp' ? ((seed % limit) + limit) % limit : seed;
}

/** Not the tenant's name itself: it would end up in the engine's logs. */
function cacheSalt(tenant: string): string {
  return createHash('sha256').update(`hadal-cache-salt:${tenant}`).digest('base64url');
}

/** In text, data that spells a control token would become one on the other side: refused. */
function promptText({ request, tokenizer }: BodyContext): string {
  const text = tokenizer.decode(request.promptTokens);
  const controlsOf = (tokens: Int32Array) => tokens.filter((token) => tokenizer.isControl(token));
  const [meant, spelled] = [controlsOf(request.promptTokens), controlsOf(tokenizer.encode(text))];
  if (meant.length === spelled.length && meant.every((token, i) => token === spelled[i])) {
    return text;
  }
  throw new BackendError(
    'invalid_request',
    'the prompt contains text that spells a control token, and the upstream takes prompts only as ' +
      'text, where the two cannot be told apart',
  );
}
