// The catalogue of the lab, and how a name in a path becomes a scenario. A parameter follows the
// name after a colon and replaces the scenario's default number (`slow-tokens:200`).

import type { PromptView } from './prompt-view.js';
import type { Scenario, Script } from './scenario.js';
import { FAULT_SCENARIOS } from './fault-scenarios.js';
import { TEXT_SCENARIOS } from './text-scenarios.js';
import { TOOL_SCENARIOS } from './tool-scenarios.js';
import { TurnWriter } from './turn-writer.js';

/** As many tokens as asked for, at once: what benchmarks put behind the server. */
const INSTANT: Scenario = {
  name: 'instant',
  about: { en: 'Tokens without any delay, for benchmarks.', zh: '毫无延迟的词元，用于基准测试。' },
  parameter: { en: 'tokens', zh: '词元数', default: 64, min: 1, max: 131_072 },
  play: (prompt: PromptView): Script => ({
    completion: new TurnWriter(prompt).think('Go.').say(' deep sea').done(),
    repeatToTokens: 64,
  }),
};

export const SCENARIOS: ReadonlyMap<string, Scenario> = new Map(
  [...TEXT_SCENARIOS, ...TOOL_SCENARIOS, ...FAULT_SCENARIOS, INSTANT].map((scenario) => [
    scenario.name,
    scenario,
  ]),
);

/**
 * The scenario of a path segment: a name, or a name with its number. undefined when there is none
 * with that name, or the number is not a whole one within its bounds.
 */
export function findScenario(segment: string): Scenario | undefined {
  const [, name, number] = /^([a-z0-9-]{1,40})(?::(\d{1,7}))?$/.exec(segment) ?? [];
  const scenario = name === undefined ? undefined : SCENARIOS.get(name);
  if (!scenario || number === undefined) return scenario;
  const { parameter } = scenario;
  const value = Number(number);
  if (!parameter || value < parameter.min || value > parameter.max) return undefined;
  return withNumber(scenario, value);
}

/** The scenario with its number replaced. */
export function withNumber(scenario: Scenario, value: number): Scenario {
  return { ...scenario, play: (prompt) => applyNumber(scenario.play(prompt), value) };
}

/** A scenario has one number: of tokens, of milliseconds per token, or of seconds to be silent. */
function applyNumber(script: Script, value: number): Script {
  const { timing } = script;
  if (script.repeatToTokens !== undefined) return { ...script, repeatToTokens: value };
  if (timing?.perTokenMs !== undefined) return { ...script, timing: { perTokenMs: value } };
  if (timing?.beforeFirstMs !== undefined) {
    return { ...script, timing: { beforeFirstMs: value * 1000 } };
  }
  if (timing?.pause) return { ...script, timing: { pause: { ...timing.pause, ms: value * 1000 } } };
  return script;
}

/** The body of `GET /lab`: every scenario with what it does, in catalogue order. */
export function scenarioListBody(): string {
  const data = [...SCENARIOS.values()].map(({ name, about, parameter, failure }) => ({
    name,
    path: `/lab/${name}`,
    about,
    ...(parameter && { parameter }),
    ...(failure?.type === 'error' && { status: failure.status }),
    ...(failure?.type === 'foreign' && { status: failure.status }),
  }));
  return JSON.stringify({ object: 'list', data });
}
