// Runs requirements against a target, a few at a time, and says of each what became of it. Knows
// HTTP only through `send`.

import { randomUUID } from 'node:crypto';
import { buildRequest, type Target } from './build-request.js';
import { checkReply } from './check-reply.js';
import type { Json } from './json-value.js';
import type { Kit } from './load-kit.js';
import type { Captures } from './matcher.js';
import { fill } from './placeholders.js';
import type { Need, Requirement, Step } from './requirement.js';
import type { Send } from './send.js';

export type Outcome =
  | { requirement: Requirement; result: 'met'; milliseconds: number }
  | { requirement: Requirement; result: 'unmet'; milliseconds: number; problems: string[] }
  | { requirement: Requirement; result: 'not-run'; milliseconds: number; reason: string };

export interface RunOptions {
  target: Target;
  send: Send;
  /** Glob over requirement ids: `chat.*`. */
  only?: string;
  concurrency?: number;
  now?: () => number;
  /** A text that no earlier run has sent: prefix caches remember. Default: random. */
  nonce?: string;
  onOutcome?: (outcome: Outcome, done: number, total: number) => void;
}

/** Outcomes in the order of the kit. */
export async function runKit(kit: Kit, options: RunOptions): Promise<Outcome[]> {
  const { only = '*', concurrency = 4, onOutcome, nonce = randomUUID() } = options;
  const pattern = globPattern(only);
  const chosen = kit.requirements.filter(({ id }) => pattern.test(id));
  const outcomes: Outcome[] = [];
  let next = 0;
  let done = 0;
  const work = async () => {
    for (let index = next++; index < chosen.length; index = next++) {
      const outcome = await runRequirement(chosen[index]!, { ...options, nonce });
      outcomes[index] = outcome;
      onOutcome?.(outcome, ++done, chosen.length);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, concurrency) }, work));
  return outcomes;
}

/** `*` stands for any text; everything else for itself. */
export function globPattern(glob: string): RegExp {
  const parts = glob.split('*').map((part) => part.replaceAll(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`);
}

async function runRequirement(
  requirement: Requirement,
  { target, send, now = Date.now, nonce = '' }: RunOptions,
): Promise<Outcome> {
  const reason = missing(requirement, target);
  if (reason !== undefined) return { requirement, result: 'not-run', milliseconds: 0, reason };
  const start = now();
  const captures: Captures = new Map<string, Json>([
    ['key', target.key],
    ['nonce', nonce],
  ]);
  for (const [index, step] of requirement.steps.entries()) {
    const problems = await runStep(step, requirement, { target, send, captures });
    if (problems.length === 0) continue;
    const where = requirement.steps.length > 1 ? `step ${index + 1}: ` : '';
    return {
      requirement,
      result: 'unmet',
      milliseconds: now() - start,
      problems: problems.map((problem) => `${where}${problem}`),
    };
  }
  return { requirement, result: 'met', milliseconds: now() - start };
}

async function runStep(
  { request, expect }: Step,
  requirement: Requirement,
  { target, send, captures }: { target: Target; send: Send; captures: Captures },
): Promise<string[]> {
  const reply = await send(buildRequest(request, requirement, { target, values: captures }));
  const expected = fill(expect as unknown as Json, captures) as unknown as Step['expect'];
  return checkReply(expected, reply, captures);
}

const REASONS: Readonly<Record<Exclude<Need, 'lab'>, string>> = {
  'second-key': 'needs a key of another account (--second-key)',
  'empty-key': 'needs a key whose balance is used up (--empty-key)',
  'agents-key': 'needs a key with the profile agents (--agents-key)',
};

/** Why a requirement cannot be tried here. */
function missing({ needs, scenario = '' }: Requirement, target: Target): string | undefined {
  switch (needs) {
    case undefined:
      return undefined;
    case 'lab': {
      const name = scenario.split(':')[0]!;
      return target.scenarios.has(name)
        ? undefined
        : `needs /lab/${name}, which the target has not`;
    }
    case 'second-key':
      return target.secondKey === undefined ? REASONS[needs] : undefined;
    case 'empty-key':
      return target.emptyKey === undefined ? REASONS[needs] : undefined;
    case 'agents-key':
      return target.agentsKey === undefined ? REASONS[needs] : undefined;
  }
}
