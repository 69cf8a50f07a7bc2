// Scenarios without tools: what a text reply can look like, slowly, at length, in odd characters.

import { BLOCK_START } from '../encoding/call-tags.js';
import { CALLS_CLOSE, DSML, INVOKE_CLOSE } from '../encoding/markers.js';
import type { PromptView } from './prompt-view.js';
import type { Scenario } from './scenario.js';
import { TurnWriter } from './turn-writer.js';

const HELLO = 'Hello from the lab.';
const REASONING = 'The user greets. A short answer will do.';
const PARAGRAPH =
  'The hadal zone is the deepest region of the ocean, lying within trenches below six thousand ' +
  'metres; little light, great pressure, and animals that we have hardly met. ';

function turn(prompt: PromptView): TurnWriter {
  return new TurnWriter(prompt);
}

function hello(prompt: PromptView): TurnWriter {
  return turn(prompt).think(REASONING).say(HELLO);
}

export const TEXT_SCENARIOS: readonly Scenario[] = [
  {
    name: 'hello',
    about: {
      en: 'A short reply; with reasoning in thinking mode.',
      zh: '简短回复；思考模式下带有思维链。',
    },
    play: (prompt) => ({ completion: hello(prompt).done() }),
  },
  {
    name: 'thinking',
    about: {
      en: 'Several sentences of reasoning, then the answer. Use deepseek-reasoner.',
      zh: '先输出几句思维链，再作答。请使用 deepseek-reasoner。',
    },
    play: (prompt) => ({
      completion: turn(prompt)
        .think('91 is 7 times 13, so it is out. 93 is 3 times 31. 97 has no divisor up to 9.')
        .say('97 is prime.')
        .done(),
    }),
  },
  {
    name: 'split-utf8',
    about: {
      en: 'Emoji and Chinese whose bytes are split over tokens.',
      zh: '表情符号与汉字，其字节被拆分到多个词元中。',
    },
    play: (prompt) => ({
      completion: turn(prompt)
        .think('用户想看多字节字符。🐟')
        .say('深海 𠮷野家 👩‍👩‍👧‍👦 🏳️‍🌈 naïve ☃ 龘')
        .done(),
    }),
  },
  {
    name: 'json-mode',
    about: {
      en: 'A JSON object as content; ask with response_format json_object.',
      zh: '正文是一个 JSON 对象；请求时使用 response_format json_object。',
    },
    play: (prompt) => ({
      completion: turn(prompt)
        .think('An object is wanted.')
        .say('{"city": "Oslo", "temperature": -3, "tags": ["snow", "北"]}')
        .done(),
    }),
  },
  {
    name: 'empty-answer',
    about: {
      en: 'Nothing but the end of the turn (the documented weakness of JSON mode).',
      zh: '除了结束标记什么也没有（JSON 模式文档中承认的弱点）。',
    },
    play: (prompt) => ({ completion: turn(prompt).think('').done() }),
  },
  {
    name: 'reasoning-eats-budget',
    about: {
      en: 'Reasoning uses up max_tokens: `length` and an empty answer.',
      zh: '思维链耗尽 max_tokens：`length` 且正文为空。',
    },
    play: (prompt) => ({
      completion: turn(prompt).thinkWithoutEnd(PARAGRAPH).done(),
      repeatToTokens: 131_072,
      ending: 'length',
    }),
  },
  {
    name: 'huge-answer',
    about: {
      en: '100,000 tokens, or as many as max_tokens lets through.',
      zh: '十万个词元，或 max_tokens 允许的数量。',
    },
    parameter: { en: 'tokens', zh: '词元数', default: 100_000, min: 1, max: 131_072 },
    play: (prompt) => ({
      completion: turn(prompt).say(PARAGRAPH).done(),
      repeatToTokens: 100_000,
    }),
  },
  {
    name: 'dsml-in-text',
    about: {
      en: 'Damaged tool markup in the middle of the text: none of it may reach the content.',
      zh: '正文中夹着残缺的工具标记：任何标记都不得进入正文。',
    },
    play: (prompt) => ({
      completion: [
        ...turn(prompt).think('I try to call.').say('Before.').done(),
        {
          text: `\n\n${BLOCK_START}>\n<${DSML}invoke tool>\n${INVOKE_CLOSE}\n${CALLS_CLOSE}`,
          control: true,
        },
      ],
    }),
  },
];
