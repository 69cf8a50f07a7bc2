// Makes an account. Its kind is for good: the ledger refers to it.

import { useState } from 'preact/hooks';
import { messageOf } from '../../api/http.js';
import { texts } from '../../i18n/language.js';
import { Button } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { Notice } from '../../ui/feedback.js';
import { Segmented, TextField } from '../../ui/fields.js';
import { adminClient } from '../admin-client.js';

const words = texts({
  en: {
    title: 'Create an account',
    name: 'Name',
    kind: 'Kind',
    prepaid: 'Prepaid',
    unlimited: 'Unlimited',
    prepaidText: 'Pays from its balance; at zero its requests are refused with 402.',
    unlimitedText: 'Never runs out; usage and cost are counted all the same.',
    forGood: 'An account keeps its kind and is never deleted. To shut it out, revoke its keys.',
    cancel: 'Cancel',
    create: 'Create account',
  },
  zh: {
    title: '创建账户',
    name: '名称',
    kind: '类型',
    prepaid: '预付费',
    unlimited: '不限额',
    prepaidText: '从余额扣费；余额用尽后请求返回 402。',
    unlimitedText: '永不耗尽；用量与费用仍会记录。',
    forGood: '账户类型不可更改，账户也不会被删除。如需停用，请吊销其密钥。',
    cancel: '取消',
    create: '创建账户',
  },
});

export function CreateAccountDialog({
  onMade,
  onClose,
}: {
  onMade: () => void;
  onClose: () => void;
}) {
  const [name, setName] = useState('');
  const [kind, setKind] = useState<'prepaid' | 'unlimited'>('prepaid');
  const [failure, setFailure] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const t = words();
  const create = async () => {
    setBusy(true);
    try {
      await adminClient.createAccount({ name: name.trim(), unlimited: kind === 'unlimited' });
      onMade();
      onClose();
    } catch (error) {
      setFailure(messageOf(error));
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={t.title}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t.cancel}</Button>
          <Button
            kind="primary"
            busy={isBusy}
            disabled={name.trim() === ''}
            onClick={() => void create()}
          >
            {t.create}
          </Button>
        </>
      }
    >
      <div class="stack">
        {failure !== undefined && <Notice kind="bad">{failure}</Notice>}
        <TextField
          label={t.name}
          value={name}
          maxLength={100}
          onInput={(event) => setName(event.currentTarget.value)}
        />
        <div class="stack">
          <Segmented
            label={t.kind}
            value={kind}
            options={[
              { value: 'prepaid', label: t.prepaid },
              { value: 'unlimited', label: t.unlimited },
            ]}
            onValue={setKind}
          />
          <p class="soft small">{kind === 'prepaid' ? t.prepaidText : t.unlimitedText}</p>
        </div>
        <Notice>{t.forGood}</Notice>
      </div>
    </Dialog>
  );
}
