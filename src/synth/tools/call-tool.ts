// Runs one call of one tool: checks the arguments, asks the rules that the tool enforces, runs the
// archetype, records the call. A failure is a result and leaves the state as it was; nothing that an
// agent sends makes it throw.

import { DataError } from '../database.js';
import { holds } from '../evaluate.js';
import { cleanSubmission } from '../verify.js';
import type { Environment, Json, RuleSpec, ToolSpec } from '../world-types.js';
import { calculate } from './calculate.js';
import { checkArguments, type Arguments } from './parameters.js';
import * as programs from './program-tools.js';
import * as read from './read-tools.js';
import { fail, succeed, type Session, type ToolResult } from './session.js';
import * as write from './write-tools.js';

/** Calls of the agent, or of the user whose side the tools are on. */
export function callTool(
  session: Session,
  name: string,
  args: unknown,
  side: ToolSpec['side'] = 'agent',
): ToolResult {
  const tool = session.environment.tools.get(name);
  if (!tool || tool.side !== side) {
    return fail('unknown_tool', `there is no tool ${JSON.stringify(name.slice(0, 64))}`);
  }
  const problem = checkArguments(tool.parameters, args);
  const result =
    problem === null ? perform(tool, args as Arguments, session) : fail('bad_arguments', problem);
  const recorded = problem === null ? (args as Arguments) : {};
  session.calls.push({ tool: name, arguments: recorded, result });
  return result;
}

function perform(tool: ToolSpec, args: Arguments, session: Session): ToolResult {
  if (session.calls.length >= session.env.limits.maxToolCalls) {
    return fail('too_many_calls', `only ${session.env.limits.maxToolCalls} calls are allowed`);
  }
  const broken = tool.effect === 'write' ? brokenRule(tool, args, session) : undefined;
  if (broken) return fail(broken.errorCode, (broken.refusal ?? broken.text).en);
  try {
    return run(tool, args, session);
  } catch (error) {
    if (error instanceof DataError) return fail('invalid', error.message);
    throw error;
  }
}

/** The first rule of this tool that it enforces and that does not allow the call. */
function brokenRule(tool: ToolSpec, args: Arguments, session: Session): RuleSpec | undefined {
  const scope = {
    before: session.db,
    after: session.db,
    variables: { args: args as Json, clock: session.env.clock },
  };
  return enforcedRules(session.env, tool).find(({ allows }) => !holds(allows, scope));
}

const enforced = new WeakMap<Environment, Map<string, readonly RuleSpec[]>>();

function enforcedRules(env: Environment, { name }: ToolSpec): readonly RuleSpec[] {
  let ofTools = enforced.get(env);
  if (!ofTools) enforced.set(env, (ofTools = new Map()));
  let rules = ofTools.get(name);
  if (!rules) {
    rules = env.rules.filter((rule) => rule.enforced && rule.tools.includes(name));
    ofTools.set(name, rules);
  }
  return rules;
}

function run({ impl }: ToolSpec, args: Arguments, session: Session): ToolResult {
  switch (impl.archetype) {
    case 'get':
      return read.get(impl, args, session);
    case 'get-by':
      return read.getBy(impl, args, session);
    case 'find':
      return read.find(impl, args, session);
    case 'children':
      return read.children(impl, args, session);
    case 'search-text':
      return read.searchText(impl, args, session);
    case 'read-field':
    case 'read-setting':
      return read.readField({ ...impl, archetype: 'read-field' }, args, session);
    case 'list-values':
      return read.listValues(impl, session);
    case 'count':
      return read.count(impl, args, session);
    case 'extreme':
      return read.extreme(impl, args, session);
    case 'neighbours':
      return read.neighbours(impl, args, session);
    case 'availability':
      return read.availability(impl, args, session);
    case 'compare':
      return read.compare(impl, args, session);
    case 'history':
      return read.history(impl, args, session);
    case 'create':
      return write.create(impl, args, session);
    case 'update':
      return write.update(impl, args, session);
    case 'delete':
      return write.remove(impl, args, session);
    case 'transition':
      return write.transition(impl, args, session);
    case 'transfer':
      return write.transfer(impl, args, session);
    case 'adjust':
      return write.adjust(impl, args, session);
    case 'book':
      return write.book(impl, args, session);
    case 'assign':
      return write.assign(impl, args, session);
    case 'unassign':
      return write.setColumn(session, impl.table, String(args[impl.param]), impl.column, null);
    case 'link':
      return write.link(impl, args, session);
    case 'unlink':
      return write.unlink(impl, args, session);
    case 'move-quantity':
      return write.moveQuantity(impl, args, session);
    case 'post-message':
      return write.postMessage(impl, args, session);
    case 'set-flag':
      return write.setColumn(
        session,
        impl.table,
        String(args[impl.param]),
        impl.column,
        impl.value,
      );
    case 'toggle-setting': {
      const key = String(args[impl.param]);
      const row = session.db.get(impl.table, key);
      return write.setColumn(session, impl.table, key, impl.column, !(row?.[impl.column] ?? false));
    }
    case 'set-setting': {
      const value = args[impl.valueParam] as string | number | boolean;
      return write.setColumn(session, impl.table, String(args[impl.param]), impl.column, value);
    }
    case 'reboot': {
      const key = String(args[impl.param]);
      if (!session.db.get(impl.table, key)) return read.notFound(impl.table, key);
      session.db.update(impl.table, key, impl.resets);
      return succeed({ rebooted: key });
    }
    case 'probe': {
      const row = session.db.get(impl.table, String(args[impl.param]));
      if (!row) return read.notFound(impl.table, args[impl.param]!);
      const scope = { before: session.db, after: session.db, variables: { row } };
      return succeed({ status: holds(impl.works, scope) ? impl.ok : impl.broken });
    }
    case 'read-lines':
      return programs.readLines(impl, args, session);
    case 'replace-text':
      return programs.replaceText(impl, args, session);
    case 'run-tests':
      return programs.runTests(impl, args, session);
    case 'compute':
      return read.compute(impl, args, session);
    case 'calculate':
      return calculate(String(args['expression']));
    case 'current-time':
      return succeed({ now: session.env.clock });
    case 'date-add':
      return addDays(String(args['date']), args['days'] as number);
    case 'note-write':
      session.notes.push(String(args['text']));
      return succeed({ notes: session.notes.length });
    case 'note-read':
      return succeed({ notes: [...session.notes] });
    case 'list-policies':
      return succeed({ policy: session.env.policy.en });
    case 'escalate':
      session.escalation = String(args[impl.reasonParam]);
      return succeed({ escalated: true });
    case 'submit': {
      const submission = cleanSubmission(args[impl.schemaParam]);
      if (submission === undefined) return fail('bad_submission', 'it is too large or too deep');
      session.submission = submission;
      return succeed({ received: true });
    }
    case 'run-code':
      // Needs a process of its own: the serving side runs it in the sandbox and records the result.
      return fail('not_here', 'code runs in the sandbox only');
    default:
      return impl satisfies never;
  }
}

const DAY_MS = 86_400_000;

function addDays(date: string, days: number): ToolResult {
  const at = Date.parse(`${date}T00:00:00Z`);
  const moved = new Date(at + days * DAY_MS);
  if (Number.isNaN(moved.getTime())) return fail('bad_date', `${date} is no date`);
  return succeed({ date: moved.toISOString().slice(0, 10) });
}
