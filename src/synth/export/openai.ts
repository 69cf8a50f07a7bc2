// Fine-tuning rows in OpenAI form: the reference solution as messages. Assistant messages carry a
// weight: 1 where the agent should learn to write them, 0 where a call was refused. The format has no
// room for a key. Source: agents reference §2.1.

import type { ChatMessage, OpenAITool } from '../task-prompt.js';
import { ImportError, listField, type RowFormat } from './export-format.js';
import { referenceConversation } from './reference-conversation.js';

type WeightedMessage = ChatMessage & { readonly weight?: 0 | 1 };

export const openAIRows: RowFormat = {
  toRow({ environment, task, secret }) {
    const { prompt, completion, tools } = referenceConversation(environment, task, secret());
    const weighted = completion.map(({ message, isTaught }): WeightedMessage =>
      message.role === 'assistant' ? { ...message, weight: isTaught ? 1 : 0 } : message,
    );
    return { messages: [...prompt, ...weighted], tools, parallel_tool_calls: false };
  },
  fromRow(row) {
    const messages = listField(row, 'messages') as readonly WeightedMessage[];
    checkConversation(messages);
    const end = messages.findIndex(({ role }) => role === 'assistant');
    return {
      prompt: messages.slice(0, end),
      tools: listField(row, 'tools') as readonly OpenAITool[],
    };
  },
};

/** What the fine-tuning endpoint checks. @throws ImportError */
function checkConversation(messages: readonly WeightedMessage[]): void {
  const last = messages.at(-1);
  if (last?.role !== 'assistant' || last.weight !== 1) {
    throw new ImportError('the last message is not one of the assistant to be learnt');
  }
  const open = new Set<string>();
  for (const [i, { role, weight, tool_calls: calls, tool_call_id: id }] of messages.entries()) {
    if ((role === 'assistant') !== (weight === 0 || weight === 1)) {
      throw new ImportError(`message ${i + 1}: assistant messages have a weight, others none`);
    }
    if (role === 'tool' ? !open.delete(id ?? '') : open.size > 0) {
      throw new ImportError(`message ${i + 1}: calls and their results do not pair`);
    }
    for (const call of calls ?? []) open.add(call.id);
  }
}
