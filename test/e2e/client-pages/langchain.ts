import { HumanMessage, type BaseMessage } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { ChatDeepSeek } from '@langchain/deepseek';
import { z } from 'zod';

const root = process.env.HADAL_URL ?? 'http://127.0.0.1:8000';
const apiKey = process.env.HADAL_API_KEY ?? '';
const chat = new ChatDeepSeek({
  apiKey,
  model: 'deepseek-chat',
  temperature: 0,
  configuration: { baseURL: root },
});

const reply = await chat.invoke('What is 47 + 85?');
console.log(reply.text);

const thinker = new ChatDeepSeek({
  apiKey,
  model: 'deepseek-reasoner',
  configuration: { baseURL: root },
});
for await (const piece of await thinker.stream('What is 47 + 85?'))
  process.stdout.write(piece.text);
process.stdout.write('\n');

const getWeather = tool(() => '{"temperature": 17, "condition": "cloudy"}', {
  name: 'get_weather',
  description: 'Get the current weather for a city.',
  schema: z.object({ city: z.string().describe('The city name') }),
});
const messages: BaseMessage[] = [new HumanMessage("What's the weather in Oslo?")];
const agent = thinker.bindTools([getWeather]);
for (;;) {
  const message = await agent.invoke(messages);
  messages.push(message);
  if (!message.tool_calls?.length) break;
  for (const call of message.tool_calls) {
    console.log(`${call.name} ${JSON.stringify(call.args)}`);
    messages.push(await getWeather.invoke({ ...call, type: 'tool_call' }));
  }
}
console.log(messages.at(-1)?.text);

const lab = new ChatDeepSeek({
  apiKey,
  model: 'deepseek-chat',
  configuration: { baseURL: `${root}/lab/tool-call` },
});
const structured = lab.withStructuredOutput(z.object({ city: z.string() }), {
  method: 'functionCalling',
});
console.log(await structured.invoke('Name a city.'));
