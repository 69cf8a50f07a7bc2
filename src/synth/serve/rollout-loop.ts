// One rollout: a session of a task, a model behind an endpoint, and the loop between them until the agent
// hands in, answers, or a limit is reached. Tool failures are results that the model reads; failures of
// the endpoint are errors in the row. The verdict is the same that a trainer gets over HTTP.
// Source: agents reference §3, §4.1.

import { contentHash } from '../canonical.js';
import { Database } from '../database.js';
import { EndpointError, type ChatEndpoint, type ModelReply } from '../model-loop/chat-endpoint.js';
import { submitTool, type ChatMessage, type ToolCall } from '../task-prompt.js';
import type { Json, JsonObject } from '../world-types.js';
import { estimatedTokens, requestMessages } from './rollout-loop-messages.js';
import {
  endOf,
  stateDiff,
  type RolloutRow,
  type RolloutUsage,
  type Segment,
  type Span,
  type StopCondition,
} from './rollout-loop-row.js';
import type { Rollout, Rollouts } from './rollouts.js';

export interface LoopLimits {
  /** Replies of the model; default: the environment's. */
  readonly max_turns?: number;
  /** Default: the environment's, which also is the most. */
  readonly max_tool_calls?: number;
  /** Over all replies; default: none. */
  readonly max_completion_tokens?: number;
  /** Messages of the simulated user; default 20. */
  readonly max_user_turns?: number;
  /** Default: the environment's. */
  readonly wall_ms?: number;
}

export interface LoopInput {
  readonly rollouts: Rollouts;
  readonly endpoint: Pick<ChatEndpoint, 'complete'>;
  readonly model: string;
  /** Goes into every request as it is. */
  readonly sampling: JsonObject;
  readonly limits: LoopLimits;
  readonly taskKey: string;
  readonly groupId: string;
  readonly sampleIdx: number;
  readonly versions: Readonly<Record<string, string>>;
  /** Whoever wanted it is gone. */
  readonly signal: AbortSignal;
  /** Milliseconds from any origin. */
  readonly now?: () => number;
}

const MAX_USER_TURNS = 20;
/** The same call with the same result: said once, then the rollout ends. */
const MAX_REPEATS = 3;
/** Of a tool's result, as the model sees it. */
const MAX_RESULT_CHARS = 32_768;
/** Where every sample of a group would be the same, the seed moves on. */
const MAX_SEED = 2 ** 31 - 1;

/** @throws the signal's reason; ServiceError where no session can be opened */
export async function runRollout(input: LoopInput): Promise<RolloutRow> {
  const { rollouts, taskKey } = input;
  const now = input.now ?? (() => performance.now());
  const began = now();
  const rollout = rollouts.openTask(taskKey);
  try {
    return await new Loop(input, rollout, now, began).run();
  } finally {
    rollouts.close(rollout.id);
  }
}

