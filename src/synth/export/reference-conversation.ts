// A reference solution as the conversation of an agent that finds it: calls, what the tools answered, the
// user's part, the end. Carried out in a fresh session, so every answer is what the tools really say.

import {
  openAITools,
  promptOf,
  submitTool,
  type ChatMessage,
  type OpenAITool,
} from '../task-prompt.js';
import type { PlanStep, PlanValue, PrivateTask, PublicTask } from '../task-types.js';
import { answerAsUser } from '../serve/user-script.js';
import { callTool } from '../tools/call-tool.js';
import { Session, type LoadedEnvironment, type ToolResult } from '../tools/session.js';
import type { Json, JsonObject } from '../world-types.js';

/** A message, and whether the agent should learn to write it. */
export interface ReferenceMessage {
  readonly message: ChatMessage;
  readonly isTaught: boolean;
}

export interface ReferenceConversation {
  readonly prompt: readonly ChatMessage[];
  readonly completion: readonly ReferenceMessage[];
  readonly tools: readonly OpenAITool[];
  readonly session: Session;
}

/** The stored solution does not run: the corpus is of another version. */
export class SolutionError extends Error {
  override name = 'SolutionError';
}

const ASK = {
  en: (tool: string, args: string) => `Please use ${tool} with ${args} and tell me what you see.`,
  zh: (tool: string, args: string) => `请使用 ${tool}（参数 ${args}），并告诉我结果。`,
  done: { en: 'Done.', zh: '已完成。' },
};

/** @throws SolutionError */
export function referenceConversation(
  environment: LoadedEnvironment,
  task: PublicTask,
  { solution }: PrivateTask,
): ReferenceConversation {
  const session = new Session(environment, task.patch, task.submissionSchema);
  const submit = submitTool(environment.env);
  const steps = [...solution.steps];
  const { submission } = solution;
  if (submission !== undefined && submit && !steps.some(({ tool }) => tool === submit.name)) {
    const { schemaParam } = submit.impl as { schemaParam: string };
    steps.push({ tool: submit.name, arguments: { [schemaParam]: { literal: submission } } });
  }
  const results = new Map<string, Json>();
  const completion: ReferenceMessage[] = [];
  for (const [i, step] of steps.entries()) {
    const args = argumentsOf(step, results);
    const side = environment.tools.get(step.tool)?.side ?? 'agent';
    const [said, answered] =
      side === 'user'
        ? throughUser(session, task, step.tool, args)
        : byItself(`call_${i + 1}`, step.tool, args, callTool(session, step.tool, args));
    const { result } = session.calls.at(-1)!;
    if (result.ok && step.bind !== undefined) results.set(step.bind, result.value);
    const isTaught = result.ok;
    completion.push({ message: said, isTaught }, { message: answered, isTaught: false });
  }
  const isText = submission !== undefined && !submit;
  const words = solution.message ?? ASK.done[task.language];
  const content = isText ? JSON.stringify(submission) : words;
  completion.push({ message: { role: 'assistant', content }, isTaught: true });
  return {
    prompt: promptOf(environment.env, task),
    completion,
    tools: openAITools(environment.env, task.language),
    session,
  };
}

function byItself(
  id: string,
  tool: string,
  args: JsonObject,
  result: ToolResult,
): [ChatMessage, ChatMessage] {
  const called = { name: tool, arguments: JSON.stringify(args) };
  return [
    { role: 'assistant', content: null, tool_calls: [{ id, type: 'function', function: called }] },
    { role: 'tool', tool_call_id: id, content: textOf(result) },
  ];
}

/** Asked in words, as of the served user. @throws SolutionError */
function throughUser(
  session: Session,
  { user, language }: PublicTask,
  tool: string,
  args: JsonObject,
): [ChatMessage, ChatMessage] {
  const asked = ASK[language](tool, JSON.stringify(args));
  const reply = user && answerAsUser(session, user, language, asked);
  if (reply?.calls.length !== 1) {
    throw new SolutionError(`the user does not run ${tool}: ${reply?.message ?? 'there is none'}`);
  }
  return [
    { role: 'assistant', content: asked },
    { role: 'user', content: reply.message },
  ];
}

function textOf(result: ToolResult): string {
  return result.ok ? JSON.stringify(result.value) : `${result.code}: ${result.message}`;
}

function argumentsOf(step: PlanStep, results: ReadonlyMap<string, Json>): JsonObject {
  return Object.fromEntries(
    Object.entries(step.arguments).map(([name, value]) => [name, valueOf(value, results)]),
  );
}

function valueOf(value: PlanValue, results: ReadonlyMap<string, Json>): Json {
  if ('literal' in value) return value.literal;
  if ('derived' in value) return value.derived;
  let at: Json | undefined = results.get(value.from);
  for (const key of value.path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) {
      throw new SolutionError(`a step takes ${value.path.join('.')} of ${value.from}: not there`);
    }
    at = (at as Readonly<Record<string | number, Json>>)[key];
  }
  if (at === undefined) throw new SolutionError(`a step takes the result ${value.from}: not there`);
  return at;
}
