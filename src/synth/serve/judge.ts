// The verdict of a rollout as trainers get it: a pure function of the task and of what the agent left
// behind, so stored rollouts can be judged again. What is answered names the checks, never what they
// look for. Source: agents reference §3, §5.

import { fromStore, type Environments } from './environments.js';
import { ServiceError, shown } from './service-error.js';
import type { CorpusStore } from '../corpus.js';
import { Database } from '../database.js';
import { submitTool, type ChatMessage } from '../task-prompt.js';
import type { PrivateTask, PublicTask, Verdict } from '../task-types.js';
import { callTool } from '../tools/call-tool.js';
import { Session } from '../tools/session.js';
import { cleanSubmission, verify } from '../verify.js';
import type { Json, ToolSpec } from '../world-types.js';

export interface Judgement {
  readonly reward: 0 | 1;
  readonly checks: readonly { readonly id: string; readonly ok: boolean }[];
  readonly final_state_hash: string;
}

export interface JudgeInput {
  readonly task: PublicTask;
  readonly secret: PrivateTask;
  readonly session: Session;
  /** Of the rollout; the last one of the assistant is its final message. From outside. */
  readonly messages: unknown;
  /** From outside; absent = what the session submitted, else the final message read as JSON. */
  readonly submission: unknown;
}

export function judge({ task, secret, session, messages, submission }: JudgeInput): Judgement {
  const before = new Database(session.environment.base);
  before.apply(task.patch);
  const finalMessage = finalMessageOf(messages);
  const { reward, checks } = verify(secret.verifier, {
    before,
    after: session.db,
    submission: submittedBy(session, task, submission, finalMessage),
    finalMessage,
  });
  return { reward, checks: checks.map(publicCheck), final_state_hash: session.db.stateHash() };
}

export interface StoredCall {
  readonly tool: string;
  readonly arguments: unknown;
  /** Who made it; absent = the agent. */
  readonly side?: ToolSpec['side'];
}

/** A rollout as it was stored: enough to do it again. */
export interface StoredRollout {
  readonly task_key: string;
  /** In order; absent = the tool calls of the messages. */
  readonly calls?: readonly StoredCall[];
  readonly messages?: unknown;
  /** What rows of `POST /v1/rollouts` have instead of `messages`. */
  readonly completion?: unknown;
  readonly submission?: unknown;
}

/**
 * Judges a stored rollout: its calls are carried out again in a fresh session.
 * @throws ServiceError not_found for an unknown task, bad_request for what is no rollout
 */
export function reverify(
  store: CorpusStore,
  environments: Environments,
  rollout: StoredRollout,
): Judgement {
  const key: unknown = rollout.task_key;
  if (typeof key !== 'string') throw new ServiceError('bad_request', 'a rollout has a task_key');
  const task = fromStore(() => store.task(key));
  if (!task) throw new ServiceError('not_found', `there is no task ${shown(key)}`);
  const secret = fromStore(() => store.privateTask(key))!;
  const { loaded } = environments.get(task.envId);
  const session = new Session(loaded, task.patch, task.submissionSchema);
  for (const { tool, arguments: args, side } of storedCalls(rollout)) {
    if (session.calls.length >= loaded.env.limits.maxToolCalls) break;
    callTool(session, tool, cleanSubmission(args ?? {}), side === 'user' ? 'user' : 'agent');
  }
  const { submission } = rollout;
  const messages = messagesOf(rollout);
  return judge({ task, secret, session, messages, submission });
}

/** A check of words is named by the words it looks for: those stay here. */
function publicCheck({ id, ok }: Verdict['checks'][number], index: number) {
  return { id: id.startsWith('says:') ? `says:${index + 1}` : id, ok };
}

function submittedBy(
  session: Session,
  task: PublicTask,
  submission: unknown,
  finalMessage: string,
): Json | undefined {
  if (submission !== undefined) return cleanSubmission(submission);
  if (session.submission !== undefined) return session.submission;
  if (!task.submissionSchema || submitTool(session.env)) return undefined;
  return jsonIn(finalMessage);
}

/** The message as JSON, bare or in one code fence. */
function jsonIn(message: string): Json | undefined {
  const [, fenced] = /^```(?:json)?\n([\s\S]*)\n```$/.exec(message.trim()) ?? [];
  try {
    return cleanSubmission(JSON.parse(fenced ?? message));
  } catch {
    return undefined; // no JSON: nothing was submitted
  }
}

function messagesIn(messages: unknown): Partial<ChatMessage>[] {
  if (!Array.isArray(messages)) return [];
  return (messages as unknown[]).filter(
    (message): message is Partial<ChatMessage> => typeof message === 'object' && message !== null,
  );
}

function finalMessageOf(messages: unknown): string {
  const last = messagesIn(messages).findLast(({ role }) => role === 'assistant');
  return typeof last?.content === 'string' ? last.content : '';
}

function messagesOf({ messages, completion }: StoredRollout): unknown {
  return messages ?? completion;
}

function storedCalls(rollout: StoredRollout): readonly StoredCall[] {
  const { calls } = rollout;
  if (calls === undefined) return callsIn(messagesOf(rollout));
  const isCall = (call: unknown): boolean =>
    typeof (call as Partial<StoredCall> | null)?.tool === 'string';
  if (Array.isArray(calls) && calls.every(isCall)) return calls;
  throw new ServiceError('bad_request', 'calls is a list of {tool, arguments}');
}

function callsIn(messages: unknown): StoredCall[] {
  return messagesIn(messages)
    .filter(({ role, tool_calls: calls }) => role === 'assistant' && Array.isArray(calls))
    .flatMap(({ tool_calls: calls }) => calls!)
    .map((call: unknown) => {
      const { function: called } = (call ?? {}) as {
        function?: { name?: unknown; arguments?: unknown };
      };
      if (typeof called?.name !== 'string') {
        throw new ServiceError('bad_request', 'a tool call has no function name');
      }
      return { tool: called.name, arguments: parsed(called.arguments) };
    });
}

/** Arguments that are no JSON were no call that could do anything, then as now. */
function parsed(text: unknown): unknown {
  if (typeof text !== 'string') return text;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
