// The tool by which an agent that has nothing but MCP speaks to the user of a task. Listed only in
// sessions whose task has one; other doors have their own way to the user, and no tool of it.

import type { Language } from '../task-types.js';
import { fail, succeed, type ToolResult } from '../tools/session.js';
import type { Json, JsonObject } from '../world-types.js';
import type { Rollout, Rollouts } from './rollouts.js';

export const ASK_USER = 'ask_user';

const TEXTS = {
  en: {
    description: 'Says something to the user and returns what the user answers.',
    message: 'a question, or the request to run a tool of the user for something',
    instruction: `Speak to the user with the tool ${ASK_USER}.`,
  },
  zh: {
    description: '对用户说一句话，并返回用户的回答。',
    message: '问题，或请用户对某个对象运行其工具的请求',
    instruction: `请用工具 ${ASK_USER} 与用户交谈。`,
  },
} satisfies Record<Language, unknown>;

/** Whether the agent is offered the tool. An environment's own tool of that name goes first. */
export function hasUser({ task, environment }: Rollout): boolean {
  return task?.user !== undefined && !environment.loaded.tools.has(ASK_USER);
}

export function userInstruction(language: Language): string {
  return TEXTS[language].instruction;
}

/** As `tools/list` has it. */
export function userTool(language: Language): JsonObject {
  const { description, message } = TEXTS[language];
  return {
    name: ASK_USER,
    description,
    inputSchema: {
      type: 'object',
      properties: { message: { type: 'string', description: message } },
      required: ['message'],
      additionalProperties: false,
    },
    annotations: {
      readOnlyHint: false,
      destructiveHint: false,
      idempotentHint: false,
      openWorldHint: false,
    },
  };
}

/** What the user does is recorded as the user's calls; that there was talk is not. */
export function askUser(rollouts: Rollouts, rollout: Rollout, args: unknown): ToolResult {
  const message =
    typeof args === 'object' && args !== null && Object.hasOwn(args, 'message')
      ? (args as { message: unknown }).message
      : undefined;
  if (typeof message !== 'string') return fail('bad_arguments', 'the argument message is no text');
  return succeed({ message: rollouts.say(rollout, message).message } as Json);
}
