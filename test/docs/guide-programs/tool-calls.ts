import OpenAI from 'openai';
import type {
  ChatCompletionMessageParam,
  ChatCompletionTool,
} from 'openai/resources/chat/completions';

const client = new OpenAI({
  baseURL: 'http://127.0.0.1:8000',
  apiKey: process.env.HADAL_API_KEY,
});

const tools: ChatCompletionTool[] = [
  {
    type: 'function',
    function: {
      name: 'get_weather',
      description: 'Get the current weather for a city.',
      parameters: {
        type: 'object',
        properties: { city: { type: 'string' } },
        required: ['city'],
      },
    },
  },
];

function run(name: string, text: string): string {
  try {
    const { city } = JSON.parse(text) as { city?: unknown };
    if (name !== 'get_weather') return `error: no tool named ${name}`;
    if (typeof city !== 'string') return 'error: city must be a text';
    return '{"temperature": -3, "condition": "snowy"}';
  } catch (error) {
    return `error: ${String(error)}`;
  }
}

const messages: ChatCompletionMessageParam[] = [
  { role: 'user', content: 'How is the weather in Oslo?' },
];
for (let round = 0; round < 8; round++) {
  const { choices } = await client.chat.completions.create({
    model: 'deepseek-reasoner',
    messages,
    tools,
  });
  const choice = choices[0]!;
  messages.push(choice.message);
  if (choice.finish_reason !== 'tool_calls') break;
  for (const call of choice.message.tool_calls ?? []) {
    if (call.type !== 'function') continue;
    const content = run(call.function.name, call.function.arguments);
    messages.push({ role: 'tool', tool_call_id: call.id, content });
  }
}
console.log(messages.at(-1)?.content);
