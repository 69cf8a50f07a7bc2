// A played model for tests that end a server in the middle of many replies: the question says how
// many tokens the reply has, or that it stops after a few and never goes on. Every token takes one
// turn of the event loop, so that replies of different lengths end at different times.

import { scenarioBackend, type ScenarioTimers } from '../../src/lab/scenario-backend.js';
import type { Scenario } from '../../src/lab/scenario.js';
import { TurnWriter } from '../../src/lab/turn-writer.js';
import { testTokenizer } from './scripted-backend.js';

const ONE_TURN = 1;
const NEVER = 2;
const HELD_AFTER = 3;

/** The question for a reply of so many tokens; undefined = one that is never complete. */
export function pacedQuestion(numTokens: number | undefined): string {
  return numTokens === undefined ? 'hold' : `finish ${numTokens}`;
}

const PACED: Scenario = {
  name: 'paced',
  about: { en: 'As long as asked for.', zh: '按要求的长度。' },
  play(prompt) {
    const numTokens = /finish (\d+)/.exec(prompt.question)?.[1];
    const completion = new TurnWriter(prompt).say(' deep sea').done();
    return numTokens === undefined
      ? {
          completion,
          repeatToTokens: 100,
          timing: { pause: { afterTokens: HELD_AFTER, ms: NEVER } },
        }
      : { completion, repeatToTokens: Number(numTokens), timing: { perTokenMs: ONE_TURN } };
  },
};

/** Counts turns of the event loop instead of milliseconds. */
const TURNS: ScenarioTimers = {
  after(ms, callback) {
    if (ms === NEVER) return () => {};
    const turn = setImmediate(callback);
    return () => clearImmediate(turn);
  },
};

/** What `startServer` takes as `served`. */
export function pacedModel() {
  const tokenizer = testTokenizer();
  return { backend: scenarioBackend(PACED, { tokenizer, timers: TURNS }), tokenizer };
}
