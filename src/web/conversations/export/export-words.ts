// The words of exports that people read, in both languages.

export type ExportLanguage = 'en' | 'zh';

export interface ExportWords {
  htmlLanguage: string;
  untitled: string;
  user: string;
  assistant: string;
  system: string;
  thinking: (seconds: number | null) => string;
  thinkingCut: string;
  toolCall: string;
  toolResult: string;
  toolFailed: string;
  unanswered: string;
  files: string;
  tokens: (count: number) => string;
  model: (model: string, thinking: boolean) => string;
  error: string;
  image: string;
  /** Of the result's part that was kept. */
  cut: (fullLength: number) => string;
  savedFrom: string;
}

function duration(seconds: number, secondsWord: string, millisecondsWord: string): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ${millisecondsWord}`;
  return `${seconds.toFixed(seconds < 10 ? 1 : 0)} ${secondsWord}`;
}

const MODEL_NAMES: Record<string, string> = {
  standard: 'DeepSeek-V3.2',
  speciale: 'DeepSeek-V3.2-Speciale',
};

export const EXPORT_WORDS: Record<ExportLanguage, ExportWords> = {
  en: {
    htmlLanguage: 'en',
    untitled: 'Conversation',
    user: 'You',
    assistant: 'Assistant',
    system: 'System prompt',
    thinking: (value) =>
      value === null ? 'Thoughts' : `Thought for ${duration(value, 's', 'ms')}`,
    thinkingCut: 'ended early by “answer now”',
    toolCall: 'Tool call',
    toolResult: 'Result',
    toolFailed: 'Failed',
    unanswered: 'Not run',
    files: 'Files',
    tokens: (count) => `${count.toLocaleString('en')} tokens`,
    model: (model, thinking) =>
      `${MODEL_NAMES[model] ?? model}${model === 'standard' && thinking ? ', thinking' : ''}`,
    error: 'The answer ended with an error',
    image: 'Image',
    cut: (full) => `cut; the whole result has ${full.toLocaleString('en')} characters`,
    savedFrom: 'Saved from Hadal',
  },
  zh: {
    htmlLanguage: 'zh-Hans',
    untitled: '对话',
    user: '你',
    assistant: '助手',
    system: '系统提示词',
    thinking: (value) => (value === null ? '思考过程' : `思考了 ${duration(value, '秒', '毫秒')}`),
    thinkingCut: '被“立即回答”提前结束',
    toolCall: '工具调用',
    toolResult: '结果',
    toolFailed: '失败',
    unanswered: '未执行',
    files: '文件',
    tokens: (count) => `${count.toLocaleString('en')} 词元`,
    model: (model, thinking) =>
      `${MODEL_NAMES[model] ?? model}${model === 'standard' && thinking ? ' · 思考模式' : ''}`,
    error: '回答因出错而中断',
    image: '图片',
    cut: (full) => `已截断，完整结果共 ${full.toLocaleString('en')} 个字符`,
    savedFrom: '由 Hadal 保存',
  },
};

/** The title, or the first question's first line. */
export function shownTitle(
  { title }: { title: string },
  branch: readonly { role: string; content: string }[],
  { untitled }: ExportWords,
): string {
  if (title !== '') return title;
  const question =
    branch
      .find(({ role }) => role === 'user')
      ?.content.trim()
      .split('\n')[0] ?? '';
  const line = Array.from(question).slice(0, 80).join('');
  return line === '' ? untitled : line;
}
