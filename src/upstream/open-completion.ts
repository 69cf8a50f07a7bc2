// Gets one endpoint to begin a completion. The first request also finds out how much of our spelling
// the endpoint takes: when it refuses (400), the same request is said again with less, and what
// worked is kept. A refusal of everything is a refusal of the request.

import type { GenerateRequest } from '../backend/types.js';
import type { Tokenizer } from '../encoding/tokenizer.js';
import type { CompletionChunk } from './completion-chunk.js';
import { CompletionStream } from './completion-stream.js';
import type { ControlTexts } from './control-texts.js';
import type { Endpoint } from './endpoint.js';
import { UpstreamFailure } from './failure.js';
import { BODY_LEVELS, completionBody } from './request-body.js';
import type { Timers } from './timers.js';

export interface OpenOptions {
  endpoint: Endpoint;
  request: GenerateRequest;
  maxTokens: number;
  tokenizer: Tokenizer;
  controls: ControlTexts;
  timers: Timers;
  firstByteTimeoutMs: number;
  idleTimeoutMs: number;
  /** Called when the endpoint takes less than everything. */
  onReduced: (detail: string) => void;
}

export interface OpenCompletion {
  stream: CompletionStream;
  first: CompletionChunk;
  /** Closes the connection; must be called. */
  close: () => void;
}

/**
 * @throws UpstreamFailure when the endpoint does not begin.
 * @throws BackendError when the request cannot be said the way this endpoint needs it.
 */
export async function openCompletion(
  options: OpenOptions,
  signal: AbortSignal,
): Promise<OpenCompletion> {
  const { endpoint } = options;
  let refusal: UpstreamFailure | undefined;
  for (let level = endpoint.level ?? 0; level < BODY_LEVELS.length; level++) {
    try {
      const open = await openAt(level, options, signal);
      if (endpoint.level === undefined) settle(endpoint, level, options);
      return open;
    } catch (error) {
      const isRefusal = error instanceof UpstreamFailure && error.kind === 'refused';
      // Text that cannot be sent as text: the refusal of the ids is what there is to say.
      if (!isRefusal) throw refusal && !(error instanceof UpstreamFailure) ? refusal : error;
      if (endpoint.level !== undefined || isAboutLength(error)) throw error;
      refusal ??= error;
    }
  }
  throw refusal!;
}

/** No other spelling makes a prompt shorter. */
export function isAboutLength({ message }: UpstreamFailure): boolean {
  return /context (length|size|window)|max_model_len|too long|exceed\w* .*context/i.test(message);
}

async function openAt(
  level: number,
  { endpoint, request, ...options }: OpenOptions,
  signal: AbortSignal,
): Promise<OpenCompletion> {
  const { model, kind } = endpoint;
  const body = completionBody({ request, model, kind, level: BODY_LEVELS[level]!, ...options });
  const stream = new CompletionStream({ endpoint, body, ...options });
  const onAbort = () => stream.cancel();
  const close = () => {
    signal.removeEventListener('abort', onAbort);
    stream.cancel();
  };
  signal.addEventListener('abort', onAbort);
  if (signal.aborted) onAbort();
  try {
    await stream.open();
    const first = await stream.next();
    if (!first) throw new UpstreamFailure('unreachable', 'ended the stream before its first chunk');
    return { stream, first, close };
  } catch (error) {
    close();
    throw error;
  }
}

function settle(endpoint: Endpoint, index: number, { onReduced }: OpenOptions): void {
  endpoint.level = index;
  const { tokenPrompt, extensions } = BODY_LEVELS[index]!;
  const lost = [
    ...(tokenPrompt
      ? []
      : ['prompts go as text, so requests whose data spells a control token fail']),
    ...(extensions
      ? []
      : ['no control over special tokens, stop tokens, cache isolation; token ids are guessed']),
  ];
  if (lost.length > 0) onReduced(lost.join('; '));
}
