// What an endpoint tells about itself: which engine it is, its model, its context length, and
// whether it cuts text into the same tokens as we do. Different vocabularies give fluent nonsense
// that nobody would trace back, so an endpoint with another one is refused.
// Sources: docs/sources.md, "Upstream engines".

import type { Tokenizer } from '../encoding/tokenizer.js';
import type { Endpoint } from './endpoint.js';
import { UpstreamFailure } from './failure.js';
import type { EngineKind } from './request-body.js';

type Json = Record<string, unknown>;

export interface LearnOptions {
  tokenizer: Tokenizer;
  timeoutMs: number;
  /** Name that must be among its models. */
  model: string | undefined;
}

/** Ordinary text that vocabularies disagree about: spaces, digits, code, Chinese, emoji. */
const SAMPLE =
  'Hadal tokenizes  12345678 words;\n\tif (x != 3.14) { return "深海勘探"; } // Çok 🌊\n';

/** @throws UpstreamFailure: does not answer, does not serve the model, or has another vocabulary. */
export async function learn(endpoint: Endpoint, options: LearnOptions): Promise<void> {
  const { rootPath, apiPath } = endpoint.address;
  const models = await optional(endpoint.json('GET', `${apiPath}/models`, options));
  const listed = arrayOf(objectOf(models).data).map(objectOf);
  const card = listed.find(({ id }) => id === options.model) ?? listed[0] ?? {};
  const names = listed.flatMap(({ id }) => (isName(id) ? [id] : []));
  if (options.model === undefined) endpoint.model = names[0] ?? endpoint.model;
  else if (names.length > 0 && !names.includes(options.model)) {
    throw new UpstreamFailure('misconfigured', `serves ${names.join(', ')}, not ${options.model}`);
  }
  endpoint.kind = kindOf(card.owned_by);
  endpoint.contextLength = positive(card.max_model_len); // vLLM; SGLang
  if (endpoint.kind === 'llama.cpp') {
    // Per slot: --ctx-size divided by --parallel.
    const props = objectOf(await optional(endpoint.json('GET', `${rootPath}/props`, options)));
    endpoint.contextLength = positive(objectOf(props.default_generation_settings).n_ctx);
  } else if (endpoint.kind === 'sglang' && endpoint.contextLength === undefined) {
    const info = objectOf(
      await optional(endpoint.json('GET', `${rootPath}/get_server_info`, options)),
    );
    endpoint.contextLength = positive(info.context_length); // older versions: when it was set
  }
  await compareVocabulary(endpoint, options);
  endpoint.isLearned = true;
}

/** Endpoints that cannot tokenise for us (no such route) are taken at their word. */
async function compareVocabulary(endpoint: Endpoint, options: LearnOptions): Promise<void> {
  const body = {
    ...(endpoint.model !== undefined && { model: endpoint.model }),
    ...(endpoint.kind === 'llama.cpp'
      ? { content: SAMPLE, add_special: false, parse_special: false }
      : { prompt: SAMPLE, add_special_tokens: false }),
  };
  const path = `${endpoint.address.rootPath}/tokenize`;
  const answer = await optional(endpoint.json('POST', path, { ...options, body }));
  const { tokens } = objectOf(answer);
  if (!Array.isArray(tokens) || !tokens.every(Number.isInteger)) return;
  const theirs = (tokens as number[]).filter((token) => token !== options.tokenizer.bosId);
  const ours = options.tokenizer.encode(SAMPLE, { special: false });
  if (theirs.length === ours.length && theirs.every((token, i) => token === ours[i])) return;
  throw new UpstreamFailure(
    'misconfigured',
    'has another vocabulary than the tokenizer in use; name the tokenizer of its model with ' +
      '--tokenizer',
  );
}

/** Absent where the endpoint has no such document; no answer at all is still a failure. */
async function optional(document: Promise<unknown>): Promise<unknown> {
  try {
    return await document;
  } catch (error) {
    if (!(error instanceof UpstreamFailure)) throw error;
    if (error.kind === 'unreachable' || error.kind === 'busy') throw error;
    if (/^answered 40[13]/.test(error.message)) throw error; // the key is wrong
    return undefined;
  }
}

function kindOf(ownedBy: unknown): EngineKind {
  if (ownedBy === 'vllm' || ownedBy === 'sglang') return ownedBy;
  return ownedBy === 'llamacpp' ? 'llama.cpp' : 'unknown';
}

/** It becomes the card's id and is shown to clients. */
function isName(id: unknown): id is string {
  return typeof id === 'string' && /^[^\p{Cc}]{1,200}$/u.test(id);
}

function positive(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : undefined;
}

function objectOf(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}

function arrayOf(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}
