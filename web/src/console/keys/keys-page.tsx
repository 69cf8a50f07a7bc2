// Keys and the accounts they belong to: made, limited, revoked, found.

import { KeyRound, Plus, Search } from 'lucide';
import { useState } from 'preact/hooks';
import type { KeyJson } from '../../../../src/server/admin/admin-json.js';
import { messageOf } from '../../api/http.js';
import { texts } from '../../i18n/language.js';
import { useCommands } from '../../shell/commands.js';
import { Button } from '../../ui/button.js';
import { Confirm } from '../../ui/dialog.js';
import { Empty, Failure, Loading, Notice } from '../../ui/feedback.js';
import { Segmented, Switch } from '../../ui/fields.js';
import { Icon } from '../../ui/icon.js';
import { toast } from '../../ui/toasts.js';
import { adminClient } from '../admin-client.js';
import { useLoad } from '../use-load.js';
import { AccountTable } from './account-table.js';
import { CreateAccountDialog } from './create-account-dialog.js';
import { CreateKeyDialog } from './create-key-dialog.js';
import { EditKeyDialog } from './edit-key-dialog.js';
import { KeyTable, stateOf } from './key-table.js';
import './keys.css';

const words = texts({
  en: {
    view: 'View',
    keys: 'Keys',
    accounts: 'Accounts',
    filter: 'Filter by name, account, tail',
    gone: 'Revoked and expired',
    createKey: 'Create key',
    createAccount: 'Create account',
    none: 'No key fits',
    noneText: 'Change the filter, or create a key.',
    revokeTitle: 'Revoke this key?',
    revokeText: (name: string) =>
      `${name} stops working at once and for good. Replies that are running end normally.`,
    revoke: 'Revoke',
    revoked: (name: string) => `${name} is revoked`,
  },
  zh: {
    view: '视图',
    keys: '密钥',
    accounts: '账户',
    filter: '按名称、账户、尾号筛选',
    gone: '已吊销与过期',
    createKey: '创建密钥',
    createAccount: '创建账户',
    none: '没有符合的密钥',
    noneText: '请修改筛选条件，或创建密钥。',
    revokeTitle: '吊销此密钥？',
    revokeText: (name: string) => `${name} 将立即且永久失效，正在进行的回复会正常结束。`,
    revoke: '吊销',
    revoked: (name: string) => `${name} 已吊销`,
  },
});

type Dialogs =
  | { kind: 'create-key' }
  | { kind: 'create-account' }
  | { kind: 'edit'; key: KeyJson }
  | { kind: 'revoke'; key: KeyJson };

export function KeysPage() {
  const t = words();
  const { value, problem, reload } = useLoad(async (signal) => {
    const [accounts, keys, balances] = await Promise.all([
      adminClient.accounts(signal),
      adminClient.keys(signal),
      adminClient.balances(signal),
    ]);
    return { accounts, keys, balances };
  });
  const [view, setView] = useState<'keys' | 'accounts'>('keys');
  const [filter, setFilter] = useState('');
  const [showsGone, setShowsGone] = useState(false);
  const [dialog, setDialog] = useState<Dialogs>();
  const close = () => setDialog(undefined);
  useCommands(() => [
    {
      id: 'keys.create',
      label: words().createKey,
      icon: KeyRound,
      run: () => setDialog({ kind: 'create-key' }),
    },
  ]);
  if (!value) return problem ? <Failure message={problem} onRetry={reload} /> : <Loading />;

  const { accounts, keys, balances } = value;
  const byId = new Map(accounts.map((account) => [account.id, account]));
  const shown = keys
    .filter((key) => showsGone || stateOf(key, Date.now()) === 'active')
    .filter((key) => {
      const text = `${key.name} ${key.tail} ${key.id} ${byId.get(key.account)?.name ?? ''}`;
      return text.toLowerCase().includes(filter.trim().toLowerCase());
    })
    .toReversed();
  const revoke = (key: KeyJson) =>
    void adminClient.revokeKey(key.id).then(
      () => {
        toast(t.revoked(nameOf(key)));
        reload();
      },
      (error: unknown) => toast(messageOf(error)),
    );
  return (
    <section class="console-section">
      {problem !== undefined && <Notice kind="bad">{problem}</Notice>}
      <div class="console-bar">
        <Segmented
          label={t.view}
          value={view}
          options={[
            { value: 'keys', label: t.keys },
            { value: 'accounts', label: t.accounts },
          ]}
          onValue={setView}
        />
        {view === 'keys' && (
          <>
            <label class="console-search">
              <Icon node={Search} />
              <span class="visually-hidden">{t.filter}</span>
              <input
                class="input"
                type="search"
                placeholder={t.filter}
                value={filter}
                onInput={(event) => setFilter(event.currentTarget.value)}
              />
            </label>
            <Switch label={t.gone} checked={showsGone} onChange={setShowsGone} />
          </>
        )}
        <div class="console-bar-end">
          {view === 'keys' ? (
            <Button kind="primary" icon={Plus} onClick={() => setDialog({ kind: 'create-key' })}>
              {t.createKey}
            </Button>
          ) : (
            <Button
              kind="primary"
              icon={Plus}
              onClick={() => setDialog({ kind: 'create-account' })}
            >
              {t.createAccount}
            </Button>
          )}
        </div>
      </div>
      {view === 'accounts' ? (
        <AccountTable accounts={accounts} balances={balances} keys={keys} />
      ) : shown.length === 0 ? (
        <Empty icon={KeyRound} title={t.none}>
          <p>{t.noneText}</p>
        </Empty>
      ) : (
        <KeyTable
          keys={shown}
          accounts={byId}
          onEdit={(key) => setDialog({ kind: 'edit', key })}
          onRevoke={(key) => setDialog({ kind: 'revoke', key })}
        />
      )}
      {dialog?.kind === 'create-key' && (
        <CreateKeyDialog accounts={accounts} onMade={reload} onClose={close} />
      )}
      {dialog?.kind === 'create-account' && <CreateAccountDialog onMade={reload} onClose={close} />}
      {dialog?.kind === 'edit' && (
        <EditKeyDialog apiKey={dialog.key} onChanged={reload} onClose={close} />
      )}
      {dialog?.kind === 'revoke' && (
        <Confirm
          title={t.revokeTitle}
          action={t.revoke}
          danger
          onConfirm={() => revoke(dialog.key)}
          onClose={close}
        >
          <p>{t.revokeText(nameOf(dialog.key))}</p>
        </Confirm>
      )}
    </section>
  );
}

function nameOf({ name, tail }: KeyJson): string {
  return name === '' ? tail : `${name} (${tail})`;
}
