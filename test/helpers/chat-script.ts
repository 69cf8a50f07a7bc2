// An OpenAI-style endpoint for whole replies that answers as a function of the request, on a free port;
// and an agent for it that plays a corpus's reference solutions, reading results as a model would.

import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import type { TaskPair } from '../../src/synth/corpus-writer.js';
import type { ChatMessage, OpenAITool } from '../../src/synth/task-prompt.js';
import type { PlanStep, PlanValue } from '../../src/synth/task-types.js';
import type { Json, JsonObject } from '../../src/synth/world-types.js';

export interface ChatRequest {
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly tools?: readonly OpenAITool[];
  readonly [field: string]: unknown;
}

export type ScriptedAnswer =
  | {
      readonly message: Partial<ChatMessage>;
      readonly finish?: string;
      /** null = the endpoint does not say. */
      readonly usage?: object | null;
    }
  | { readonly status: number; readonly headers?: Record<string, string>; readonly text?: string }
  /** Answers by itself, or never. */
  | { readonly raw: (response: ServerResponse) => void };

export interface ChatScript {
  readonly baseUrl: string;
  readonly asked: ChatRequest[];
  readonly headers: IncomingHttpHeaders[];
  readonly paths: string[];
  /** Requests that nobody waits for any more. */
  abandoned: number;
}

export const USAGE = {
  prompt_tokens: 10,
  completion_tokens: 5,
  completion_tokens_details: { reasoning_tokens: 2 },
  prompt_cache_hit_tokens: 4,
};

export async function startChat(
  t: Pick<TestContext, 'after'>,
  answer: (request: ChatRequest, index: number) => ScriptedAnswer,
): Promise<ChatScript> {
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(pieces).toString()) as ChatRequest;
      script.headers.push(request.headers);
      script.paths.push(request.url ?? '');
      const index = script.asked.push(body) - 1;
      response.on('close', () => {
        if (!response.writableEnded) script.abandoned++;
      });
      send(response, answer(body, index));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const script: ChatScript = {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    asked: [],
    headers: [],
    paths: [],
    abandoned: 0,
  };
  return script;
}

function send(response: ServerResponse, answer: ScriptedAnswer): void {
  if ('raw' in answer) return answer.raw(response);
  if ('status' in answer) {
    response.writeHead(answer.status, answer.headers);
    response.end(answer.text ?? '');
    return;
  }
  const { message, usage = USAGE } = answer;
  const finish = answer.finish ?? (message.tool_calls ? 'tool_calls' : 'stop');
  response.writeHead(200, { 'content-type': 'application/json' });
  const choice = { index: 0, message: { role: 'assistant', ...message }, finish_reason: finish };
  response.end(JSON.stringify({ id: 'x', choices: [choice], ...(usage && { usage }) }));
}

export function calls(...list: readonly (readonly [name: string, args: Json | string])[]) {
  return list.map(([name, args], i) => ({
    id: `call_${i}`,
    type: 'function' as const,
    function: { name, arguments: typeof args === 'string' ? args : JSON.stringify(args) },
  }));
}

/** Plays the reference solution of the task whose request it reads, one step a turn. */
export function referenceAgent(
  pairs: readonly TaskPair[],
): (request: ChatRequest) => ScriptedAnswer {
  return ({ messages, tools = [] }) => {
    const { content } = messages.find(({ role }) => role === 'user')!;
    const pair = pairs.find(({ task }) => task.request === content);
    if (!pair) throw new Error(`no task says ${content}`);
    const { solution } = pair.private;
    const begin = messages.findIndex(({ role }) => role === 'user') + 1;
    const answers = messages.slice(begin).filter(({ role }) => role === 'tool' || role === 'user');
    const step = solution.steps[answers.length];
    if (!step)
      return { message: { content: solution.message ?? JSON.stringify(solution.submission) } };
    const args = argumentsOf(step, solution.steps, answers);
    const isAgents = tools.some(({ function: { name } }) => name === step.tool);
    if (!isAgents) {
      const [id] = Object.values(args);
      return { message: { content: `Please use ${step.tool} on ${String(id)}.` } };
    }
    const reasoning = `step ${answers.length + 1}`;
    return { message: { reasoning_content: reasoning, tool_calls: calls([step.tool, args]) } };
  };
}

function argumentsOf(
  { arguments: args }: PlanStep,
  steps: readonly PlanStep[],
  answers: readonly ChatMessage[],
): JsonObject {
  const valueOf = (value: PlanValue): Json => {
    if ('literal' in value) return value.literal;
    if ('derived' in value) return value.derived;
    const at = steps.findIndex(({ bind }) => bind === value.from);
    let found = JSON.parse(answers[at]!.content!) as Json;
    for (const part of value.path) found = (found as JsonObject)[part as string]!;
    return found;
  };
  return Object.fromEntries(Object.entries(args).map(([name, value]) => [name, valueOf(value)]));
}
