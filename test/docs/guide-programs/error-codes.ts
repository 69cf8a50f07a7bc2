import OpenAI from 'openai';

const client = new OpenAI({
  baseURL: 'http://127.0.0.1:8000/lab/insufficient-balance',
  apiKey: process.env.HADAL_API_KEY,
});

try {
  await client.chat.completions.create({
    model: 'deepseek-chat',
    messages: [{ role: 'user', content: 'Hello!' }],
  });
} catch (error) {
  if (!(error instanceof OpenAI.APIError)) throw error;
  console.log(error.status, error.message, error.headers?.get('x-ds-trace-id'));
}
