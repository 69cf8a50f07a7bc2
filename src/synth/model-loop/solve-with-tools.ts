// Carries out a solution that a model wrote, so that it sees nothing but a function that calls tools. The
// sandbox takes text and gives text: the program is run again from its start with the results so far, and
// ends either with its answer or with the next call it wants. Programs are deterministic, so each run takes
// the same way one call further. What comes out is a plan like any other, with the origin of every argument.

import type { CodeLimits, CodeResult, Program } from '../../sandbox/types.js';
import { canonicalJson } from '../canonical.js';
import { leavesOf } from '../replay.js';
import { submitTool } from '../task-prompt.js';
import type { PlanStep, PlanValue, SolutionPlan } from '../task-types.js';
import { callTool } from '../tools/call-tool.js';
import { PAGE_PARAM } from '../tools/parameters.js';
import { Session, type LoadedEnvironment, type ToolResult } from '../tools/session.js';
import { cleanSubmission } from '../verify.js';
import type { Json, JsonObject } from '../world-types.js';

/** As RunProgram, in this process or another. */
export type RunCode = (
  program: Program,
  input: string,
  limits: CodeLimits,
) => CodeResult | Promise<CodeResult>;

export const LIMITS: CodeLimits = {
  steps: 10_000_000,
  memoryBytes: 64 << 20,
  outputBytes: 1 << 20,
};
export const MAX_CALLS = 120;
const SOLUTION = 'solution.js';
const DRIVER = 'hadal-driver.js';

/** What was wanted is noted outside the program: one that catches everything cannot hide it. */
const DRIVER_SOURCE = `import solve from './${SOLUTION}';
export default (input) => {
  let [at, wanted, value] = [0, null, null];
  const call = (tool, args) => {
    if (wanted) throw new Error('stopped');
    if (at === input.results.length) {
      wanted = { tool: String(tool), arguments: args === undefined ? {} : args };
      throw new Error('stopped');
    }
    const result = input.results[at++];
    if (result.ok) return result.value;
    throw Object.assign(new Error(result.code + ': ' + result.message), { code: result.code });
  };
  try {
    value = solve(call, input.conditions);
  } catch (error) {
    if (!wanted) throw error;
  }
  return wanted ? { wanted } : { answer: value === undefined ? null : value };
};
`;

export type Solved =
  | { readonly ok: true; readonly plan: SolutionPlan; readonly submission: Json }
  | { readonly ok: false; readonly problems: readonly string[] };

export interface SolveInput {
  readonly loaded: LoadedEnvironment;
  readonly source: string;
  /** The meaning of the request, which the program may read. */
  readonly conditions: JsonObject;
  /** Spelled values that an agent knows from the request and the tools. */
  readonly known: ReadonlySet<string>;
  readonly run: RunCode;
}

interface Call {
  readonly tool: string;
  readonly args: JsonObject;
  readonly result: ToolResult;
}

/** Never throws for what a program does. */
export async function solveWithTools(input: SolveInput): Promise<Solved> {
  const session = new Session(input.loaded);
  const calls: Call[] = [];
  for (;;) {
    const next = await nextOf(
      input,
      calls.map(({ result }) => result),
    );
    if (next.type === 'failed') return { ok: false, problems: [next.message] };
    if (next.type === 'answer') return planOf(input, calls, next.answer);
    if (calls.length === MAX_CALLS) {
      return { ok: false, problems: [`the solution makes more than ${MAX_CALLS} calls`] };
    }
    const { tool, args } = next;
    if (input.loaded.tools.get(tool)?.impl.archetype === 'submit') {
      return { ok: false, problems: ['the solution returns its answer; it does not submit it'] };
    }
    calls.push({ tool, args, result: callTool(session, tool, args) });
  }
}

type Next =
  | { readonly type: 'answer'; readonly answer: Json }
  | { readonly type: 'call'; readonly tool: string; readonly args: JsonObject }
  | { readonly type: 'failed'; readonly message: string };

async function nextOf(
  { source, conditions, run }: SolveInput,
  results: readonly ToolResult[],
): Promise<Next> {
  const program = { files: { [SOLUTION]: source, [DRIVER]: DRIVER_SOURCE }, entry: DRIVER };
  const ended = await run(program, JSON.stringify({ conditions, results }), LIMITS);
  if (!ended.ok) {
    const at = results.length > 0 ? ` after ${results.length} calls` : '';
    return {
      type: 'failed',
      message: `the solution fails${at}: ${ended.failure}: ${ended.message}`,
    };
  }
  const value = cleanSubmission(JSON.parse(ended.output)) as
    { wanted?: { tool: string; arguments: Json }; answer?: Json } | undefined;
  if (value?.wanted) {
    const { tool, arguments: args } = value.wanted;
    return { type: 'call', tool, args: args as JsonObject };
  }
  if (value?.answer === undefined) return { type: 'failed', message: 'the answer is too large' };
  return { type: 'answer', answer: value.answer };
}

