// Every endpoint of the API that the playground offers, with the parameters its form shows. Data only;
// its test holds it to docs/api.md and to the conformance kit, so that neither can drift away.

import type { Dialect } from '../../../src/conformance/requirement.js';

interface Both {
  en: string;
  zh: string;
}

/** How the form shows a parameter. What no control fits is written in the editor. */
export type ParameterKind =
  | { kind: 'text' | 'long-text' | 'boolean' | 'json' }
  | { kind: 'number' | 'integer'; min?: number; max?: number }
  | { kind: 'choice'; options: readonly string[] };

export type Parameter = ParameterKind & {
  /** Path in the body, e.g. `thinking.type`. */
  name: string;
  about: Both;
  required?: true;
};

export interface Endpoint {
  id: string;
  title: Both;
  method: 'GET' | 'POST';
  /** `{id}` is a field beside the form. */
  path: string;
  dialect: Dialect;
  parameters: readonly Parameter[];
  /** Page of the docs. */
  docs: string;
}

const MODELS = ['deepseek-chat', 'deepseek-reasoner'] as const;

const model: Parameter = {
  name: 'model',
  kind: 'choice',
  options: MODELS,
  required: true,
  about: {
    en: 'Whether it thinks, unless thinking says so.',
    zh: '决定是否思考，除非另有 thinking。',
  },
};
const temperature: Parameter = {
  name: 'temperature',
  kind: 'number',
  min: 0,
  max: 2,
  about: { en: '0 takes the likeliest token. Default 1.', zh: '0 总取最可能的词元，默认 1。' },
};
const topP: Parameter = {
  name: 'top_p',
  kind: 'number',
  min: 0,
  max: 1,
  about: { en: 'Above 0, up to 1. Default 1.', zh: '大于 0，至多 1，默认 1。' },
};
const stream: Parameter = {
  name: 'stream',
  kind: 'boolean',
  about: { en: 'Reply as server-sent events.', zh: '以服务器发送事件流式回复。' },
};
const includeUsage: Parameter = {
  name: 'stream_options.include_usage',
  kind: 'boolean',
  about: { en: 'Usage in a last chunk; only with stream.', zh: '末尾附用量，仅用于流式。' },
};
const stop: Parameter = {
  name: 'stop',
  kind: 'json',
  about: { en: 'A text, or at most 16 of them.', zh: '一个或至多 16 个停止文本。' },
};
const maxTokens: Parameter = {
  name: 'max_tokens',
  kind: 'integer',
  min: 1,
  about: { en: 'Most tokens of the reply, reasoning included.', zh: '回复的最大词元数，含思考。' },
};
const tools: Parameter = {
  name: 'tools',
  kind: 'json',
  about: { en: 'Functions that the model may call.', zh: '模型可调用的函数。' },
};
const toolChoice: Parameter = {
  name: 'tool_choice',
  kind: 'json',
  about: { en: 'none, auto, required, or one tool.', zh: 'none、auto、required 或指定一个工具。' },
};
const thinking: Parameter = {
  name: 'thinking.type',
  kind: 'choice',
  options: ['enabled', 'disabled'],
  about: { en: 'Thinking mode, whatever the model is called.', zh: '思考模式，与模型名称无关。' },
};
const penalties: readonly Parameter[] = [
  {
    name: 'frequency_penalty',
    kind: 'number',
    min: -2,
    max: 2,
    about: { en: 'Lowers a token by how often it came.', zh: '按出现次数降低词元概率。' },
  },
  {
    name: 'presence_penalty',
    kind: 'number',
    min: -2,
    max: 2,
    about: { en: 'Lowers a token that came at all.', zh: '降低已出现词元的概率。' },
  },
];
const seed: Parameter = {
  name: 'seed',
  kind: 'integer',
  about: { en: 'Repeats the same samples.', zh: '重复相同的采样。' },
};
const userId: Parameter = {
  name: 'user_id',
  kind: 'text',
  about: { en: 'Your own end user; separates caches.', zh: '您自己的最终用户，隔离缓存。' },
};

const CHAT: readonly Parameter[] = [
  model,
  {
    name: 'messages',
    kind: 'json',
    required: true,
    about: { en: 'The conversation: 1 to 10000 messages.', zh: '对话：1 到 10000 条消息。' },
  },
  thinking,
  stream,
  includeUsage,
  maxTokens,
  temperature,
  topP,
  ...penalties,
  seed,
  stop,
  tools,
  toolChoice,
  {
    name: 'response_format.type',
    kind: 'choice',
    options: ['text', 'json_object'],
    about: {
      en: 'json_object: the prompt must say “json”.',
      zh: 'json_object：提示词须含“json”。',
    },
  },
  {
    name: 'logprobs',
    kind: 'boolean',
    about: { en: 'Log-probabilities of the reply’s tokens.', zh: '返回词元的对数概率。' },
  },
  {
    name: 'top_logprobs',
    kind: 'integer',
    min: 0,
    max: 20,
    about: { en: 'Alternatives per token; needs logprobs.', zh: '每个词元的候选数，需 logprobs。' },
  },
  { name: 'n', kind: 'integer', min: 1, max: 1, about: { en: 'Only 1.', zh: '只能为 1。' } },
  userId,
];

