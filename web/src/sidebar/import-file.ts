// Import of a file from the reader's disk, and what came of it in words.

import type { ImportResult, LeftOut } from '../../../src/web/wire.js';
import { call, messageOf } from '../api/http.js';
import { texts } from '../i18n/language.js';
import { toast } from '../ui/toasts.js';
import { conversationList } from './conversation-list.js';

const words = texts({
  en: {
    done: (count: number) =>
      count === 1 ? '1 conversation imported' : `${count} conversations imported`,
    leftOut: (what: string) => `, without ${what}`,
    failed: (reason: string) => `Nothing was imported: ${reason}`,
    noJson: 'the file is not JSON',
    kinds: {
      message: (count: number) => `${count} messages of an unknown kind`,
      attachment: (count: number) => `${count} attachments`,
      tool_call: (count: number) => `${count} tool calls`,
      permission: (count: number) => `${count} permissions to run tools`,
    },
  },
  zh: {
    done: (count: number) => `已导入 ${count} 个对话`,
    leftOut: (what: string) => `，未包含：${what}`,
    failed: (reason: string) => `未导入任何内容：${reason}`,
    noJson: '文件不是 JSON',
    kinds: {
      message: (count: number) => `${count} 条未知类型的消息`,
      attachment: (count: number) => `${count} 个附件`,
      tool_call: (count: number) => `${count} 个工具调用`,
      permission: (count: number) => `${count} 项工具运行许可`,
    },
  },
});

/** Asks for a file. `onDone` is given the id when exactly one conversation came. */
export function chooseImport(onDone: (id: string) => void): void {
  const input = document.createElement('input');
  input.type = 'file';
  input.accept = '.json,application/json';
  input.addEventListener('change', () => {
    const [file] = input.files ?? [];
    if (file) void importFile(file, onDone);
  });
  input.click();
}

async function importFile(file: File, onDone: (id: string) => void): Promise<void> {
  const t = words();
  let given: unknown;
  try {
    given = JSON.parse(await file.text());
  } catch {
    toast(t.failed(t.noJson)); // what is wrong inside helps nobody who chose the wrong file
    return;
  }
  try {
    const { data, left_out: leftOut } = await call<ImportResult>('/web/v1/conversations/import', {
      method: 'POST',
      body: given,
    });
    toast(t.done(data.length) + leftOutText(leftOut));
    await conversationList.showAll();
    if (data.length === 1) onDone(data[0]!.id);
  } catch (error) {
    toast(t.failed(messageOf(error)));
  }
}

function leftOutText(leftOut: readonly LeftOut[]): string {
  const t = words();
  if (leftOut.length === 0) return '';
  return t.leftOut(leftOut.map(({ kind, count }) => t.kinds[kind](count)).join(', '));
}
