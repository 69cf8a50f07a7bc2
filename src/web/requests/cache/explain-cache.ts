// Why one request's prompt was not, or not wholly, found in the context cache: what an earlier prompt
// promised, what was served, where they part and what that costs. Pure over two token sequences;
// whose text may be shown is decided by the caller of this.

import type { CacheCause, CacheDifference, CacheReport, PromptPart } from '../../requests-wire.js';
import { causeOf, type FoundCause } from './cache-cause.js';
import { PromptPair, type PromptReader } from './prompt-pair.js';
import type { EarlierPrompt, RememberedPrompt } from './prompt-memory.js';
import type { PromptSection } from './prompt-sections.js';
import { toolsStart } from './tool-difference.js';

/** The storage unit of the context cache (api reference §7). */
export const BLOCK_TOKENS = 64;
/** Shown of what both sides have before the block. */
const CONTEXT_TOKENS = 24;

/** Nothing to be done about these: nothing was lost by them. */
const UNAVOIDABLE: ReadonlySet<CacheCause> = new Set([
  'hit',
  'short-prompt',
  'first-request',
  'new-content',
  'reasoning-left-out',
  'not-remembered',
  'retokenised',
]);

/** What a prompt that shares not even a block with any other may have by chance. */
const BY_CHANCE: ReadonlySet<CacheCause> = new Set([
  'new-content',
  'system-changed',
  'message-edited',
  'retokenised',
  'number-in-prompt',
]);

export interface ExplainOptions {
  reader: PromptReader;
  /** Whether the caller may read the earlier prompt's text. */
  mayRead: (earlier: RememberedPrompt) => boolean;
  /** Of so many tokens that were misses and would have been hits. */
  moneyOf: (tokens: number) => Record<string, string>;
}

/** Whole blocks, and never the last token, whose logits are needed. */
export function hitTokens(promptTokens: number, common: number): number {
  return Math.floor(Math.min(common, promptTokens - 1) / BLOCK_TOKENS) * BLOCK_TOKENS;
}

export function explainCache(
  own: RememberedPrompt,
  best: EarlierPrompt | undefined,
  { reader, mayRead, moneyOf }: ExplainOptions,
): CacheReport {
  const { promptTokens, cacheHitTokens: hit } = own;
  const common = best?.common ?? 0;
  const expected = hitTokens(promptTokens, Math.min(common, storedTokens(best)));
  const current = own.tokens.subarray(0, promptTokens);
  const pair = best && new PromptPair({ earlier: best.prompt.tokens, current }, common, reader);
  const found = likelyCause({ own, best, pair, expected });
  const isAvoidable = !UNAVOIDABLE.has(found.cause);
  const lost = isAvoidable ? Math.max(0, hitTokens(promptTokens, storedTokens(best)) - hit) : 0;
  const isReadable = best !== undefined && mayRead(best.prompt);
  return {
    trace_id: own.traceId,
    prompt_tokens: promptTokens,
    hit_tokens: hit,
    miss_tokens: promptTokens - hit,
    expected_hit_tokens: expected,
    cause: found.cause,
    tools: found.tools ?? null,
    is_avoidable: isAvoidable,
    earlier: best
      ? {
          trace_id: isReadable ? best.prompt.traceId : null,
          started_at: new Date(best.prompt.startedAt).toISOString(),
          common_tokens: common,
          is_own_key: best.prompt.keyId === own.keyId,
        }
      : null,
    difference: pair && differs(found) ? differenceOf(pair, isReadable) : null,
    lost: { tokens: lost, money: moneyOf(lost) },
  };
}

interface Facts {
  own: RememberedPrompt;
  best: EarlierPrompt | undefined;
  pair: PromptPair | undefined;
  expected: number;
}

function likelyCause({ own, best, pair, expected }: Facts): FoundCause {
  const { promptTokens } = own;
  // Other engines' blocks are smaller.
  const hit = Math.floor(own.cacheHitTokens / BLOCK_TOKENS) * BLOCK_TOKENS;
  if (promptTokens <= BLOCK_TOKENS) return { cause: 'short-prompt' };
  if (hit >= hitTokens(promptTokens, promptTokens)) return { cause: 'hit' };
  // The cache on disk remembers longer than we do.
  if (hit > expected) return { cause: 'not-remembered' };
  if (!best || !pair) return { cause: 'first-request' };
  if (hit < expected) {
    return { cause: best.prompt.endedAt > own.startedAt ? 'not-finished-yet' : 'evicted' };
  }
  const found = causeOf(pair);
  // Behind the earlier prompt stands what the model itself wrote.
  if (found.cause === 'message-edited' && best.common >= best.prompt.promptTokens) {
    return { cause: 'reply-changed' };
  }
  if (best.common < BLOCK_TOKENS && BY_CHANCE.has(found.cause)) return { cause: 'first-request' };
  return found;
}

/** The keys and values of a reply's last token were never needed, so nobody has them. */
function storedTokens(best: EarlierPrompt | undefined): number {
  if (!best) return 0;
  const { tokens, promptTokens } = best.prompt;
  return Math.max(promptTokens, tokens.length - 1);
}

function differs({ cause }: FoundCause): boolean {
  return cause !== 'hit' && cause !== 'short-prompt' && cause !== 'first-request';
}

function differenceOf(pair: PromptPair, isReadable: boolean): CacheDifference | null {
  const { common, current, earlier, currentPart, earlierPart } = pair;
  if (!currentPart) return null; // all of this prompt is the beginning of an earlier one
  const block = Math.floor(common / BLOCK_TOKENS);
  const end = (block + 1) * BLOCK_TOKENS;
  const from = wholeCharacter(pair, Math.max(0, block * BLOCK_TOKENS - CONTEXT_TOKENS));
  const at = wholeCharacter(pair, common);
  return {
    token: common,
    block,
    part: partOf(pair, currentPart),
    earlier_part: earlierPart?.kind ?? null,
    role: ROLES[currentPart.kind],
    question: currentPart.question,
    before: current.text(from, at),
    earlier: isReadable ? earlier.text(at, end) : null,
    current: current.text(at, end),
  };
}

const ROLES = {
  system: 'system',
  user: 'user',
  mark: 'assistant',
  reasoning: 'assistant',
  answer: 'assistant',
  calls: 'assistant',
  results: 'tool',
} as const satisfies Record<PromptSection['kind'], CacheDifference['role']>;

function partOf({ current, earlierPart, common }: PromptPair, part: PromptSection): PromptPart {
  // A thought that is left out has no part of its own.
  if (earlierPart?.kind === 'reasoning') return 'reasoning';
  if (part.kind !== 'system') return part.kind;
  const begin = toolsStart(current.textOf(part));
  return begin !== undefined && current.text(0, common).length >= begin ? 'tools' : 'system';
}

/** A token may end inside a character, at most three before its last. */
function wholeCharacter({ current }: PromptPair, at: number): number {
  for (let cut = at; cut > Math.max(0, at - 4); cut--) {
    if (!current.text(Math.max(0, cut - 4), cut).endsWith('\ufffd')) return cut;
  }
  return Math.max(0, at - 4) === 0 ? 0 : at;
}
