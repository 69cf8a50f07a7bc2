import OpenAI from 'openai';

const client = new OpenAI({
  baseURL: 'http://127.0.0.1:8000',
  apiKey: process.env.HADAL_API_KEY,
});

interface ThinkingDelta {
  content?: string | null;
  reasoning_content?: string | null;
}

const stream = await client.chat.completions.create({
  model: 'deepseek-reasoner',
  messages: [{ role: 'user', content: 'What is 47 + 85?' }],
  stream: true,
});
let reasoning = '';
let content = '';
for await (const chunk of stream) {
  const delta: ThinkingDelta = chunk.choices[0]?.delta ?? {};
  reasoning += delta.reasoning_content ?? '';
  content += delta.content ?? '';
}
console.log('thought:', reasoning);
console.log('answer:', content);
