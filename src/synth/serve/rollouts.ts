// The open rollouts: made from a task or from an environment's default state, used by id from any
// connection, ended by request or after an idle time. Knows no transport. The private part of a task is
// read when a rollout is judged and kept nowhere.

import { randomUUID } from 'node:crypto';
import type { CorpusStore } from '../corpus.js';
import type { ChatMessage, OpenAITool } from '../task-prompt.js';
import { promptOf, systemPrompt } from '../task-prompt.js';
import { withProgramsElsewhere, type RunElsewhere } from '../programs/elsewhere.js';
import type { Language, PublicTask } from '../task-types.js';
import { callTool } from '../tools/call-tool.js';
import { fail, Session, type ToolResult } from '../tools/session.js';
import { cleanSubmission } from '../verify.js';
import { callRunCode, failureOf, serviceErrorOf } from './code-tools.js';
import { Environments, fromStore, type ReadyEnvironment } from './environments.js';
import { judge, reverify, type Judgement, type StoredCall, type StoredRollout } from './judge.js';
import { ServiceError, shown } from './service-error.js';
import { answerAsUser, type UserReply } from './user-script.js';

export interface RolloutLimits {
  readonly maxSessions: number;
  readonly idleMs: number;
}

export const DEFAULT_LIMITS: RolloutLimits = { maxSessions: 20_000, idleMs: 15 * 60_000 };

/** Longest tool name that is looked at. */
const MAX_NAME = 128;

export interface Rollout {
  readonly id: string;
  readonly environment: ReadyEnvironment;
  readonly session: Session;
  /** undefined = the environment's default state. */
  readonly task: PublicTask | undefined;
  readonly language: Language;
  /** As the trainer gave it, for its own records: nothing in an environment is random. */
  readonly seed: number | undefined;
  lastUsed: number;
}

export interface Opened {
  readonly session_id: string;
  readonly task_key: string;
  readonly env_id: string;
  readonly seed?: number;
  readonly prompt: readonly ChatMessage[];
  readonly tools: readonly OpenAITool[];
  readonly limits: { readonly max_turns: number; readonly max_tool_calls: number };
}

export interface RolloutsOptions {
  readonly store: CorpusStore;
  readonly limits?: Partial<RolloutLimits>;
  readonly now?: () => number;
  /** Where programs of agents run. Default: the isolate of this process, which bounds no time. */
  readonly runProgram?: RunElsewhere;
}

export class Rollouts {
  readonly environments: Environments;
  readonly limits: RolloutLimits;
  readonly #store: CorpusStore;
  readonly #now: () => number;
  readonly #runProgram: RunElsewhere | undefined;
  readonly #open = new Map<string, Rollout>();

  constructor({ store, limits, now = Date.now, runProgram }: RolloutsOptions) {
    this.environments = new Environments(store);
    this.limits = { ...DEFAULT_LIMITS, ...limits };
    this.#store = store;
    this.#now = now;
    this.#runProgram = runProgram;
  }

  get size(): number {
    return this.#open.size;
  }

  /** @throws ServiceError not_found, too_many_sessions, damaged_corpus */
  openTask(key: string, { envId, seed }: { envId?: string; seed?: number } = {}): Rollout {
    const task = this.task(key);
    if (envId !== undefined && task.envId !== envId) {
      throw new ServiceError('not_found', `there is no task ${shown(key)} in this environment`);
    }
    return this.#start(task.envId, task, seed);
  }

  /** @throws ServiceError not_found, too_many_sessions, damaged_corpus */
  openDefault(envId: string): Rollout {
    return this.#start(envId, undefined, undefined);
  }

