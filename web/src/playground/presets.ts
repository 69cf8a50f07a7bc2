// Requests to begin with, per endpoint: one for each thing that the endpoint can do.

interface Both {
  en: string;
  zh: string;
}

export interface Preset {
  title: Both;
  body: object;
}

const HELLO = [{ role: 'user', content: 'What is 47 + 85?' }];

const WEATHER = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'Weather of a city',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' } },
      required: ['city'],
    },
  },
};

const STRICT_WEATHER = {
  type: 'function',
  function: {
    name: 'get_weather',
    strict: true,
    description: 'Weather of a city',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' }, unit: { enum: ['C', 'F'] } },
      required: ['city', 'unit'],
      additionalProperties: false,
    },
  },
};

const PLAIN = { en: 'Plain', zh: '普通' };
const STREAM = { en: 'Streaming', zh: '流式' };
const THINKING = { en: 'Thinking', zh: '思考' };
const TOOLS = { en: 'Tools', zh: '工具' };

const CHAT: readonly Preset[] = [
  { title: PLAIN, body: { model: 'deepseek-chat', messages: HELLO, max_tokens: 200 } },
  {
    title: STREAM,
    body: {
      model: 'deepseek-chat',
      messages: HELLO,
      stream: true,
      stream_options: { include_usage: true },
    },
  },
  {
    title: THINKING,
    body: {
      model: 'deepseek-chat',
      messages: HELLO,
      thinking: { type: 'enabled' },
      stream: true,
    },
  },
  {
    title: TOOLS,
    body: {
      model: 'deepseek-chat',
      messages: [{ role: 'user', content: 'How is the weather in Paris?' }],
      tools: [WEATHER],
      tool_choice: 'auto',
    },
  },
  {
    title: { en: 'Tool result', zh: '工具结果' },
    body: {
      model: 'deepseek-chat',
      messages: [
        { role: 'user', content: 'How is the weather in Paris?' },
        {
          role: 'assistant',
          content: null,
          tool_calls: [
            {
              id: 'call_1',
              type: 'function',
              function: { name: 'get_weather', arguments: '{"city": "Paris"}' },
            },
          ],
        },
        { role: 'tool', tool_call_id: 'call_1', content: '{"celsius": 18}' },
      ],
      tools: [WEATHER],
    },
  },
  {
    title: { en: 'JSON', zh: 'JSON' },
    body: {
      model: 'deepseek-chat',
      messages: [{ role: 'user', content: 'Name a sea as JSON: {"name": ...}' }],
      response_format: { type: 'json_object' },
    },
  },
  {
    title: { en: 'Log-probabilities', zh: '对数概率' },
    body: {
      model: 'deepseek-chat',
      messages: HELLO,
      max_tokens: 8,
      logprobs: true,
      top_logprobs: 3,
    },
  },
];

const MESSAGES: readonly Preset[] = [
  { title: PLAIN, body: { model: 'deepseek-chat', max_tokens: 200, messages: HELLO } },
  {
    title: STREAM,
    body: { model: 'deepseek-chat', max_tokens: 200, messages: HELLO, stream: true },
  },
  {
    title: THINKING,
    body: {
      model: 'deepseek-chat',
      max_tokens: 2048,
      thinking: { type: 'enabled', budget_tokens: 1024 },
      messages: HELLO,
      stream: true,
    },
  },
  {
    title: TOOLS,
    body: {
      model: 'deepseek-chat',
      max_tokens: 500,
      tools: [
        {
          name: 'get_weather',
          description: 'Weather of a city',
          input_schema: WEATHER.function.parameters,
        },
      ],
      messages: [{ role: 'user', content: 'How is the weather in Paris?' }],
    },
  },
];

export const PRESETS: Readonly<Record<string, readonly Preset[]>> = {
  chat: CHAT,
  'beta-chat': [
    {
      title: { en: 'Prefix', zh: '前缀续写' },
      body: {
        model: 'deepseek-chat',
        messages: [
          { role: 'user', content: 'Name three seas.' },
          { role: 'assistant', content: '1. The North Sea\n2.', prefix: true },
        ],
        stop: ['\n4.'],
      },
    },
    {
      title: { en: 'Strict tools', zh: '严格工具' },
      body: {
        model: 'deepseek-chat',
        messages: [{ role: 'user', content: 'How is the weather in Paris, in Celsius?' }],
        tools: [STRICT_WEATHER],
      },
    },
    ...CHAT,
  ],
  speciale: [
    {
      title: THINKING,
      body: { model: 'deepseek-reasoner', messages: HELLO, stream: true },
    },
    { title: PLAIN, body: { model: 'deepseek-reasoner', messages: HELLO, max_tokens: 500 } },
  ],
  fim: [
    {
      title: { en: 'Fill a gap', zh: '填充空缺' },
      body: {
        model: 'deepseek-chat',
        prompt: 'def fib(n):\n    ',
        suffix: '\n    return fib(n - 1) + fib(n - 2)',
        max_tokens: 64,
      },
    },
    {
      title: { en: 'Continue', zh: '续写' },
      body: { model: 'deepseek-chat', prompt: 'The deep sea', max_tokens: 32, stream: true },
    },
  ],
  responses: [
    { title: PLAIN, body: { model: 'deepseek-chat', input: 'What is 47 + 85?', store: false } },
    {
      title: THINKING,
      body: {
        model: 'deepseek-reasoner',
        input: 'What is 47 + 85?',
        stream: true,
        include: ['reasoning.encrypted_content'],
        store: false,
      },
    },
    {
      title: TOOLS,
      body: {
        model: 'deepseek-chat',
        input: 'How is the weather in Paris?',
        tools: [{ type: 'function', ...WEATHER.function }],
        store: false,
      },
    },
  ],
  messages: MESSAGES,
  'count-tokens': [
    {
      title: PLAIN,
      body: { model: 'deepseek-chat', messages: HELLO, system: 'You are helpful.' },
    },
  ],
};
