// Dataset rows for the `verifiers` library (v0): prompt, answer, info, example_id. `info` is JSON text,
// because rows differ in shape; `answer` is empty, because the verdict is the studio's to give.
// Source: agents reference §2.1.

import type { ChatMessage } from '../task-prompt.js';
import { promptOf } from '../task-prompt.js';
import { ImportError, listField, textField, type RowFormat } from './export-format.js';

export const verifiersRows: RowFormat = {
  toRow: ({ environment, task, index, verifierUrl }) => ({
    prompt: promptOf(environment.env, task),
    answer: '',
    info: JSON.stringify({
      env_id: task.envId,
      task_id: task.taskId,
      task_key: task.key,
      task_hash: task.hash,
      family: task.family,
      split: task.split,
      verifier_url: verifierUrl,
    }),
    example_id: index,
  }),
  fromRow(row) {
    const text = textField(row, 'info');
    textField(row, 'answer');
    let info: unknown;
    try {
      info = JSON.parse(text);
    } catch (cause) {
      throw new ImportError('info is no JSON', { cause });
    }
    return {
      key: textField(info, 'task_key'),
      hash: textField(info, 'task_hash'),
      prompt: listField(row, 'prompt') as readonly ChatMessage[],
    };
  },
};
