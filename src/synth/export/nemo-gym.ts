// Rows for NeMo Gym: parameters of a Responses request, with tools in its flat form, and whom to ask for
// the verdict. Source: agents reference §2.1.

import { openAITools, promptOf, type ChatMessage, type OpenAITool } from '../task-prompt.js';
import { field, listField, textField, type RowFormat } from './export-format.js';

type FlatTool = { readonly type: 'function'; readonly strict: boolean } & OpenAITool['function'];

export const nemoGymRows: RowFormat = {
  toRow: ({ environment: { env }, task, verifierUrl }) => ({
    responses_create_params: {
      input: promptOf(env, task),
      tools: openAITools(env, task.language).map((tool): FlatTool => ({
        type: 'function',
        ...tool.function,
        // Optional arguments, which strict mode does not have.
        strict: false,
      })),
      parallel_tool_calls: false,
    },
    agent_ref: { type: 'responses_api_agents', name: 'hadal_synth' },
    env_id: task.envId,
    task_key: task.key,
    task_hash: task.hash,
    verifier_url: verifierUrl,
  }),
  fromRow(row) {
    const params = field(row, 'responses_create_params');
    textField(field(row, 'agent_ref'), 'name');
    return {
      key: textField(row, 'task_key'),
      hash: textField(row, 'task_hash'),
      prompt: listField(params, 'input') as readonly ChatMessage[],
      tools: (listField(params, 'tools') as readonly FlatTool[]).map(
        ({ name, description, parameters }) => ({
          type: 'function',
          function: { name, description, parameters },
        }),
      ),
    };
  },
};
