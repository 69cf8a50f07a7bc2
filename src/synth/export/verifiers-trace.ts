// Traces for `verifiers` v1: the reference solution as a tree of messages (here a path) with rewards.
// Token fields are null: nothing was sampled by a model. Source: agents reference §2.1.

import { judge } from '../serve/judge.js';
import type { ChatMessage, OpenAITool } from '../task-prompt.js';
import { field, ImportError, listField, textField, type RowFormat } from './export-format.js';
import { referenceConversation, SolutionError } from './reference-conversation.js';

interface TraceNode {
  readonly parent: number | null;
  readonly message: ChatMessage;
  readonly sampled: boolean;
}

export const verifiersTraces: RowFormat = {
  toRow({ environment, task, secret }) {
    const privateTask = secret();
    const { prompt, completion, tools, session } = referenceConversation(
      environment,
      task,
      privateTask,
    );
    const messages = [
      ...prompt.map((message) => ({ message, sampled: false })),
      ...completion.map(({ message, isTaught }) => ({ message, sampled: isTaught })),
    ];
    const { reward, checks } = judge({
      task,
      secret: privateTask,
      session,
      messages: messages.map(({ message }) => message),
      submission: privateTask.solution.submission,
    });
    if (reward !== 1) throw new SolutionError(`${task.key}: the stored solution is not accepted`);
    return {
      task: {
        type: task.family,
        key: task.key,
        hash: task.hash,
        data: { env_id: task.envId, task_id: task.taskId, split: task.split },
      },
      nodes: messages.map((one, i) => ({
        parent: i === 0 ? null : i - 1,
        ...one,
        token_ids: null,
        mask: null,
        logprobs: null,
      })),
      calls: [],
      tool_defs: tools,
      rewards: { verdict: { score: reward, weight: 1 } },
      metrics: { checks: checks.length, tool_calls: session.calls.length },
      stop_condition: 'completed',
    };
  },
  fromRow(row) {
    const task = field(row, 'task');
    const nodes = listField(row, 'nodes') as readonly TraceNode[];
    if (!nodes.every(({ parent }, i) => parent === (i === 0 ? null : i - 1))) {
      throw new ImportError('the nodes are no single path');
    }
    const sampledAt = nodes.findIndex(({ message }) => message.role === 'assistant');
    return {
      key: textField(task, 'key'),
      hash: textField(task, 'hash'),
      prompt: nodes.slice(0, sampledAt).map(({ message }) => message),
      tools: listField(row, 'tool_defs') as readonly OpenAITool[],
    };
  },
};
