// Why a prompt was not found in the cache, in words, and what can be done. One entry per cause of the
// explainer (src/web/requests-wire.ts).

import type { CacheCause, PromptPart } from '../../../src/web/requests-wire.js';
import { texts } from '../i18n/language.js';

type Cause = Record<CacheCause, { title: string; text: string }>;
type Part = Record<PromptPart, string>;

const en: { causes: Cause; parts: Part } = {
  causes: {
    hit: {
      title: 'All that could be found was found',
      text: 'The cache works in blocks of 64 tokens, and the end of a prompt is always computed.',
    },
    'short-prompt': {
      title: 'Too short for the cache',
      text: 'The cache works in blocks of 64 tokens; a prompt of no more than one has nothing to find.',
    },
    'first-request': {
      title: 'First prompt that begins like this',
      text: 'No earlier prompt of this account shares its first block. The next one can.',
    },
    'new-content': {
      title: 'The rest is new',
      text: 'Everything that was said before was found; what follows it was never computed.',
    },
    'reasoning-left-out': {
      title: 'Thoughts of answered questions are left out',
      text: 'The format drops the thinking of earlier questions, so their answers stand elsewhere now. This happens once per question and cannot be avoided.',
    },
    'not-remembered': {
      title: 'The cache remembers more than this page',
      text: 'More was found than any prompt in memory promised, so what it differs from is not known.',
    },
    'not-finished-yet': {
      title: 'Sent while the earlier request was still running',
      text: 'What that one computed was not in the cache yet. Send the first alone, then the others.',
    },
    evicted: {
      title: 'It was in the cache, and is not any more',
      text: 'Newer prompts needed the room, or the engine behind this server keeps no cache. More room: --cache-ram and --cache-disk.',
    },
    'time-in-prompt': {
      title: 'A date or a time changes early in the prompt',
      text: 'Everything behind it is computed again. Put it at the end, into the newest question, or give the day only.',
    },
    'id-in-prompt': {
      title: 'An id changes early in the prompt',
      text: 'Everything behind it is computed again. Put it at the end, or leave it out.',
    },
    'number-in-prompt': {
      title: 'A number changes early in the prompt',
      text: 'Everything behind it is computed again. Counters belong at the end.',
    },
    'tools-changed': {
      title: 'The list of tools has changed',
      text: 'Tools stand before all messages. Offer the same list in every request of a conversation.',
    },
    'tools-reordered': {
      title: 'The same tools in another order',
      text: 'Tools stand before all messages, in the order given. Sort them before sending.',
    },
    'json-key-order': {
      title: 'The same tools, their keys in another order',
      text: 'Definitions go into the prompt as they are written. Write JSON with its keys in a fixed order.',
    },
    'arguments-key-order': {
      title: 'A call came back with its arguments in another order',
      text: 'Send back the text of the arguments as it came, and do not write the JSON anew.',
    },
    'reasoning-changed': {
      title: 'Thinking of the running question was changed or dropped',
      text: 'While tools are called, send reasoning_content back as it came.',
    },
    'mode-changed': {
      title: 'Thinking was switched on or off',
      text: 'From the running question on, the two modes have different prompts.',
    },
    'history-truncated': {
      title: 'The beginning of the history was cut off',
      text: 'What is left stands elsewhere now. Cut rarely and much, not a little with every request.',
    },
    'system-changed': {
      title: 'Another system prompt',
      text: 'It stands before everything else. What changes belongs into the messages.',
    },
    'message-edited': {
      title: 'An earlier message is different',
      text: 'From there on everything is computed again.',
    },
    'reply-changed': {
      title: 'The reply came back different from what the model wrote',
      text: 'Send replies back as they came: not trimmed, not formatted anew.',
    },
    retokenised: {
      title: 'The same words in other tokens',
      text: 'The model wrote this text in other pieces than a tokeniser does. It happens, and costs little.',
    },
  },
  parts: {
    system: 'system prompt',
    tools: 'tool definitions',
    user: 'question',
    mark: 'thinking mode of the answer',
    reasoning: 'thinking',
    answer: 'answer',
    calls: 'tool call',
    results: 'tool result',
  },
};