const FIM: readonly Parameter[] = [
  { ...model, kind: 'choice', options: ['deepseek-chat'] },
  {
    name: 'prompt',
    kind: 'long-text',
    required: true,
    about: { en: 'Text before the gap.', zh: '空缺之前的文本。' },
  },
  {
    name: 'suffix',
    kind: 'long-text',
    about: { en: 'Text after the gap.', zh: '空缺之后的文本。' },
  },
  {
    name: 'echo',
    kind: 'boolean',
    about: { en: 'Repeat the prompt in the reply.', zh: '回复中重复提示词。' },
  },
  {
    name: 'logprobs',
    kind: 'integer',
    min: 0,
    max: 20,
    about: { en: 'Alternatives per token.', zh: '每个词元的候选数。' },
  },
  stream,
  includeUsage,
  { ...maxTokens, kind: 'integer', min: 1, max: 4096 },
  temperature,
  topP,
  ...penalties,
  seed,
  stop,
  userId,
];

const MESSAGES: readonly Parameter[] = [
  {
    name: 'model',
    kind: 'text',
    required: true,
    about: {
      en: 'Names of Claude are served as deepseek-chat.',
      zh: 'Claude 的名称按 deepseek-chat 服务。',
    },
  },
  { ...maxTokens, required: true },
  {
    name: 'messages',
    kind: 'json',
    required: true,
    about: { en: 'The conversation in content blocks.', zh: '以内容块表示的对话。' },
  },
  {
    name: 'system',
    kind: 'long-text',
    about: { en: 'System text, or blocks of it.', zh: '系统文本，或文本块。' },
  },
  { ...thinking, kind: 'choice', options: ['enabled', 'disabled', 'adaptive'] },
  stream,
  temperature,
  topP,
  {
    name: 'stop_sequences',
    kind: 'json',
    about: { en: 'Array of texts that end the reply.', zh: '结束回复的文本数组。' },
  },
  tools,
  toolChoice,
];

const RESPONSES: readonly Parameter[] = [
  model,
  {
    name: 'input',
    kind: 'json',
    required: true,
    about: { en: 'A text, or items of a conversation.', zh: '文本，或对话条目。' },
  },
  {
    name: 'instructions',
    kind: 'long-text',
    about: { en: 'A system message in front.', zh: '置于最前的系统消息。' },
  },
  stream,
  {
    name: 'max_output_tokens',
    kind: 'integer',
    min: 1,
    about: { en: 'Cut to the mode’s range.', zh: '按模式范围截断。' },
  },
  temperature,
  topP,
  tools,
  toolChoice,
  {
    name: 'text.format.type',
    kind: 'choice',
    options: ['text', 'json_object'],
    about: {
      en: 'json_object: the prompt must say “json”.',
      zh: 'json_object：提示词须含“json”。',
    },
  },
  {
    name: 'include',
    kind: 'json',
    about: {
      en: '["reasoning.encrypted_content"] returns the reasoning’s capsule.',
      zh: '["reasoning.encrypted_content"] 返回思考胶囊。',
    },
  },
];

export const ENDPOINTS: readonly Endpoint[] = [
  {
    id: 'chat',
    title: { en: 'Chat', zh: '对话' },
    method: 'POST',
    path: '/chat/completions',
    dialect: 'chat',
    parameters: CHAT,
    docs: 'parameters',
  },
  {
    id: 'beta-chat',
    title: { en: 'Chat, beta: prefix, strict tools', zh: '对话 Beta：前缀续写、严格工具' },
    method: 'POST',
    path: '/beta/chat/completions',
    dialect: 'chat',
    parameters: CHAT,
    docs: 'prefix',
  },
  {
    id: 'speciale',
    title: { en: 'Chat, Speciale', zh: '对话 Speciale' },
    method: 'POST',
    path: '/speciale/chat/completions',
    dialect: 'chat',
    parameters: CHAT,
    docs: 'models-and-prices',
  },
  {
    id: 'fim',
    title: { en: 'Fill in the middle', zh: 'FIM 补全' },
    method: 'POST',
    path: '/beta/completions',
    dialect: 'fim',
    parameters: FIM,
    docs: 'fim',
  },
  {
    id: 'responses',
    title: { en: 'Responses', zh: 'Responses' },
    method: 'POST',
    path: '/v1/responses',
    dialect: 'responses',
    parameters: RESPONSES,
    docs: 'api',
  },
  {
    id: 'messages',
    title: { en: 'Anthropic messages', zh: 'Anthropic 消息' },
    method: 'POST',
    path: '/anthropic/v1/messages',
    dialect: 'anthropic',
    parameters: MESSAGES,
    docs: 'anthropic',
  },
  {
    id: 'count-tokens',
    title: { en: 'Anthropic token count', zh: 'Anthropic 词元计数' },
    method: 'POST',
    path: '/anthropic/v1/messages/count_tokens',
    dialect: 'anthropic',
    parameters: MESSAGES.filter(({ name }) =>
      ['model', 'messages', 'system', 'thinking.type', 'tools', 'tool_choice'].includes(name),
    ),
    docs: 'anthropic',
  },
  {
    id: 'models',
    title: { en: 'List models', zh: '模型列表' },
    method: 'GET',
    path: '/models',
    dialect: 'platform',
    parameters: [],
    docs: 'models-and-prices',
  },
  {
    id: 'model',
    title: { en: 'One model', zh: '单个模型' },
    method: 'GET',
    path: '/models/{id}',
    dialect: 'platform',
    parameters: [],
    docs: 'models-and-prices',
  },
  {
    id: 'anthropic-models',
    title: { en: 'List models, Anthropic', zh: '模型列表（Anthropic）' },
    method: 'GET',
    path: '/anthropic/v1/models',
    dialect: 'platform',
    parameters: [],
    docs: 'anthropic',
  },
  {
    id: 'balance',
    title: { en: 'Balance', zh: '余额' },
    method: 'GET',
    path: '/user/balance',
    dialect: 'platform',
    parameters: [],
    docs: 'api',
  },
];

export function endpointOf(id: string): Endpoint | undefined {
  return ENDPOINTS.find((endpoint) => endpoint.id === id);
}
