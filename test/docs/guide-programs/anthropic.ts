import Anthropic from '@anthropic-ai/sdk';

const client = new Anthropic({
  baseURL: 'http://127.0.0.1:8000/anthropic',
  apiKey: process.env.HADAL_API_KEY,
});

const message = await client.messages.create({
  model: 'deepseek-reasoner',
  max_tokens: 500,
  messages: [{ role: 'user', content: 'What is 47 + 85?' }],
});
for (const block of message.content) {
  if (block.type === 'thinking') console.log('thinking -', block.thinking);
  if (block.type === 'text') console.log('text -', block.text);
}
