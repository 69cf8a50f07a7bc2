import OpenAI from 'openai';

const client = new OpenAI({
  baseURL: 'http://127.0.0.1:8000/lab/json-mode',
  apiKey: process.env.HADAL_API_KEY,
});

const { choices } = await client.chat.completions.create({
  model: 'deepseek-chat',
  messages: [
    { role: 'system', content: 'Extract as json: {"city": "Bergen", "temperature": 4}' },
    { role: 'user', content: 'Minus three and snow in Oslo today.' },
  ],
  response_format: { type: 'json_object' },
});
const choice = choices[0]!;
if (choice.finish_reason !== 'stop') {
  throw new Error(`the object is not complete: ${choice.finish_reason}`);
}
const { city } = JSON.parse(choice.message.content ?? '') as { city: string };
console.log(city);
