import OpenAI from 'openai';

const client = new OpenAI({
  baseURL: 'http://127.0.0.1:8000',
  apiKey: process.env.HADAL_API_KEY,
});

const reply = await client.chat.completions.create({
  model: 'deepseek-chat',
  messages: [{ role: 'user', content: 'What is 47 + 85?' }],
});
console.log(reply.choices[0]?.message.content);

const stream = await client.chat.completions.create({
  model: 'deepseek-chat',
  messages: [{ role: 'user', content: 'What is 47 + 85?' }],
  stream: true,
});
for await (const chunk of stream) {
  process.stdout.write(chunk.choices[0]?.delta.content ?? '');
}
