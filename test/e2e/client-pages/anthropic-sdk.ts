import Anthropic from '@anthropic-ai/sdk';

const root = process.env.HADAL_URL ?? 'http://127.0.0.1:8000';
const client = new Anthropic({
  baseURL: `${root}/anthropic`,
  apiKey: process.env.HADAL_API_KEY ?? null,
});

const reply = await client.messages.create({
  model: 'deepseek-chat',
  max_tokens: 1024,
  messages: [{ role: 'user', content: 'What is 47 + 85?' }],
});
for (const block of reply.content) {
  if (block.type === 'text') console.log(block.text);
}

const stream = client.messages.stream({
  model: 'deepseek-chat',
  max_tokens: 16_000,
  thinking: { type: 'enabled', budget_tokens: 8_000 },
  messages: [{ role: 'user', content: 'What is 47 + 85?' }],
});
const whole = await stream.finalMessage();
for (const block of whole.content) {
  if (block.type === 'thinking') console.log(`[thinking] ${block.thinking}`);
  if (block.type === 'text') console.log(block.text);
}

const messages: Anthropic.MessageParam[] = [
  { role: 'user', content: "What's the weather in Oslo?" },
];
for (;;) {
  const message = await client.messages.create({
    model: 'deepseek-reasoner',
    max_tokens: 16_000,
    messages,
    tools: [
      {
        name: 'get_weather',
        description: 'Get the current weather for a city.',
        input_schema: {
          type: 'object',
          properties: { city: { type: 'string', description: 'The city name' } },
          required: ['city'],
        },
      },
    ],
  });
  messages.push({ role: 'assistant', content: message.content });
  const results: Anthropic.ToolResultBlockParam[] = [];
  for (const block of message.content) {
    if (block.type === 'text') console.log(block.text);
    if (block.type !== 'tool_use') continue;
    console.log(`${block.name} ${JSON.stringify(block.input)}`);
    results.push({
      type: 'tool_result',
      tool_use_id: block.id,
      content: '{"temperature": 17, "condition": "cloudy"}',
    });
  }
  if (message.stop_reason !== 'tool_use') break;
  messages.push({ role: 'user', content: results });
}

const { input_tokens } = await client.messages.countTokens({
  model: 'deepseek-chat',
  messages: [{ role: 'user', content: 'What is 47 + 85?' }],
});
console.log(input_tokens === reply.usage.input_tokens + (reply.usage.cache_read_input_tokens ?? 0));

const slow = new Anthropic({
  baseURL: `${root}/lab/overloaded/anthropic`,
  apiKey: process.env.HADAL_API_KEY ?? null,
  maxRetries: 0,
});
try {
  await slow.messages.create({
    model: 'deepseek-chat',
    max_tokens: 10,
    messages: [{ role: 'user', content: 'hi' }],
  });
} catch (error) {
  if (!(error instanceof Anthropic.APIError)) throw error;
  console.log(error.status, error.type);
}
