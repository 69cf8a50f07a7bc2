// The likely cause of a cache miss: rules over two prompts that part, the first that matches counts.
// Ordered from what the format itself explains to what only a person can know. Pure.

import type { CacheCause, CacheReport } from '../../requests-wire.js';
import { commonLength, type PromptPair } from './prompt-pair.js';
import { isArgumentOrder, toolDifference, toolsStart } from './tool-difference.js';
import { volatileKind } from './volatile-text.js';

export interface FoundCause {
  cause: CacheCause;
  tools?: NonNullable<CacheReport['tools']>;
}

type Rule = (pair: PromptPair) => FoundCause | CacheCause | undefined;

const RULES: readonly Rule[] = [
  endOfEarlier,
  thinkMark,
  sameTextOtherTokens,
  tools,
  argumentOrder,
  reasoning,
  truncatedHistory,
  (pair) => (pair.isAtTail ? 'new-content' : undefined),
  volatileText,
  ({ currentPart }) => (currentPart?.kind === 'system' ? 'system-changed' : undefined),
];

/** What no rule knows is an edit. */
export function causeOf(pair: PromptPair): FoundCause {
  for (const rule of RULES) {
    const found = rule(pair);
    if (found !== undefined) return typeof found === 'string' ? { cause: found } : found;
  }
  return { cause: 'message-edited' };
}

/** One is the beginning of the other. */
function endOfEarlier({ earlierPart, currentPart }: PromptPair): CacheCause | undefined {
  return earlierPart === undefined || currentPart === undefined ? 'new-content' : undefined;
}

/** `<think>` here and `</think>` there, at the same place. */
function thinkMark({ earlier, current, earlierPart, currentPart }: PromptPair) {
  if (earlierPart?.kind !== 'mark' || currentPart?.kind !== 'mark') return undefined;
  const isNewest = currentPart.question === current.questions;
  const wasNewest = earlierPart.question === earlier.questions;
  return isNewest && wasNewest ? 'mode-changed' : 'reasoning-left-out';
}

/** Characters that have to agree behind the difference. */
const SAME_TEXT = 12;

/** What the model wrote in some tokens may come back in others, for clients send text. */
function sameTextOtherTokens({ earlier, current, common }: PromptPair): CacheCause | undefined {
  const reach = 24;
  // From a token before, so that a character in two tokens is whole.
  const from = Math.max(0, common - 2);
  const a = earlier.text(from, common + reach);
  const b = current.text(from, common + reach);
  const length = Math.min(a.length, b.length);
  const head = earlier.text(from, common).length + SAME_TEXT;
  if (length < head) return undefined;
  return a.slice(0, head) === b.slice(0, head) ? 'retokenised' : undefined;
}

function tools(pair: PromptPair): FoundCause | undefined {
  if (pair.currentPart?.kind !== 'system' || pair.earlierPart === undefined) return undefined;
  const [before, after] = [pair.earlier, pair.current].map((side) =>
    side.text(0, side.sections.find(({ kind }) => kind !== 'system')?.start ?? side.tokens.length),
  ) as [string, string];
  const differsAt = commonLength(before, after);
  // Before its tools stands the system prompt; what differs there is no matter of tools.
  const begins = Math.min(toolsStart(before) ?? Infinity, toolsStart(after) ?? Infinity);
  if (differsAt < begins) return undefined;
  const difference = toolDifference(before, after);
  switch (difference.type) {
    case 'same':
      return undefined;
    case 'reordered':
      return { cause: 'tools-reordered' };
    case 'key-order':
      return { cause: 'json-key-order' };
    case 'changed': {
      const { type: _, ...names } = difference;
      return { cause: 'tools-changed', tools: names };
    }
  }
}

function argumentOrder(pair: PromptPair): CacheCause | undefined {
  if (pair.earlierPart?.kind !== 'calls' || pair.currentPart?.kind !== 'calls') return undefined;
  const texts = pair.partTexts()!;
  return isArgumentOrder(texts.earlier, texts.current) ? 'arguments-key-order' : undefined;
}

/** Of the running question, whose thoughts the format keeps. */
function reasoning({ earlierPart, currentPart }: PromptPair): CacheCause | undefined {
  const isThought = earlierPart?.kind === 'reasoning' || currentPart?.kind === 'reasoning';
  return isThought ? 'reasoning-changed' : undefined;
}

/** What this prompt says after the difference, the earlier one said later on: the front was cut off. */
function truncatedHistory({ earlier, current, common }: PromptPair): CacheCause | undefined {
  const texts = new Map<string, number>();
  for (const section of earlier.sections) {
    if (section.kind !== 'user' || section.end <= common) continue;
    texts.set(earlier.textOf(section), section.question);
  }
  const isMoved = current.sections.some((section) => {
    if (section.kind !== 'user' || section.end <= common) return false;
    const question = texts.get(current.textOf(section));
    return question !== undefined && question > section.question;
  });
  return isMoved ? 'history-truncated' : undefined;
}

function volatileText(pair: PromptPair): CacheCause | undefined {
  const texts = pair.partTexts();
  if (!texts || pair.earlierPart?.kind !== pair.currentPart?.kind) return undefined;
  const kind = volatileKind(texts.earlier, texts.current, texts.at);
  return kind && `${kind}-in-prompt`;
}
