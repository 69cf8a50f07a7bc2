import OpenAI from 'openai';
import type { ChatCompletionMessageParam } from 'openai/resources/chat/completions';

const root = process.env.HADAL_URL ?? 'http://127.0.0.1:8000';
const client = new OpenAI({ baseURL: root, apiKey: process.env.HADAL_API_KEY });

const reply = await client.chat.completions.create({
  model: 'deepseek-chat',
  messages: [{ role: 'user', content: 'What is 47 + 85?' }],
  temperature: 0,
});
console.log(reply.choices[0]?.message.content);

interface ThinkingDelta {
  content?: string | null;
  reasoning_content?: string | null;
}

const stream = await client.chat.completions.create({
  model: 'deepseek-reasoner',
  messages: [{ role: 'user', content: 'What is 47 + 85?' }],
  stream: true,
});
const thought: string[] = [];
const answer: string[] = [];
for await (const { choices } of stream) {
  const delta: ThinkingDelta = choices[0]?.delta ?? {};
  thought.push(delta.reasoning_content ?? '');
  answer.push(delta.content ?? '');
}
console.log(`[thinking] ${thought.join('')}`);
console.log(answer.join(''));

const messages: ChatCompletionMessageParam[] = [
  { role: 'user', content: "What's the weather in Oslo?" },
];
for (;;) {
  const { choices } = await client.chat.completions.create({
    model: 'deepseek-reasoner',
    messages,
    tools: [
      {
        type: 'function',
        function: {
          name: 'get_weather',
          description: 'Get the current weather for a city.',
          parameters: {
            type: 'object',
            properties: { city: { type: 'string', description: 'The city name' } },
            required: ['city'],
          },
        },
      },
    ],
  });
  const choice = choices[0];
  if (!choice) throw new Error('no choice');
  messages.push(choice.message);
  if (choice.finish_reason !== 'tool_calls') break;
  for (const call of choice.message.tool_calls ?? []) {
    if (call.type !== 'function') continue;
    console.log(`${call.function.name} ${call.function.arguments}`);
    messages.push({
      role: 'tool',
      tool_call_id: call.id,
      content: '{"temperature": 17, "condition": "cloudy"}',
    });
  }
}
console.log(messages.at(-1)?.content);

const response = await client.responses.create({
  model: 'deepseek-chat',
  input: 'What is 47 + 85?',
  temperature: 0,
});
console.log(response.output_text);

const slow = new OpenAI({
  baseURL: `${root}/lab/overloaded`,
  apiKey: process.env.HADAL_API_KEY,
  maxRetries: 0,
});
try {
  await slow.models.list();
} catch (error) {
  if (!(error instanceof OpenAI.APIError)) throw error;
  console.log(error.status, error.headers?.get('retry-after'));
}
