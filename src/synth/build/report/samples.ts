// Tasks as an agent gets them, and folded beneath each what the agent never sees: the solution.

import type { CorpusStore } from '../../corpus.js';
import { agentTools, submitTool } from '../../task-prompt.js';
import type { PlanStep, PlanValue, PrivateTask, PublicTask } from '../../task-types.js';
import type { Environment, JsonObject, ToolSpec } from '../../world-types.js';
import { chooseSamples } from './choose-samples.js';
import { grouped, markup, table, type Markup, type Section } from './markup.js';

const NUM_SAMPLES = 20;
const MAX_POLICY = 700;
const LANGUAGES = { en: 'English', zh: 'Chinese' };

/** @throws CorpusError for a damaged file */
export function samples(store: CorpusStore): Section {
  const tasks = chooseSamples(store, NUM_SAMPLES);
  const articles = tasks.map((task) =>
    sample(task, store.environment(task.envId)!, store.privateTask(task.key)!),
  );
  return {
    id: 'samples',
    title: `${tasks.length} sample tasks`,
    body: markup`<p>Chosen so that all families and languages are there; the same for the same corpus. The part to open holds the solution, which no agent sees: keep this page from models that are to be tested on these tasks.</p>${articles}`,
  };
}

function sample(task: PublicTask, env: Environment, secret: PrivateTask): Markup {
  const { difficulty, language, request, submissionSchema, patch } = task;
  const facts = [
    `${difficulty.minCalls} calls`,
    `${difficulty.writes} writes`,
    `${difficulty.constraints} conditions`,
    `level ${difficulty.level}`,
    `right ends: ${difficulty.solutions}`,
    task.split,
    ...(patch.length > 0 ? [`${patch.length} rows changed beforehand`] : []),
    ...(task.user ? ['the user takes part'] : []),
  ];
  return markup`<article id="${task.key}"><header><h3>${task.family} <span class="soft">in ${LANGUAGES[language]}</span></h3><p class="soft"><code>${task.key}</code><br/>${env.modules.join(', ')}, as ${env.theme.replaceAll('_', ' ')}; it is ${env.clock.replace('T', ' ')}</p><ul class="chips">${facts.map((fact) => markup`<li>${fact}</li>`)}</ul></header><blockquote class="request" lang="${language}">${request}</blockquote><h4>Policy</h4><p class="policy" lang="${language}">${excerpt(env.policy[language])}</p><h4>Tools (outlined: they write)</h4>${tools(env, language)}${submissionSchema && submission(submissionSchema)}${solution(env, secret)}</article>
`;
}

/** To the last whole line that fits. */
function excerpt(text: string): Markup {
  if (text.length <= MAX_POLICY) return markup`${text}`;
  const end = text.lastIndexOf('\n', MAX_POLICY);
  const start = text.slice(0, end > 0 ? end : MAX_POLICY);
  return markup`${start}\n<span class="soft" lang="en">… ${grouped(text.length - start.length)} more characters</span>`;
}

function tools(env: Environment, language: PublicTask['language']): Markup {
  const parametersOf = ({ parameters }: ToolSpec): string =>
    Object.keys((parameters['properties'] ?? {}) as JsonObject).join(', ');
  const chip = ({ name, effect }: ToolSpec): Markup =>
    markup`<li class="${effect}"><code>${name}</code></li>`;
  const held = env.tools.filter(({ side }) => side === 'user').map(({ name }) => name);
  const own = agentTools(env);
  const rows = own.map((tool) => [
    markup`<code>${tool.name}</code>`,
    markup`<code>${parametersOf(tool)}</code>`,
    markup`<span lang="${language}">${tool.description[language]}</span>`,
  ]);
  return markup`<ul class="chips">${own.map(chip)}</ul>${held.length > 0 && markup`<p class="soft">The user holds: ${held.join(', ')}.</p>`}<details><summary>What the ${own.length} tools take and say</summary>${table(
    { head: ['Tool', 'Arguments', 'Description'], rows, words: [1, 2] },
  )}</details>`;
}

function submission(schema: JsonObject): Markup {
  const required = (schema['required'] ?? []) as readonly string[];
  const fields = Object.entries((schema['properties'] ?? {}) as Record<string, JsonObject>);
  const kind = ({ type, ...more }: JsonObject): string =>
    Object.keys(more).length === 0 ? String(type) : JSON.stringify({ type, ...more });
  const rows = fields.map(([name, of]) => [
    markup`<code>${name}</code>`,
    markup`<code>${kind(of)}</code>`,
    required.includes(name) ? 'yes' : 'no',
  ]);
  return markup`<h4>To be handed in</h4>${table({ head: ['Field', 'Type', 'Required'], rows, words: [1, 2] })}`;
}

function solution(
  env: Environment,
  { solution: plan, verifier, alternatives }: PrivateTask,
): Markup {
  const steps = plan.steps.map((step) => markup`<li><code>${callOf(step)}</code></li>`);
  const submit = submitTool(env)?.name;
  const last = plan.steps.findLast(({ tool }) => tool === submit);
  const answer = last ? Object.values(last.arguments).map(valueOf).join(', ') : undefined;
  const text =
    answer ?? (plan.submission === undefined ? undefined : JSON.stringify(plan.submission));
  const judged = [
    verifier.expectedStateHash !== undefined && 'the state of all tables',
    verifier.stateChecks && `${verifier.stateChecks.length} checks of the state`,
    verifier.submissionChecks && `${verifier.submissionChecks.length} checks of what is handed in`,
    verifier.programs && 'programs, run on cases that no agent sees',
    verifier.communicate && 'what the last message says',
    verifier.allowedWrites && 'that nothing else was changed',
  ].filter((part) => typeof part === 'string');
  return markup`<details class="solution"><summary>Solution and answer (${plan.steps.length} calls)</summary>${text !== undefined && markup`<h4>Answer</h4><pre>${text}</pre>`}${plan.message !== undefined && markup`<h4>Last message</h4><pre>${plan.message}</pre>`}<h4>What is judged</h4><p>${judged.join('; ')}. ${alternatives.length} other routes were tried too.</p><h4>Calls</h4><ol class="calls">${steps}</ol></details>`;
}

/** `tool(argument: value) → r3` */
function callOf({ tool, arguments: given, bind }: PlanStep): string {
  const parts = Object.entries(given).map(([name, value]) => `${name}: ${valueOf(value)}`);
  return `${tool}(${parts.join(', ')})${bind === undefined ? '' : ` → ${bind}`}`;
}

function valueOf(value: PlanValue): string {
  if ('literal' in value) return JSON.stringify(value.literal);
  if ('derived' in value) return JSON.stringify(value.derived);
  const path = value.path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`));
  return value.from + path.join('');
}
