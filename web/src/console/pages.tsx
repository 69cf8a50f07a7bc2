// The pages of the console, in the order of its navigation. A new page is a line here; each is a chunk
// of its own. `operator`: only for administrators.

import {
  Activity,
  Boxes,
  ChartColumn,
  KeyRound,
  LayoutDashboard,
  ScrollText,
  Wallet,
  type IconNode,
} from 'lucide';
import type { ComponentType } from 'preact';
import { lazy } from 'preact-iso';
import { texts } from '../i18n/language.js';

const words = texts({
  en: {
    overview: 'Overview',
    live: 'Live',
    requests: 'Requests',
    usage: 'Usage',
    keys: 'API keys',
    ledger: 'Balance and ledger',
    models: 'Models',
  },
  zh: {
    overview: '总览',
    live: '实时状态',
    requests: '请求记录',
    usage: '用量',
    keys: 'API 密钥',
    ledger: '余额与账本',
    models: '模型',
  },
});

export interface ConsoleEntry {
  path: string;
  label: () => string;
  icon: IconNode;
  operator: boolean;
  component: ComponentType;
}

export const CONSOLE_PAGES: readonly ConsoleEntry[] = [
  {
    path: '',
    label: () => words().overview,
    icon: LayoutDashboard,
    operator: false,
    component: lazy(async () => (await import('./overview/overview-page.js')).OverviewPage),
  },
  {
    path: 'live',
    label: () => words().live,
    icon: Activity,
    operator: true,
    component: lazy(async () => (await import('./live/live-page.js')).LivePage),
  },
  {
    path: 'requests',
    label: () => words().requests,
    icon: ScrollText,
    operator: false,
    component: lazy(async () => (await import('./requests/requests-page.js')).RequestsPage),
  },
  {
    path: 'usage',
    label: () => words().usage,
    icon: ChartColumn,
    operator: false,
    component: lazy(async () => (await import('./usage/usage-page.js')).UsagePage),
  },
  {
    path: 'keys',
    label: () => words().keys,
    icon: KeyRound,
    operator: true,
    component: lazy(async () => (await import('./keys/keys-page.js')).KeysPage),
  },
  {
    path: 'ledger',
    label: () => words().ledger,
    icon: Wallet,
    operator: true,
    component: lazy(async () => (await import('./ledger/ledger-page.js')).LedgerPage),
  },
  {
    path: 'models',
    label: () => words().models,
    icon: Boxes,
    operator: true,
    component: lazy(async () => (await import('./models/models-page.js')).ModelsPage),
  },
];