const zh: typeof en = {
  causes: {
    hit: {
      title: '能命中的都已命中',
      text: '缓存以 64 个词元为一块，提示的末尾总要重新计算。',
    },
    'short-prompt': {
      title: '太短，用不上缓存',
      text: '缓存以 64 个词元为一块，不超过一块的提示没有可命中的内容。',
    },
    'first-request': {
      title: '首个以此开头的提示',
      text: '此账户之前没有提示与它共享第一块；下一个就可以命中。',
    },
    'new-content': {
      title: '其余是新内容',
      text: '之前的内容全部命中，之后的部分从未计算过。',
    },
    'reasoning-left-out': {
      title: '已回答问题的思考不再保留',
      text: '提示格式会去掉之前问题的思考，其回答的位置随之改变。每个问题只发生一次，无法避免。',
    },
    'not-remembered': {
      title: '缓存记得的比本页更多',
      text: '命中数超过内存中任何提示所能解释的，因此不知道它与哪个提示不同。',
    },
    'not-finished-yet': {
      title: '发送时，之前的请求尚未完成',
      text: '那个请求的计算结果当时还不在缓存中。先单独发送第一个，再发送其余的。',
    },
    evicted: {
      title: '曾在缓存中，现已不在',
      text: '较新的提示占用了空间，或后端引擎没有缓存。可用 --cache-ram 与 --cache-disk 加大空间。',
    },
    'time-in-prompt': {
      title: '提示前部的日期或时间在变化',
      text: '其后的内容都要重新计算。把它放到末尾的最新问题里，或只写到日期。',
    },
    'id-in-prompt': {
      title: '提示前部的标识在变化',
      text: '其后的内容都要重新计算。把它放到末尾，或去掉。',
    },
    'number-in-prompt': {
      title: '提示前部的数字在变化',
      text: '其后的内容都要重新计算。计数请放到末尾。',
    },
    'tools-changed': {
      title: '工具列表变了',
      text: '工具排在所有消息之前。同一对话的每个请求应提供相同的列表。',
    },
    'tools-reordered': {
      title: '工具相同，顺序不同',
      text: '工具按给出的顺序排在所有消息之前。发送前请排序。',
    },
    'json-key-order': {
      title: '工具相同，键的顺序不同',
      text: '定义按原样写入提示。生成 JSON 时请固定键的顺序。',
    },
    'arguments-key-order': {
      title: '工具调用的参数顺序变了',
      text: '请原样发回参数文本，不要重新生成 JSON。',
    },
    'reasoning-changed': {
      title: '当前问题的思考被改动或丢弃',
      text: '调用工具期间，请原样发回 reasoning_content。',
    },
    'mode-changed': {
      title: '思考模式被切换',
      text: '从当前问题起，两种模式的提示不同。',
    },
    'history-truncated': {
      title: '历史的开头被截去',
      text: '剩下的内容位置都变了。应少截、一次多截，而不是每次截一点。',
    },
    'system-changed': {
      title: '系统提示不同',
      text: '它排在一切之前。会变化的内容请放进消息里。',
    },
    'message-edited': {
      title: '之前的某条消息不同',
      text: '从那里起全部重新计算。',
    },
    'reply-changed': {
      title: '发回的回复与模型所写不同',
      text: '请原样发回回复：不要裁剪，不要重新排版。',
    },
    retokenised: {
      title: '文字相同，分词不同',
      text: '模型写出这段文字时的切分与分词器不同。这会偶尔发生，代价很小。',
    },
  },
  parts: {
    system: '系统提示',
    tools: '工具定义',
    user: '问题',
    mark: '回答的思考模式',
    reasoning: '思考',
    answer: '回答',
    calls: '工具调用',
    results: '工具结果',
  },
};

export const causeWords = texts({ en, zh });
