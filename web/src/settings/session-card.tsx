// Who is signed in on this browser, the administrator's console, and signing out.

import { LogOut, ShieldCheck } from 'lucide';
import { useState } from 'preact/hooks';
import { messageOf } from '../api/http.js';
import { session, signIn, signOut } from '../api/session.js';
import { formatTime } from '../i18n/format.js';
import { texts } from '../i18n/language.js';
import { Button } from '../ui/button.js';
import { TextField } from '../ui/fields.js';
import { Icon } from '../ui/icon.js';
import { toast } from '../ui/toasts.js';
import { SettingRow, SettingsCard } from './settings-card.js';

const words = texts({
  en: {
    title: 'Session',
    key: 'Key',
    noKey: 'None: signed in as an operator',
    account: 'Account',
    ends: 'Signed in until',
    operator: 'Operator',
    operatorYes: 'This session may run the platform in the console.',
    operatorNo:
      'Enter the administrator key, which the server prints at its start, to run the platform in the console.',
    adminKey: 'Administrator key',
    unlock: 'Unlock the console',
    unlocked: 'The console is unlocked',
    signOut: 'Sign out',
  },
  zh: {
    title: '会话',
    key: '密钥',
    noKey: '无：以管理员身份登录',
    account: '账户',
    ends: '登录有效期至',
    operator: '管理员',
    operatorYes: '此会话可以在控制台管理平台。',
    operatorNo: '输入服务器启动时显示的管理员密钥，即可在控制台管理平台。',
    adminKey: '管理员密钥',
    unlock: '解锁控制台',
    unlocked: '控制台已解锁',
    signOut: '退出登录',
  },
});

export function SessionCard() {
  const who = session.value;
  const t = words();
  if (!who) return null;
  const leave = () => {
    signOut().catch((error: unknown) => toast(messageOf(error)));
  };
  return (
    <SettingsCard title={t.title}>
      <SettingRow label={t.key}>
        {who.key ? (
          <span>
            {who.key.name} <span class="mono faint">…{who.key.tail}</span>
          </span>
        ) : (
          <span class="soft">{t.noKey}</span>
        )}
      </SettingRow>
      {who.key && <SettingRow label={t.account}>{who.key.account}</SettingRow>}
      {who.expires_at !== null && (
        <SettingRow label={t.ends}>{formatTime(who.expires_at)}</SettingRow>
      )}
      <SettingRow label={t.operator} hint={who.is_operator ? t.operatorYes : t.operatorNo}>
        {who.is_operator && (
          <span class="badge good">
            <Icon node={ShieldCheck} />
            {t.operator}
          </span>
        )}
      </SettingRow>
      {!who.is_operator && <Unlock />}
      <div>
        <Button icon={LogOut} onClick={leave}>
          {t.signOut}
        </Button>
      </div>
    </SettingsCard>
  );
}

function Unlock() {
  const [key, setKey] = useState('');
  const [problem, setProblem] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const t = words();
  const unlock = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    try {
      await signIn({ admin_key: key.trim() });
      toast(t.unlocked);
    } catch (error) {
      setProblem(messageOf(error));
      setBusy(false);
    }
  };
  return (
    <form class="settings-unlock" onSubmit={(event) => void unlock(event)}>
      <TextField
        label={t.adminKey}
        type="password"
        autocomplete="off"
        value={key}
        problem={problem}
        onInput={(event) => setKey(event.currentTarget.value)}
      />
      <Button type="submit" busy={isBusy} disabled={key.trim() === ''}>
        {t.unlock}
      </Button>
    </form>
  );
}
