import { createAnthropic } from '@ai-sdk/anthropic';
import { createDeepSeek } from '@ai-sdk/deepseek';
import { generateObject, generateText, stepCountIs, streamText, tool } from 'ai';
import { z } from 'zod';

globalThis.AI_SDK_LOG_WARNINGS = false;

const root = process.env.HADAL_URL ?? 'http://127.0.0.1:8000';
const apiKey = process.env.HADAL_API_KEY ?? '';
const deepseek = createDeepSeek({ baseURL: root, apiKey });
const anthropic = createAnthropic({ baseURL: `${root}/anthropic/v1`, apiKey });

for (const model of [deepseek('deepseek-reasoner'), anthropic('deepseek-reasoner')]) {
  const { text, reasoningText } = await generateText({
    model,
    prompt: 'What is 47 + 85?',
    maxOutputTokens: 16_000,
  });
  console.log(`[thinking] ${reasoningText}`);
  console.log(text);
}

const stream = streamText({
  model: deepseek('deepseek-chat'),
  prompt: 'What is 47 + 85?',
  temperature: 0,
});
for await (const piece of stream.textStream) process.stdout.write(piece);
process.stdout.write('\n');

const { text, steps } = await generateText({
  model: deepseek('deepseek-reasoner'),
  prompt: "What's the weather in Oslo?",
  tools: {
    get_weather: tool({
      description: 'Get the current weather for a city.',
      inputSchema: z.object({ city: z.string().describe('The city name') }),
      execute: () => ({ temperature: 17, condition: 'cloudy' }),
    }),
  },
  stopWhen: stepCountIs(5),
});
console.log(steps.map(({ finishReason }) => finishReason).join(', '));
console.log(text);

const lab = createDeepSeek({ baseURL: `${root}/lab/json-mode`, apiKey });
const { object } = await generateObject({
  model: lab('deepseek-chat'),
  schema: z.object({ city: z.string(), temperature: z.number() }),
  prompt: 'The coldest city that you know of.',
});
console.log(object.city, object.temperature);
