// The console: its navigation, and the page that the address names. Pages that administer ask for the
// administrator's key where the session has not shown it.

import { LockKeyhole } from 'lucide';
import { useLocation } from 'preact-iso';
import { useState } from 'preact/hooks';
import { messageOf } from '../api/http.js';
import { session, signIn } from '../api/session.js';
import { texts } from '../i18n/language.js';
import { NotFoundPage } from '../shell/not-found-page.js';
import { Page } from '../shell/page.js';
import { Button } from '../ui/button.js';
import { TextField } from '../ui/fields.js';
import { Icon } from '../ui/icon.js';
import { CONSOLE_PAGES } from './pages.js';
import './console.css';

const words = texts({
  en: {
    console: 'Console',
    locked: 'This page administers the server',
    lockedText:
      'Give the administrator key, which the server prints at its start, or set one with --admin-key.',
    label: 'Administrator key',
    unlock: 'Unlock',
  },
  zh: {
    console: '控制台',
    locked: '此页面用于管理服务器',
    lockedText: '请输入服务器启动时打印的管理员密钥，或用 --admin-key 指定一个。',
    label: '管理员密钥',
    unlock: '解锁',
  },
});

export function ConsolePage() {
  const { path } = useLocation();
  const [, , name = ''] = path.split('/');
  const entry = CONSOLE_PAGES.find((page) => page.path === name);
  if (!entry) return <NotFoundPage />;
  const { component: Content, label, operator } = entry;
  const isLocked = operator && session.value?.is_operator !== true;
  return (
    <Page title={label()} sidebar={<ConsoleNav current={name} />} sidebarLabel={words().console}>
      {isLocked ? <Unlock /> : <Content />}
    </Page>
  );
}

function ConsoleNav({ current }: { current: string }) {
  return (
    <nav class="section-nav" aria-label={words().console}>
      <h2>{words().console}</h2>
      {CONSOLE_PAGES.map(({ path, label, icon }) => (
        <a
          key={path}
          href={path === '' ? '/console' : `/console/${path}`}
          aria-current={path === current ? 'page' : undefined}
        >
          <Icon node={icon} />
          {label()}
        </a>
      ))}
    </nav>
  );
}

function Unlock() {
  const [key, setKey] = useState('');
  const [problem, setProblem] = useState<string>();
  const t = words();
  const submit = async (event: Event) => {
    event.preventDefault();
    try {
      await signIn({ admin_key: key.trim() });
    } catch (error) {
      setProblem(messageOf(error));
    }
  };
  return (
    <form class="card padded stack unlock" onSubmit={(event) => void submit(event)}>
      <div class="row">
        <Icon node={LockKeyhole} />
        <h2>{t.locked}</h2>
      </div>
      <p class="soft">{t.lockedText}</p>
      <TextField
        label={t.label}
        type="password"
        autocomplete="off"
        value={key}
        problem={problem}
        onInput={(event) => setKey(event.currentTarget.value)}
      />
      <div>
        <Button kind="primary" type="submit" disabled={key.trim() === ''}>
          {t.unlock}
        </Button>
      </div>
    </form>
  );
}