class Loop {
  readonly #input: LoopInput;
  readonly #rollout: Rollout;
  readonly #now: () => number;
  readonly #began: number;
  readonly #sampling: JsonObject;
  readonly #prompt: readonly ChatMessage[];
  readonly #completion: ChatMessage[] = [];
  readonly #segments: { prompt: ChatMessage[]; from: number }[] = [];
  readonly #modelSpans: Span[] = [];
  readonly #envSpans: Span[] = [];
  readonly #seen = new Map<string, number>();
  #usage: RolloutUsage = {
    prompt_tokens: 0,
    completion_tokens: 0,
    reasoning_tokens: 0,
    cached_tokens: 0,
    total_tokens: 0,
    calls: 0,
    turns: 0,
    estimated: false,
  };
  #toolCalls = 0;
  #badCalls = 0;
  #toolErrors = 0;
  #userTurns = 0;
  #retries = 0;
  #error: RolloutRow['error'] = null;

  constructor(input: LoopInput, rollout: Rollout, now: () => number, began: number) {
    this.#input = input;
    this.#rollout = rollout;
    this.#now = now;
    this.#began = began;
    this.#sampling = ofSample(input.sampling, input.sampleIdx);
    this.#prompt = input.rollouts.describe(rollout).prompt;
  }

  async run(): Promise<RolloutRow> {
    const setup = { start_ms: 0, end_ms: this.#elapsed() };
    this.#segments.push({ prompt: [...this.#prompt], from: 0 });
    const stop = await this.#converse();
    const generated = this.#elapsed();
    const judgement = await this.#input.rollouts.verify(this.#rollout, this.#completion, undefined);
    const scored = this.#elapsed();
    return this.#row(stop, judgement, {
      setup,
      generation: { start_ms: setup.end_ms, end_ms: generated },
      scoring: { start_ms: generated, end_ms: scored },
      model: this.#modelSpans,
      env: this.#envSpans,
    });
  }

  async #converse(): Promise<StopCondition> {
    const { env } = this.#rollout.session;
    const { limits, signal } = this.#input;
    const maxTurns = limits.max_turns ?? env.limits.maxTurns;
    const maxTokens = limits.max_completion_tokens ?? Infinity;
    const wall = new AbortController();
    const timer = setTimeout(() => wall.abort(), limits.wall_ms ?? env.limits.wallMs);
    try {
      for (;;) {
        signal.throwIfAborted();
        if (this.#usage.turns >= maxTurns) return 'max_turns';
        if (this.#usage.completion_tokens >= maxTokens) return 'max_completion_tokens';
        const reply = await this.#ask(AbortSignal.any([signal, wall.signal]));
        const stop = await this.#take(reply);
        if (stop) return stop;
      }
    } catch (error) {
      if (wall.signal.aborted && !signal.aborted) return 'wall_time';
      if (!(error instanceof EndpointError)) throw error;
      this.#retries += error.retries;
      this.#error = { type: error.type, message: error.message };
      return 'error';
    } finally {
      clearTimeout(timer);
    }
  }

  async #ask(signal: AbortSignal): Promise<ModelReply> {
    const { endpoint, model, rollouts } = this.#input;
    const messages = requestMessages([...this.#prompt, ...this.#completion]);
    const { tools } = rollouts.describe(this.#rollout);
    const start_ms = this.#elapsed();
    const body = { ...this.#sampling, model, messages, ...(tools.length > 0 && { tools }) };
    const reply = await endpoint.complete(body as unknown as JsonObject, signal);
    this.#modelSpans.push({ start_ms, end_ms: this.#elapsed() });
    this.#account(reply, messages);
    return reply;
  }

  /** What a reply leads to; undefined = on with the conversation. */
  async #take({ message, finishReason }: ModelReply): Promise<StopCondition | undefined> {
    this.#completion.push(message);
    const { session, task } = this.#rollout;
    // The calls of a reply that was cut off are not run: their arguments may be cut, too.
    if (finishReason === 'length') return 'length';
    if (finishReason === 'content_filter') return 'content_filter';
    if (message.tool_calls) {
      const stop = await this.#callAll(message.tool_calls);
      if (submitTool(session.env) && session.submission !== undefined) return 'submitted';
      return stop;
    }
    return task?.user ? this.#tellUser(message.content ?? '') : 'final_message';
  }

  /** Every call gets its result, in order, whatever happens. */
  async #callAll(calls: readonly ToolCall[]): Promise<StopCondition | undefined> {
    let stop: StopCondition | undefined;
    const { session } = this.#rollout;
    const most = Math.min(
      this.#input.limits.max_tool_calls ?? Infinity,
      session.env.limits.maxToolCalls,
    );
    for (const call of calls) {
      if (this.#toolCalls >= most) stop ??= 'max_tool_calls';
      const start_ms = this.#elapsed();
      let content = stop ? NOT_RUN : await this.#call(call);
      this.#envSpans.push({ start_ms, end_ms: this.#elapsed() });
      if (!stop) {
        const repeats = this.#repeats(call, content);
        if (repeats > MAX_REPEATS) stop = 'loop_detected';
        // Inside the result: a message of the user's would end the question (§4.1, rule 3).
        else if (repeats === MAX_REPEATS) content += REPEATED;
      }
      this.#completion.push({ role: 'tool', tool_call_id: call.id, content });
    }
    return stop;
  }

  async #call({ function: { name, arguments: text } }: ToolCall): Promise<string> {
    this.#toolCalls++;
    const args = parsedObject(text);
    if (!args) {
      this.#badCalls++;
      return errorText('bad_arguments', `the arguments are no JSON object: ${text.slice(0, 120)}`);
    }
    const result = await this.#input.rollouts.call(this.#rollout, name, args);
    if (!result.ok) {
      this.#toolErrors++;
      if (result.code === 'bad_arguments' || result.code === 'unknown_tool') this.#badCalls++;
      return errorText(result.code, result.message);
    }
    const shown = JSON.stringify(result.value);
    if (shown.length <= MAX_RESULT_CHARS) return shown;
    return `${shown.slice(0, MAX_RESULT_CHARS)}\n[cut off after ${MAX_RESULT_CHARS} of ${shown.length} characters]`;
  }

  #repeats({ function: { name, arguments: args } }: ToolCall, content: string): number {
    const key = contentHash([name, args, content]);
    const times = (this.#seen.get(key) ?? 0) + 1;
    this.#seen.set(key, times);
    return times;
  }

  /** A user with nothing to add has heard the final message. */
  #tellUser(message: string): StopCondition | undefined {
    const { rollouts, limits } = this.#input;
    const start_ms = this.#elapsed();
    const reply = rollouts.say(this.#rollout, message);
    this.#envSpans.push({ start_ms, end_ms: this.#elapsed() });
    if (!reply.answers) return 'final_message';
    if (this.#userTurns >= (limits.max_user_turns ?? MAX_USER_TURNS)) return 'max_user_turns';
    this.#userTurns++;
    this.#completion.push({ role: 'user', content: reply.message });
    this.#segments.push({
      prompt: requestMessages([...this.#prompt, ...this.#completion]),
      from: this.#completion.length,
    });
    // What was tried before the user did something may be tried again.
    this.#seen.clear();
    return undefined;
  }

  #account({ message, usage, retries }: ModelReply, sent: readonly ChatMessage[]): void {
    const used = usage ?? {
      prompt_tokens: estimatedTokens(sent),
      completion_tokens: estimatedTokens([message]),
      reasoning_tokens: 0,
      cached_tokens: 0,
    };
    const before = this.#usage;
    this.#retries += retries;
    this.#usage = {
      prompt_tokens: before.prompt_tokens + used.prompt_tokens,
      completion_tokens: before.completion_tokens + used.completion_tokens,
      reasoning_tokens: before.reasoning_tokens + used.reasoning_tokens,
      cached_tokens: before.cached_tokens + used.cached_tokens,
      total_tokens: before.total_tokens + used.prompt_tokens + used.completion_tokens,
      calls: before.calls + 1,
      turns: before.turns + 1,
      estimated: before.estimated || usage === undefined,
    };
  }

  #row(
    stop: StopCondition,
    { reward, checks, final_state_hash }: Awaited<ReturnType<Rollouts['verify']>>,
    timing: RolloutRow['timing'],
  ): RolloutRow {
    const { rollouts, groupId, sampleIdx, model, versions } = this.#input;
    const { session, task, environment } = this.#rollout;
    const before = new Database(environment.loaded.base);
    before.apply(task!.patch);
    const score = this.#error ? 0 : reward;
    const trajectory = this.#trajectory();
    return {
      id: `${groupId}-${sampleIdx}`,
      task_key: task!.key,
      task_hash: task!.hash,
      env_id: task!.envId,
      group_id: groupId,
      sample_idx: sampleIdx,
      model,
      sampling: this.#sampling,
      prompt: this.#prompt,
      completion: this.#completion,
      tool_defs: rollouts.describe(this.#rollout).tools,
      calls: rollouts.calls(this.#rollout),
      reward: score,
      rewards: { verifier: { score, weight: 1 } },
      checks,
      metrics: {
        turns: this.#usage.turns,
        tool_calls: this.#toolCalls,
        bad_calls: this.#badCalls,
        tool_errors: this.#toolErrors,
        user_turns: this.#userTurns,
        retries: this.#retries,
      },
      ...endOf(stop),
      stop_condition: stop,
      error: this.#error,
      usage: this.#usage,
      timing,
      ...(trajectory.length > 1 && { trajectory }),
      final_state_hash,
      state_diff: stateDiff(before, session.db),
      versions: { ...versions, environment: task!.envVersion },
    };
  }

  #trajectory(): Segment[] {
    return this.#segments.map(({ prompt, from }, i) => {
      const next = this.#segments[i + 1];
      // The user's message begins the next prompt and belongs to no completion.
      const completion = this.#completion.slice(from, next ? next.from - 1 : undefined);
      return { prompt, completion, tokens: null, ...(i > 0 && { context_event: 'user_message' }) };
    });
  }

  #elapsed(): number {
    return Math.round((this.#now() - this.#began) * 1000) / 1000;
  }
}

const NOT_RUN = errorText('not_run', 'the rollout ends before this call');
const REPEATED = '\n[this call was made three times with the same result; it will not change]';

function errorText(code: string, message: string): string {
  return JSON.stringify({ error: { code, message } });
}

function ofSample(sampling: JsonObject, index: number): JsonObject {
  const { seed } = sampling;
  return typeof seed === 'number' ? { ...sampling, seed: (seed + index) % MAX_SEED } : sampling;
}

/** undefined = no JSON object. Nothing is repaired. */
function parsedObject(text: string): Json | undefined {
  try {
    // An empty text is how some endpoints write a call without arguments.
    const value = JSON.parse(text === '' ? '{}' : text) as Json;
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
