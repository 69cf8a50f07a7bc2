// What a model sees of a task: system and user message, and the tools in OpenAI form. One place for
// every door and export, so that a task reads the same wherever it is run. Made from public parts only.

import type { Language, PublicTask } from './task-types.js';
import type { Environment, JsonObject, ToolSpec } from './world-types.js';

/** The OpenAI shape, with the reasoning that V3.2 keeps beside it. */
export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly content: string | null;
  readonly reasoning_content?: string;
  readonly tool_calls?: readonly ToolCall[];
  readonly tool_call_id?: string;
}

export interface ToolCall {
  readonly id: string;
  readonly type: 'function';
  /** `arguments` is JSON text. */
  readonly function: { readonly name: string; readonly arguments: string };
}

export interface OpenAITool {
  readonly type: 'function';
  readonly function: {
    readonly name: string;
    readonly description: string;
    readonly parameters: JsonObject;
  };
}

const WORDS = {
  en: {
    role: 'You work with the tools you are given. Follow the policy even where no tool enforces it.',
    clock: (now: string) => `The time is ${now} and does not pass.`,
    policy: 'Policy',
    submitTool: (name: string) => `Hand in the result with the tool ${name}, in this form:`,
    submitText: 'End with a message that is JSON of this form and nothing else:',
    userTools: (names: string) =>
      `The user can run these tools, given with their arguments. Ask for one by its name and name the thing it is for ("please run ... for ..."): ${names}.`,
  },
  zh: {
    role: '请使用提供的工具完成工作。即使没有工具强制执行，也必须遵守规定。',
    clock: (now: string) => `当前时间是 ${now}，时间不会流逝。`,
    policy: '规定',
    submitTool: (name: string) => `用工具 ${name} 提交结果，格式如下：`,
    submitText: '最后一条消息只包含如下格式的 JSON：',
    userTools: (names: string) =>
      `用户可以运行以下工具（括号内为参数）。请写明工具名称和对象名称来提出请求（“请对……运行……”）：${names}。`,
  },
} satisfies Record<Language, unknown>;

/** System message of an environment, for a task or for none. */
export function systemPrompt(env: Environment, task?: PublicTask): string {
  const language = task?.language ?? 'en';
  const words = WORDS[language];
  const parts = [`${words.role} ${words.clock(env.clock)}`];
  const policy = env.policy[language];
  if (policy !== '') parts.push(`# ${words.policy}\n${policy}`);
  if (task?.submissionSchema) {
    const tool = submitTool(env);
    const ask = tool ? words.submitTool(tool.name) : words.submitText;
    parts.push(`${ask}\n${JSON.stringify(task.submissionSchema)}`);
  }
  if (task?.user && task.user.tools.length > 0) {
    parts.push(words.userTools(userTools(env, task.user.tools)));
  }
  return parts.join('\n\n');
}

export function promptOf(env: Environment, task: PublicTask): ChatMessage[] {
  return [
    { role: 'system', content: systemPrompt(env, task) },
    { role: 'user', content: task.request },
  ];
}

/** The agent's tools. */
export function openAITools(env: Environment, language: Language): OpenAITool[] {
  return agentTools(env).map(({ name, description, parameters }) => ({
    type: 'function',
    function: { name, description: description[language], parameters },
  }));
}

export function agentTools(env: Environment): ToolSpec[] {
  return env.tools.filter(({ side }) => side === 'agent');
}

/** Names with their arguments, and the values of those that have a few only. */
function userTools(env: Environment, names: readonly string[]): string {
  const signature = (name: string): string => {
    const parameters = env.tools.find((tool) => tool.name === name)?.parameters;
    const properties = (parameters?.['properties'] ?? {}) as Readonly<Record<string, JsonObject>>;
    const args = Object.entries(properties).map(([arg, { enum: values }]) =>
      Array.isArray(values) ? `${arg}: ${values.join(' | ')}` : arg,
    );
    return `${name}(${args.join(', ')})`;
  };
  return names.map(signature).join(', ');
}

/** The tool that hands in a result; undefined = the final message is the result. */
export function submitTool(env: Environment): ToolSpec | undefined {
  return agentTools(env).find(({ impl }) => impl.archetype === 'submit');
}
