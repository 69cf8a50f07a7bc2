// What the steps and states of a request are called, for the log, the trace and the live view.

import { texts } from '../../i18n/language.js';

export const requestWords = texts({
  en: {
    states: {
      preparing: 'preparing',
      queued: 'queued',
      prefill: 'prefill',
      decode: 'decode',
      ending: 'ending',
      ended: 'ended',
    },
    spans: {
      receive: 'Read the body',
      validate: 'Check the fields',
      render: 'Render and tokenise',
      queue: 'Queue',
      prefill: 'Prefill',
      decode: 'Decode',
      ledger: 'Ledger',
      deliver: 'Deliver',
    },
    doors: { chat: 'chat', fim: 'FIM', anthropic: 'Anthropic', responses: 'Responses' },
    noKey: 'no key',
  },
  zh: {
    states: {
      preparing: '准备中',
      queued: '排队中',
      prefill: '预填充',
      decode: '解码',
      ending: '收尾',
      ended: '已结束',
    },
    spans: {
      receive: '读取请求体',
      validate: '校验字段',
      render: '渲染与分词',
      queue: '排队',
      prefill: '预填充',
      decode: '解码',
      ledger: '记账',
      deliver: '送出',
    },
    doors: { chat: '对话', fim: 'FIM', anthropic: 'Anthropic', responses: 'Responses' },
    noKey: '无密钥',
  },
});
