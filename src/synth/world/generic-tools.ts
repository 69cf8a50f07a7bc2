// The tools that every environment may have whatever it is about. Calculator, clock, submission and
// escalation are always there; the rest is chosen.

import type { Random } from '../random.js';
import { parametersOf } from '../tools/parameters.js';
import type { ToolImpl, ToolSpec } from '../world-types.js';
import { describeTool } from './describe-tool.js';
import type { Naming } from './naming.js';
import { effectOf, errorCodesOf } from './tool-facts.js';

const ALWAYS: readonly ToolImpl[] = [
  { archetype: 'calculate' },
  { archetype: 'current-time' },
  { archetype: 'submit', schemaParam: 'result' },
  { archetype: 'escalate', reasonParam: 'reason' },
];
export const MIN_GENERIC = ALWAYS.length;

/** With the chance of each in 100. */
const SOMETIMES: readonly (readonly [number, ...ToolImpl[]])[] = [
  [60, { archetype: 'date-add' }],
  [45, { archetype: 'note-write' }, { archetype: 'note-read' }],
  [30, { archetype: 'list-policies' }],
];

/** Which of them: structure. @param most of them, unless more are always there */
export function drawGeneric(random: Random, most: number): ToolImpl[] {
  const drawn = [...ALWAYS];
  for (const [percent, ...impls] of random.shuffled(SOMETIMES)) {
    if (random.chance(percent) && drawn.length + impls.length <= most) drawn.push(...impls);
  }
  return drawn;
}

const NAMES: Readonly<Record<string, readonly [string, ...string[]]>> = {
  calculate: ['calculate'],
  'current-time': ['get', 'current_time'],
  submit: ['submit', 'result'],
  escalate: ['escalate', 'to_person'],
  'date-add': ['add', 'days'],
  'note-write': ['write', 'note'],
  'note-read': ['read', 'notes'],
  'list-policies': ['list', 'policies'],
};

export function genericTool(impl: ToolImpl, naming: Naming): ToolSpec {
  const none = { tables: [] };
  return {
    name: naming.tool(...NAMES[impl.archetype]!),
    description: describeTool(impl, none),
    parameters: parametersOf(impl, none),
    effect: effectOf(impl),
    impl,
    errorCodes: errorCodesOf(impl),
    side: 'agent',
  };
}
