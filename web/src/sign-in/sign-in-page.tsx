// Signing in with a key. The key goes to the server once and is kept nowhere in the browser.

import { KeyRound, Languages } from 'lucide';
import { useState } from 'preact/hooks';
import { messageOf } from '../api/http.js';
import { signIn } from '../api/session.js';
import { language, setLanguage, texts } from '../i18n/language.js';
import { Logo } from '../shell/logo.js';
import { Button } from '../ui/button.js';
import { Notice } from '../ui/feedback.js';
import { TextField } from '../ui/fields.js';
import './sign-in.css';

const words = texts({
  en: {
    title: 'Sign in to Hadal',
    text: 'Use an API key of this server. The administrator key opens the console.',
    label: 'API key',
    action: 'Sign in',
    hint: 'The key is sent to this server only and never stored in the browser.',
    how: 'No key at hand? The link that the server prints at its start signs you in, or run',
    other: '中文',
  },
  zh: {
    title: '登录 Hadal',
    text: '请使用本服务器的 API 密钥；管理员密钥可打开控制台。',
    label: 'API 密钥',
    action: '登录',
    hint: '密钥只发送给本服务器，不会保存在浏览器中。',
    how: '手边没有密钥？服务器启动时打印的链接可直接登录，也可以运行',
    other: 'English',
  },
});

export function SignInPage({ problem: atStart }: { problem?: string | undefined }) {
  const [key, setKey] = useState('');
  const [problem, setProblem] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const t = words();
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    try {
      await signIn({ key: key.trim() });
    } catch (error) {
      setProblem(messageOf(error));
      setBusy(false);
    }
  };
  return (
    <main class="sign-in" id="main">
      <form class="sign-in-card card" onSubmit={(event) => void submit(event)}>
        <Logo />
        <h1>{t.title}</h1>
        <p class="soft">{t.text}</p>
        {atStart !== undefined && problem === undefined && <Notice kind="warn">{atStart}</Notice>}
        <TextField
          label={t.label}
          type="password"
          autocomplete="current-password"
          placeholder="sk-…"
          value={key}
          onInput={(event) => setKey(event.currentTarget.value)}
          problem={problem}
          hint={t.hint}
          autofocus
          required
        />
        <Button
          kind="primary"
          icon={KeyRound}
          type="submit"
          busy={isBusy}
          disabled={key.trim() === ''}
        >
          {t.action}
        </Button>
        <p class="small soft">
          {t.how} <code>npx hadal key create</code>.
        </p>
      </form>
      <Button
        kind="ghost"
        size="small"
        icon={Languages}
        onClick={() => setLanguage(language.value === 'en' ? 'zh' : 'en')}
      >
        {t.other}
      </Button>
    </main>
  );
}
