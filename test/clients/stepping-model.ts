// A scripted coding agent: one tool call per turn, in order, then a last sentence. A request without
// tools (a client asking for a title) gets a short text. Remembers the prompts.

import { fromPlainJson, isJsonObject } from '../../src/encoding/json.js';
import type { Tokenizer } from '../../src/encoding/tokenizer.js';
import type { PromptView } from '../../src/lab/prompt-view.js';
import { ScenarioBackend } from '../../src/lab/scenario-backend.js';
import type { Script } from '../../src/lab/scenario.js';
import { TurnWriter } from '../../src/lab/turn-writer.js';
import { systemTimers } from '../../src/server/timers.js';

export type Step = readonly [tool: string, args: object];

export const LAST_WORDS = 'All steps are done.';

export interface SteppingModel {
  backend: ScenarioBackend;
  /** Of the requests that offered tools, in order. */
  prompts: PromptView[];
}

/** Reasoning before the call of a step, unique so that tests find it again. */
export function thoughtBefore(step: number): string {
  return `Thought ${step}: the next step is clear.`;
}

/** With the lab's block memory, so that usage carries cache hits as the platform counts them. */
export function steppingModel(tokenizer: Tokenizer, steps: readonly Step[]): SteppingModel {
  const prompts: PromptView[] = [];
  const play = (prompt: PromptView): Script => {
    const turn = new TurnWriter(prompt);
    if (prompt.tools.length === 0) {
      return { completion: turn.think('A side question.').say('A short title').done() };
    }
    prompts.push(prompt);
    const numDone = prompt.results.length;
    const step = steps[numDone];
    turn.think(thoughtBefore(numDone));
    if (!step) return { completion: turn.say(LAST_WORDS).done() };
    const offered = prompt.tools.map(({ name }) => name);
    if (!offered.includes(step[0])) {
      return { completion: turn.say(`No ${step[0]} among ${offered.join(', ')}.`).done() };
    }
    return { completion: turn.say(`Step ${numDone}.`).call(toCall(step)).done() };
  };
  const scenario = { name: 'steps', about: { en: 'steps', zh: '步骤' }, play };
  return { backend: new ScenarioBackend(scenario, { tokenizer, timers: systemTimers }), prompts };
}

function toCall([name, args]: Step) {
  const value = fromPlainJson(args);
  if (!isJsonObject(value)) throw new TypeError(`arguments of ${name} are no object`);
  return { name, arguments: value };
}
