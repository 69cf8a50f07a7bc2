// The words of the status page, once per language, and how it writes dates and durations.

import type { ComponentStatus } from './types.js';

export type StatusLanguage = 'en' | 'zh';

export interface StatusText {
  /** BCP 47 tag for the `lang` attribute. */
  tag: string;
  title: string;
  overall: Record<ComponentStatus, string>;
  /** Said under the overall line. */
  explanation: Record<ComponentStatus, string>;
  component: Record<ComponentStatus, string>;
  /** Names of components that every installation has; others are shown as they are. */
  names: Readonly<Record<string, string>>;
  components: string;
  incidents: string;
  noComponents: string;
  noIncidents: string;
  uptime: string;
  started: string;
  checked: string;
  version: string;
  ongoing: string;
  lasted: string;
  /** Other parts of the product. */
  links: { label: string; chat: string; console: string; docs: string };
  language: { label: string; href: string; tag: string };
  zone: string;
  units: { day: string; hour: string; minute: string; second: string };
}

export const STATUS_TEXT: Readonly<Record<StatusLanguage, StatusText>> = {
  en: {
    tag: 'en',
    title: 'Hadal status',
    overall: {
      operational: 'All systems operational',
      degraded: 'Degraded performance',
      down: 'Service disruption',
    },
    explanation: {
      operational: 'Every component is working normally.',
      degraded: 'Requests are served, but at least one component is impaired.',
      down: 'At least one component is down; requests may fail.',
    },
    component: { operational: 'Operational', degraded: 'Degraded', down: 'Down' },
    names: {
      api: 'API',
      engine: 'Inference engine',
      upstream: 'Upstream model servers',
      accounts: 'Accounts and ledger',
      'health checks': 'Health checks',
    },
    components: 'Components',
    incidents: 'Recent incidents',
    noComponents: 'No components are reported.',
    noIncidents: 'No incidents since the server started.',
    uptime: 'Uptime',
    started: 'Started',
    checked: 'Checked',
    version: 'Version',
    ongoing: 'Ongoing',
    lasted: 'Resolved after',
    links: { label: 'Hadal', chat: 'Chat', console: 'Console', docs: 'Docs' },
    language: { label: '中文', href: '?lang=zh', tag: 'zh-CN' },
    zone: 'Times are in UTC.',
    units: { day: 'd', hour: 'h', minute: 'min', second: 's' },
  },
  zh: {
    tag: 'zh-CN',
    title: 'Hadal 服务状态',
    overall: {
      operational: '所有系统运行正常',
      degraded: '性能下降',
      down: '服务中断',
    },
    explanation: {
      operational: '所有组件均正常工作。',
      degraded: '请求仍可处理，但至少有一个组件异常。',
      down: '至少有一个组件停止工作，请求可能失败。',
    },
    component: { operational: '正常', degraded: '降级', down: '故障' },
    names: {
      api: 'API',
      engine: '推理引擎',
      upstream: '上游模型服务器',
      accounts: '账户与账本',
      'health checks': '健康检查',
    },
    components: '组件',
    incidents: '近期事件',
    noComponents: '没有组件上报状态。',
    noIncidents: '自服务启动以来没有事件。',
    uptime: '运行时间',
    started: '启动于',
    checked: '检查于',
    version: '版本',
    ongoing: '进行中',
    lasted: '恢复用时',
    links: { label: 'Hadal', chat: '对话', console: '控制台', docs: '文档' },
    language: { label: 'English', href: '?lang=en', tag: 'en' },
    zone: '时间均为 UTC。',
    units: { day: '天', hour: '小时', minute: '分钟', second: '秒' },
  },
};

/** The two largest units: `3 d 4 h`, `12 min 5 s`, `0 s`. */
export function durationText(ms: number, { units }: StatusText): string {
  const total = Math.max(0, Math.round(ms / 1000));
  const parts: [number, string][] = [
    [Math.floor(total / 86_400), units.day],
    [Math.floor(total / 3600) % 24, units.hour],
    [Math.floor(total / 60) % 60, units.minute],
    [total % 60, units.second],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  if (first === -1) return `0 ${units.second}`;
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}

/** `2026-01-31 08:05`; the page says once that times are in UTC. */
export function dateText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
}
