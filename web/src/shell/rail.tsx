// The rail at the left, a bar at the bottom on phones: the parts of the product, and what belongs to
// the visitor: language, theme, account.

import {
  BookOpen,
  Columns2,
  FlaskConical,
  Gauge,
  Languages,
  LogOut,
  MessageSquare,
  MonitorCog,
  Moon,
  Settings,
  Sun,
  UserRound,
  type IconNode,
} from 'lucide';
import { useLocation } from 'preact-iso';
import { messageOf } from '../api/http.js';
import { session, signOut } from '../api/session.js';
import { language, setLanguage, texts } from '../i18n/language.js';
import { IconButton } from '../ui/button.js';
import { Icon } from '../ui/icon.js';
import { Menu, type MenuItem } from '../ui/menu.js';
import { toast } from '../ui/toasts.js';
import { Logo } from './logo.js';
import { setTheme, theme } from './theme.js';

const words = texts({
  en: {
    navigation: 'Main',
    chat: 'Chat',
    compare: 'Compare',
    console: 'Console',
    playground: 'Playground',
    docs: 'Docs',
    account: 'Account and settings',
    settings: 'Settings',
    signOut: 'Sign out',
    light: 'Light',
    dark: 'Dark',
    auto: 'As the system',
    operator: 'operator',
    other: '中文',
  },
  zh: {
    navigation: '主导航',
    chat: '对话',
    compare: '对比',
    console: '控制台',
    playground: '试验场',
    docs: '文档',
    account: '账户与设置',
    settings: '设置',
    signOut: '退出登录',
    light: '浅色',
    dark: '深色',
    auto: '跟随系统',
    operator: '管理员',
    other: 'English',
  },
});

interface Place {
  href: string;
  name: 'chat' | 'compare' | 'console' | 'playground' | 'docs';
  icon: IconNode;
  isAt: (path: string) => boolean;
}

export const PLACES: readonly Place[] = [
  {
    href: '/',
    name: 'chat',
    icon: MessageSquare,
    isAt: (path) => path === '/' || path.startsWith('/c/'),
  },
  {
    href: '/compare',
    name: 'compare',
    icon: Columns2,
    isAt: (path) => path.startsWith('/compare'),
  },
  {
    href: '/playground',
    name: 'playground',
    icon: FlaskConical,
    isAt: (path) => path.startsWith('/playground'),
  },
  { href: '/console', name: 'console', icon: Gauge, isAt: (path) => path.startsWith('/console') },
  { href: '/docs', name: 'docs', icon: BookOpen, isAt: (path) => path.startsWith('/docs') },
];

export function placeName(name: Place['name']): string {
  return words()[name];
}

export function Rail() {
  const { path } = useLocation();
  const t = words();
  return (
    <nav class="rail" aria-label={t.navigation}>
      <a class="rail-logo" href="/" aria-label="Hadal">
        <Logo />
      </a>
      {PLACES.map(({ href, name, icon, isAt }) => (
        <a key={name} class="rail-item" href={href} aria-current={isAt(path) ? 'page' : undefined}>
          <Icon node={icon} />
          <span>{t[name]}</span>
        </a>
      ))}
      <div class="rail-end">{session.value?.signed_in && <AccountMenu />}</div>
    </nav>
  );
}

function AccountMenu() {
  const { route } = useLocation();
  const t = words();
  const { value: who } = session;
  const name = who?.key ? `${who.key.name} ${who.key.tail}` : t.operator;
  const items: MenuItem[] = [
    { label: name, icon: UserRound, run: () => route('/settings') },
    'separator',
    {
      label: t.other,
      icon: Languages,
      run: () => setLanguage(language.value === 'en' ? 'zh' : 'en'),
    },
    { label: t.light, icon: Sun, checked: theme.value === 'light', run: () => setTheme('light') },
    { label: t.dark, icon: Moon, checked: theme.value === 'dark', run: () => setTheme('dark') },
    {
      label: t.auto,
      icon: MonitorCog,
      checked: theme.value === 'auto',
      run: () => setTheme('auto'),
    },
    'separator',
    { label: t.settings, icon: Settings, run: () => route('/settings') },
    {
      label: t.signOut,
      icon: LogOut,
      run: () => void signOut().catch((error: unknown) => toast(messageOf(error))),
    },
  ];
  return (
    <Menu
      items={items}
      button={(attributes) => <IconButton icon={UserRound} label={t.account} {...attributes} />}
    />
  );
}
