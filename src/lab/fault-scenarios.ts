// Scenarios in which something goes wrong, or takes its time: failures before the reply, replies
// that stop in the middle, silence.

import type { PromptView } from './prompt-view.js';
import type { Scenario, ScenarioFailure, ScenarioParameter, Script } from './scenario.js';
import { TurnWriter } from './turn-writer.js';

const SECONDS: ScenarioParameter = { en: 'seconds', zh: '秒', default: 300, min: 0, max: 1200 };

function text(prompt: PromptView): Script {
  const reply = 'This reply takes the scenic route, one token after the other.';
  return { completion: new TurnWriter(prompt).think('No hurry.').say(reply).done() };
}

/** The first part of a reply, and how it breaks off. */
function brokenOff(prompt: PromptView, ending: Script['ending']): Script {
  const completion = new TurnWriter(prompt).think('So far so good.').say('The answer is').done();
  return { completion, ...(ending && { ending }) };
}

function failing(name: string, about: Scenario['about'], failure: ScenarioFailure): Scenario {
  return { name, about, failure, play: text };
}

function error(
  status: Extract<ScenarioFailure, { type: 'error' }>['status'],
  kind: Extract<ScenarioFailure, { type: 'error' }>['kind'],
  retryAfterSeconds?: number,
): ScenarioFailure {
  return {
    type: 'error',
    status,
    kind,
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  };
}

const GATEWAY_PAGE =
  '<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>\n';

export const FAULT_SCENARIOS: readonly Scenario[] = [
  {
    name: 'slow-tokens',
    about: {
      en: 'One token at a time, with a pause before each.',
      zh: '逐个输出词元，每个之前都有停顿。',
    },
    parameter: {
      en: 'milliseconds per token',
      zh: '每个词元的毫秒数',
      default: 250,
      min: 0,
      max: 60_000,
    },
    play: (prompt) => ({ ...text(prompt), timing: { perTokenMs: 250 } }),
  },
  {
    name: 'long-silence',
    about: {
      en: 'Five minutes before the first token; keep-alives meanwhile.',
      zh: '第一个词元之前沉默五分钟，其间发送保活信号。',
    },
    parameter: SECONDS,
    play: (prompt) => ({ ...text(prompt), timing: { beforeFirstMs: 300_000 } }),
  },
  {
    name: 'mid-silence',
    about: {
      en: 'A minute of silence after the third token; keep-alives between the chunks.',
      zh: '第三个词元之后沉默一分钟，数据块之间发送保活信号。',
    },
    parameter: { ...SECONDS, default: 60 },
    play: (prompt) => ({ ...text(prompt), timing: { pause: { afterTokens: 3, ms: 60_000 } } }),
  },
  {
    name: 'mid-stream-failure',
    about: {
      en: 'The engine dies in the middle: `insufficient_system_resource`, properly ended.',
      zh: '引擎中途崩溃：`insufficient_system_resource`，并正常收尾。',
    },
    play: (prompt) => brokenOff(prompt, 'engine-lost'),
  },
  {
    name: 'cut-connection',
    about: { en: 'The socket is closed in the middle of the reply.', zh: '回复中途套接字被关闭。' },
    play: (prompt) => brokenOff(prompt, 'cut'),
  },
  {
    name: 'content-filter',
    about: {
      en: 'The filter takes the rest of the reply away: `content_filter`.',
      zh: '过滤器截去回复的剩余部分：`content_filter`。',
    },
    play: (prompt) => brokenOff(prompt, 'content-filter'),
  },
  failing(
    'content-risk',
    { en: '400 Content Exists Risk.', zh: '400 Content Exists Risk。' },
    error(400, 'content-risk'),
  ),
  failing(
    'unauthorized',
    { en: '401, the key is unknown.', zh: '401，密钥未知。' },
    error(401, 'unauthorized'),
  ),
  failing(
    'insufficient-balance',
    { en: '402, the balance is used up.', zh: '402，余额用尽。' },
    error(402, 'insufficient-balance'),
  ),
  failing(
    'not-found',
    { en: '404 without a body.', zh: '404，无响应体。' },
    error(404, 'not-found'),
  ),
  failing(
    'rate-limit',
    { en: '429 with Retry-After.', zh: '429，带 Retry-After。' },
    error(429, 'rate-limit', 1),
  ),
  failing('internal-error', { en: '500.', zh: '500。' }, error(500, 'internal')),
  failing(
    'overloaded',
    { en: '503 with Retry-After.', zh: '503，带 Retry-After。' },
    error(503, 'overloaded', 2),
  ),
  failing(
    'bad-gateway',
    {
      en: '502 with an HTML page, as a proxy in between would answer.',
      zh: '502 与 HTML 页面，如同中间代理的应答。',
    },
    { type: 'foreign', status: 502, contentType: 'text/html', body: GATEWAY_PAGE },
  ),
  failing(
    'disconnect',
    { en: 'The connection is closed before the answer.', zh: '应答之前连接即被关闭。' },
    { type: 'disconnect' },
  ),
];
