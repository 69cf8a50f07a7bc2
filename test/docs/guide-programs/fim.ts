import OpenAI from 'openai';

const client = new OpenAI({
  baseURL: 'http://127.0.0.1:8000/beta',
  apiKey: process.env.HADAL_API_KEY,
});

const reply = await client.completions.create({
  model: 'deepseek-chat',
  prompt: 'def add(a, b):\n    return ',
  suffix: '\n\nprint(add(1, 2))\n',
  max_tokens: 32,
  stop: ['\n'],
});
console.log(reply.choices[0]?.text);
