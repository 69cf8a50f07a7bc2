// What profiles and leniencies mean, in one line each. The names are the server's: a new one there does
// not compile here before it is explained.

import type { Leniency, ProfileName } from '../../../../src/protocol/leniency.js';
import { language } from '../../i18n/language.js';

interface Both {
  en: string;
  zh: string;
}

const PROFILE_TEXTS: Record<ProfileName, Both> = {
  '2025-12-01': {
    en: 'The platform of that date, exactly: what runs here runs there.',
    zh: '与该日期的官方平台完全一致：在这里能跑，在那里也能跑。',
  },
  agents: {
    en: 'Also accepts what today’s agents send and the platform refuses: every leniency there is.',
    zh: '同时接受当今智能体会发送、而官方平台会拒绝的内容，即启用全部宽容项。',
  },
};

const LENIENCY_TEXTS: Record<Leniency, Both> = {
  heal_reasoning: {
    en: 'Reasoning lost in a tool loop is put back.',
    zh: '补回工具循环中丢失的思考内容。',
  },
  developer_role: { en: 'Role developer is read as system.', zh: '把 developer 角色当作 system。' },
  text_parts: {
    en: 'Arrays of text parts in assistant and tool messages.',
    zh: '允许 assistant 与 tool 消息使用文本片段数组。',
  },
  reorder_tool_results: {
    en: 'Tool results are moved behind their call.',
    zh: '把工具结果移到对应调用之后。',
  },
  clamp_max_tokens: {
    en: 'max_tokens beyond the range is cut to it.',
    zh: '超出范围的 max_tokens 按上限截断。',
  },
  forced_tool_choice: {
    en: 'A forced tool_choice in thinking mode is obeyed without thinking.',
    zh: '思考模式下强制的 tool_choice 改为不思考执行。',
  },
  empty_parameters: {
    en: 'A function with parameters {} takes no arguments.',
    zh: '函数的 parameters 为 {} 时视为无参数。',
  },
  json_word: {
    en: 'JSON mode without the word “json” in the prompt.',
    zh: 'JSON 模式下提示词可以不含“json”一词。',
  },
  reserve_answer: {
    en: 'An eighth of max_tokens is kept for the answer.',
    zh: '为回答保留 max_tokens 的八分之一。',
  },
  image_notes: {
    en: 'Images become a note that they cannot be read.',
    zh: '图片替换为“无法读取”的说明。',
  },
  schema_in_prompt: {
    en: 'A json_schema goes into the prompt; nothing enforces it.',
    zh: 'json_schema 写入提示词，不作强制约束。',
  },
};

export const PROFILE_NAMES = Object.keys(PROFILE_TEXTS);
export const LENIENCY_NAMES = Object.keys(LENIENCY_TEXTS);

export function profileText(name: string): string {
  return textOf(PROFILE_TEXTS, name);
}

export function leniencyText(name: string): string {
  return textOf(LENIENCY_TEXTS, name);
}

function textOf(texts: Record<string, Both>, name: string): string {
  return texts[name]?.[language.value] ?? name;
}
