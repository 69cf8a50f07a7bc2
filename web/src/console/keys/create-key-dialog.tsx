// Makes a key for an account that is there, or for a new one made with it, and then shows the key, once.

import { useState } from 'preact/hooks';
import type { AccountJson, KeyJson } from '../../../../src/server/admin/admin-json.js';
import { messageOf } from '../../api/http.js';
import { texts } from '../../i18n/language.js';
import { Button } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { Notice } from '../../ui/feedback.js';
import { SelectField, Switch, TextField } from '../../ui/fields.js';
import { adminClient } from '../admin-client.js';
import { CodeBox } from '../parts/code-box.js';
import { curlFor } from '../parts/snippets.js';
import { bodyOf, NEW_KEY_FORM, problemsOf, type KeyForm } from './key-form.js';
import { KeyLimitsFields } from './key-limits.js';

const words = texts({
  en: {
    title: 'Create an API key',
    account: 'Account',
    newAccount: 'New account …',
    accountName: 'Name of the new account',
    accountHint: 'Prepaid: top it up before its keys can be used.',
    unlimited: 'Unlimited: never runs out, usage is counted all the same',
    cancel: 'Cancel',
    create: 'Create key',
    made: 'Your new key',
    once: 'Copy it now: it is kept as a hash only and cannot be shown again.',
    key: 'API key',
    tryIt: 'Try it',
    done: 'I have copied it',
  },
  zh: {
    title: '创建 API 密钥',
    account: '账户',
    newAccount: '新建账户…',
    accountName: '新账户名称',
    accountHint: '预付费账户：充值后其密钥才能使用。',
    unlimited: '不限额：永不耗尽，用量仍会记录',
    cancel: '取消',
    create: '创建密钥',
    made: '您的新密钥',
    once: '请立即复制：服务器只保存其哈希，之后无法再次显示。',
    key: 'API 密钥',
    tryIt: '试一试',
    done: '已复制，关闭',
  },
});

const NEW = '+';

export interface CreateKeyDialogProps {
  accounts: readonly AccountJson[];
  onMade: (key: KeyJson) => void;
  onClose: () => void;
}

export function CreateKeyDialog({ accounts, onMade, onClose }: CreateKeyDialogProps) {
  const [account, setAccount] = useState(accounts[0]?.id ?? NEW);
  const [accountName, setAccountName] = useState('');
  const [isUnlimited, setUnlimited] = useState(false);
  const [form, setForm] = useState<KeyForm>(NEW_KEY_FORM);
  const [problems, setProblems] = useState<{ concurrency?: string; date?: string }>({});
  const [failure, setFailure] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const [made, setMade] = useState<string>();
  const t = words();
  if (made !== undefined) return <MadeKey text={made} onClose={onClose} />;

  const create = async () => {
    const found = problemsOf(form, Date.now());
    setProblems(found);
    if (Object.keys(found).length > 0) return;
    setBusy(true);
    setFailure(undefined);
    try {
      let id = account;
      if (account === NEW) {
        const body = { name: accountName.trim(), unlimited: isUnlimited };
        ({ id } = await adminClient.createAccount(body));
        setAccount(id); // a second try must not make it again
      }
      const { profile, max_concurrency, expires_at, ...rest } = bodyOf(form, Date.now());
      const { key, ...record } = await adminClient.createKey({
        account: id,
        ...rest,
        ...(profile != null && { profile }),
        ...(max_concurrency != null && { max_concurrency }),
        ...(expires_at != null && { expires_at }),
      });
      onMade(record);
      setMade(key);
    } catch (error) {
      setFailure(messageOf(error));
    } finally {
      setBusy(false);
    }
  };
  const isReady = account !== NEW || accountName.trim() !== '';
  return (
    <Dialog
      title={t.title}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t.cancel}</Button>
          <Button kind="primary" busy={isBusy} disabled={!isReady} onClick={() => void create()}>
            {t.create}
          </Button>
        </>
      }
    >
      <div class="stack">
        {failure !== undefined && <Notice kind="bad">{failure}</Notice>}
        <SelectField
          label={t.account}
          value={account}
          options={[
            ...accounts.map(({ id, name }) => ({ value: id, label: name })),
            { value: NEW, label: t.newAccount },
          ]}
          onValue={setAccount}
        />
        {account === NEW && (
          <>
            <TextField
              label={t.accountName}
              hint={isUnlimited ? undefined : t.accountHint}
              value={accountName}
              maxLength={100}
              onInput={(event) => setAccountName(event.currentTarget.value)}
            />
            <Switch label={t.unlimited} checked={isUnlimited} onChange={setUnlimited} />
          </>
        )}
        <KeyLimitsFields form={form} onForm={setForm} isChange={false} problems={problems} />
      </div>
    </Dialog>
  );
}

function MadeKey({ text, onClose }: { text: string; onClose: () => void }) {
  const t = words();
  return (
    <Dialog
      title={t.made}
      onClose={onClose}
      footer={
        <Button kind="primary" onClick={onClose}>
          {t.done}
        </Button>
      }
    >
      <div class="stack">
        <Notice kind="warn">{t.once}</Notice>
        <CodeBox label={t.key} code={text} />
        <CodeBox label={t.tryIt} code={curlFor(location.origin, text)} />
      </div>
    </Dialog>
  );
}
