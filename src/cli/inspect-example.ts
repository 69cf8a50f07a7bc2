// The conversation that `hadal inspect` looks at when none is given: an assistant with six tools, in
// the middle of its day. Long enough that the embedded model, which keeps 256 positions, must leave
// some out, and of the kind that it was trained for.

import { BUILTIN_TOOLS } from '../agent/builtin-tools.js';

function tool(
  name: string,
  description: string,
  parameters: Readonly<Record<string, string>>,
): unknown {
  const properties = Object.fromEntries(
    Object.entries(parameters).map(([key, text]) => [key, { type: 'string', description: text }]),
  );
  return {
    type: 'function',
    function: {
      name,
      description,
      parameters: { type: 'object', properties, required: Object.keys(parameters) },
    },
  };
}

export const EXAMPLE_TOOLS: readonly unknown[] = [
  ...BUILTIN_TOOLS.map(({ definition }) => ({ type: 'function', function: definition })),
  tool('get_weather', 'Get the current weather of a city.', { city: 'Name of the city.' }),
  tool('send_email', 'Send an email.', {
    to: 'Address of the recipient.',
    subject: 'Subject line.',
    body: 'Text of the message.',
  }),
  tool('find_contact', 'Look up a contact by name.', { name: 'Name of the person.' }),
];

function call(id: string, name: string, args: Readonly<Record<string, unknown>>): unknown {
  return {
    role: 'assistant',
    content: '',
    tool_calls: [{ id, type: 'function', function: { name, arguments: JSON.stringify(args) } }],
  };
}

export const EXAMPLE_MESSAGES: readonly unknown[] = [
  { role: 'user', content: 'What is the weather in Lisbon?' },
  call('call_1', 'get_weather', { city: 'Lisbon' }),
  {
    role: 'tool',
    tool_call_id: 'call_1',
    content: '{"city": "Lisbon", "condition": "sunny", "temperature": 24}',
  },
  { role: 'assistant', content: 'In Lisbon it is sunny, 24 degrees.' },
  { role: 'user', content: 'What is 12 * 13?' },
  call('call_2', 'calculator', { expression: '12 * 13' }),
  { role: 'tool', tool_call_id: 'call_2', content: '{"result": 156}' },
  { role: 'assistant', content: '12 * 13 is 156.' },
  { role: 'user', content: 'Hello, how are you?' },
  { role: 'assistant', content: 'Hello! How can I help you?' },
  { role: 'user', content: 'Convert 5 km to mi' },
];
