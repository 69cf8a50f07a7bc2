// Which rules of the modules hold in an environment, which of them its tools enforce, and what a tool says
// when it refuses: the rule itself, or only that there is one. What is not enforced, or not said, stands in
// the policy alone (agents reference §6.3).

import type { ModuleInstance } from '../module-types.js';
import type { Random } from '../random.js';
import type { Bilingual, RuleSpec } from '../world-types.js';
import type { Chosen } from './choose.js';

const DROP_RULE = 12;
const ENFORCE = 55;
const TERSE = 40;

const NOT_ALLOWED: Bilingual = {
  en: 'The policy does not allow this.',
  zh: '规定不允许此操作。',
};

/** The rules that hold, as far as tools that stay are concerned. */
export function chooseRules(
  instances: readonly ModuleInstance[],
  { tools, affordances }: Chosen,
  random: Random,
): RuleSpec[] {
  const names = new Set(tools.map(({ name }) => name));
  const needed = new Set(
    affordances.flatMap((one) => (one.kind === 'permission' ? [one.rule] : [])),
  );
  const rules: RuleSpec[] = [];
  for (const { rules: own, freeRules } of instances) {
    for (const rule of own) {
      const free = freeRules.includes(rule.id);
      const [drop, enforce] = [random.chance(DROP_RULE), random.chance(ENFORCE)];
      const about = rule.tools.filter((name) => names.has(name));
      if (about.length === 0 || (free && drop && !needed.has(rule.id))) continue;
      rules.push({ ...rule, tools: about, enforced: free ? enforce : rule.enforced });
    }
  }
  return rules;
}

/** The rules as they are, or all of them with tools that only say no. A matter of words, not of structure. */
export function worded(rules: readonly RuleSpec[], random: Random): readonly RuleSpec[] {
  return random.chance(TERSE) ? rules.map((rule) => ({ ...rule, refusal: NOT_ALLOWED })) : rules;
}