  /** @throws ServiceError not_found, damaged_corpus */
  task(key: string): PublicTask {
    const task = fromStore(() => this.#store.task(key));
    if (!task) throw new ServiceError('not_found', `there is no task ${shown(key)}`);
    return task;
  }

  /** What is told to the one who opened it. */
  describe({ id, environment, task, language, seed }: Rollout): Opened {
    const { env } = environment;
    return {
      session_id: id,
      task_key: task?.key ?? '',
      env_id: env.id,
      ...(seed !== undefined && { seed }),
      prompt: task ? promptOf(env, task) : [{ role: 'system', content: systemPrompt(env) }],
      tools: environment.openAITools(language),
      limits: { max_turns: env.limits.maxTurns, max_tool_calls: env.limits.maxToolCalls },
    };
  }

  /** @throws ServiceError not_found */
  get(id: string): Rollout {
    const rollout = this.#open.get(id);
    if (!rollout || this.#isIdle(rollout)) {
      this.#open.delete(id);
      throw new ServiceError('not_found', `there is no session ${shown(id)}; it may have expired`);
    }
    rollout.lastUsed = this.#now();
    return rollout;
  }

  /** False = there was none. */
  close(id: string): boolean {
    return this.#open.delete(id);
  }

  /** Ends what has been idle too long. Returns how many. */
  sweep(): number {
    let ended = 0;
    for (const rollout of this.#open.values()) {
      if (!this.#isIdle(rollout)) continue;
      this.#open.delete(rollout.id);
      ended++;
    }
    return ended;
  }

  /** A call of the agent. A failure is a result; hostile arguments are failures. */
  call({ session }: Rollout, name: string, args: unknown): ToolResult | Promise<ToolResult> {
    // Recorded calls are memory: past the limit nothing is recorded any more.
    const { maxToolCalls } = session.env.limits;
    if (session.calls.length >= maxToolCalls) {
      return fail('too_many_calls', `only ${maxToolCalls} calls are allowed`);
    }
    // What is too large or too deep becomes no object at all, and callTool says so.
    const cleaned = cleanSubmission(args ?? {});
    const tool = session.environment.tools.get(name);
    if (this.#runProgram && tool?.impl.archetype === 'run-code' && tool.side === 'agent') {
      return callRunCode(this.#runProgram, session, name, cleaned);
    }
    const work = (): ToolResult => callTool(session, name.slice(0, MAX_NAME), cleaned);
    if (!this.#runProgram) return work();
    const result = withProgramsElsewhere(this.#runProgram, work);
    return result instanceof Promise ? result.catch(failureOf) : result;
  }

  /** What was called so far, as `reverify` takes it. */
  calls({ session }: Rollout): StoredCall[] {
    return session.calls.map(({ tool, arguments: args, result }) => ({
      tool,
      arguments: args,
      // An agent that names a user's tool is told that there is none.
      side:
        result.ok || result.code !== 'unknown_tool'
          ? (session.environment.tools.get(tool)?.side ?? 'agent')
          : 'agent',
    }));
  }

  /** The scripted user's answer. @throws ServiceError bad_request for a task without one */
  say(rollout: Rollout, message: string): UserReply {
    if (!rollout.task?.user) {
      throw new ServiceError('bad_request', 'no user takes part in this task');
    }
    return answerAsUser(rollout.session, rollout.task.user, rollout.language, message);
  }

  /**
   * May be asked more than once: the state stays. At once, except where programs are to be run elsewhere.
   * @throws ServiceError bad_request, damaged_corpus; busy, no_sandbox for programs
   */
  async verify(
    { session, task }: Rollout,
    messages: unknown,
    submission: unknown,
  ): Promise<Judgement> {
    if (!task) throw new ServiceError('bad_request', 'a session without a task has no verdict');
    const secret = fromStore(() => this.#store.privateTask(task.key))!;
    return this.#judged(() => judge({ task, secret, session, messages, submission }));
  }

  /** Judges a stored rollout anew; no session is opened. @throws ServiceError as `verify` and `reverify` */
  async reverify(stored: StoredRollout): Promise<Judgement> {
    return this.#judged(() => reverify(this.#store, this.environments, stored));
  }

  /** Keys behind `after`, in the corpus's order. */
  taskKeys(after: string | undefined, limit: number): string[] {
    const keys: string[] = [];
    let isBehind = after === undefined;
    for (const key of this.#store.taskKeys()) {
      if (isBehind) keys.push(key);
      else isBehind = key === after;
      if (keys.length === limit) break;
    }
    return keys;
  }

  #start(envId: string, task: PublicTask | undefined, seed: number | undefined): Rollout {
    if (this.#open.size >= this.limits.maxSessions && this.sweep() === 0) {
      throw new ServiceError(
        'too_many_sessions',
        `${this.#open.size} sessions are open; end some or start with a higher limit`,
      );
    }
    const environment = this.environments.get(envId);
    const session = fromStore(
      () => new Session(environment.loaded, task?.patch ?? [], task?.submissionSchema),
    );
    const language = task?.language ?? 'en';
    const id = randomUUID();
    const rollout = { id, environment, session, task, language, seed, lastUsed: this.#now() };
    this.#open.set(id, rollout);
    return rollout;
  }

  async #judged(work: () => Judgement): Promise<Judgement> {
    if (!this.#runProgram) return work();
    try {
      return await withProgramsElsewhere(this.#runProgram, work);
    } catch (error) {
      throw serviceErrorOf(error);
    }
  }

  #isIdle({ lastUsed }: Rollout): boolean {
    return this.#now() - lastUsed >= this.limits.idleMs;
  }
}