/** The calls as a plan that ends with handing in. */
async function planOf(
  input: SolveInput,
  calls: readonly Call[],
  submission: Json,
): Promise<Solved> {
  const problems: string[] = [];
  const needed = await neededCalls(input, calls, submission);
  const steps = calls.map(({ tool, args, result }, i): PlanStep => {
    if (!result.ok)
      problems.push(`call ${i + 1}, ${tool}, fails: ${result.code}: ${result.message}`);
    const sources = Object.entries(args).map(([name, value]) => {
      const source = originOf({ ...input, needed }, calls.slice(0, i), calls[i]!, name, value);
      if (!source) problems.push(`call ${i + 1}, ${tool}: ${name} comes from nowhere`);
      return [name, source ?? { literal: value }] as const;
    });
    return { tool, arguments: Object.fromEntries(sources), bind: bindOf(i) };
  });
  const seen = new Set(input.known);
  for (const { result } of calls) if (result.ok) leavesOf(result.value, seen);
  for (const leaf of leavesOf(submission)) {
    const isText = leaf.startsWith('"');
    if (isText && !isShown(leaf, seen)) problems.push(`no call shows ${leaf}, which is handed in`);
  }
  if (problems.length > 0) return { ok: false, problems };
  const using = [...needed].map(bindOf);
  const tool = submitTool(input.loaded.env);
  if (tool?.impl.archetype !== 'submit')
    return { ok: true, submission, plan: { steps, submission } };
  const handIn = {
    tool: tool.name,
    arguments: { [tool.impl.schemaParam]: { derived: submission, using } },
  };
  return { ok: true, submission, plan: { steps: [...steps, handIn] } };
}

const bindOf = (call: number): string => `r${call + 1}`;

/**
 * Calls whose results the answer rests on: with any other result the program comes to another answer, or
 * to none. Found by trying, because a program does not tell what it looked at.
 */
async function neededCalls(
  input: SolveInput,
  calls: readonly Call[],
  submission: Json,
): Promise<Set<number>> {
  // Not a failure: that would end a program that never looks at the result.
  const lost: ToolResult = { ok: true, value: {} };
  const without = calls.map((_, at) =>
    nextOf(
      input,
      calls.map(({ result }, i) => (i === at ? lost : result)),
    ),
  );
  const isNeeded = (next: Next): boolean =>
    next.type !== 'answer' || canonicalJson(next.answer) !== canonicalJson(submission);
  const ends = await Promise.all(without);
  return new Set(ends.flatMap((next, at) => (isNeeded(next) ? [at] : [])));
}

/** Where an agent would have the value from; undefined = from nowhere. */
function originOf(
  { known, needed }: SolveInput & { readonly needed: ReadonlySet<number> },
  earlier: readonly Call[],
  call: Call,
  name: string,
  value: Json,
): PlanValue | undefined {
  if ([...leavesOf(value)].every((leaf) => known.has(leaf))) return { literal: value };
  // The newest place first: what was just read is what is used.
  for (let i = earlier.length - 1; i >= 0; i--) {
    const { result } = earlier[i]!;
    const path = result.ok ? pathTo(result.value, canonicalJson(value)) : undefined;
    // A number that happens to be somewhere was more likely counted.
    if (path && typeof value !== 'number') return { from: bindOf(i), path };
  }
  if (typeof value === 'boolean') return { literal: value };
  if (typeof value !== 'number' || earlier.length === 0) return undefined;
  const first = name === PAGE_PARAM ? earlier.findIndex((other) => isPageOf(other, call)) : -1;
  const counted = earlier.map((_, at) => at).filter((at) => needed.has(at));
  const using = first >= 0 ? [first] : counted.length > 0 ? counted : [earlier.length - 1];
  return { derived: value, using: using.map(bindOf) };
}

/** Whether two calls turn the pages of one list. */
function isPageOf(other: Call, call: Call): boolean {
  const rest = ({ [PAGE_PARAM]: _page, ...args }: JsonObject): string => canonicalJson(args);
  return other.tool === call.tool && rest(other.args) === rest(call.args);
}

function pathTo(value: Json, spelled: string): (string | number)[] | undefined {
  if (canonicalJson(value) === spelled) return [];
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, part] of Object.entries(value)) {
    const path = pathTo(part as Json, spelled);
    if (path) return [Array.isArray(value) ? Number(key) : key, ...path];
  }
  return undefined;
}

/** The text itself, or a part of one that was shown (the day of a time). */
function isShown(leaf: string, seen: ReadonlySet<string>): boolean {
  if (seen.has(leaf)) return true;
  const inner = leaf.slice(1, -1);
  return inner.length >= 4 && [...seen].some((one) => one.startsWith('"') && one.includes(inner));
}
