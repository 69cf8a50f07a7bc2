// Gives an account money: paid (top-up) or as a present (grant), which may expire. The payment's id is
// made when the dialog opens, so that pressing twice, or again after a lost answer, pays once.

import { useState } from 'preact/hooks';
import type { AccountJson } from '../../../../src/server/admin/admin-json.js';
import { messageOf } from '../../api/http.js';
import { formatMoney } from '../../i18n/format.js';
import { texts } from '../../i18n/language.js';
import { Button } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { Notice } from '../../ui/feedback.js';
import { Segmented, SelectField, TextField } from '../../ui/fields.js';
import { toast } from '../../ui/toasts.js';
import { adminClient } from '../admin-client.js';

const words = texts({
  en: {
    title: (account: string) => `Money for ${account}`,
    kind: 'Kind',
    topUp: 'Top up',
    grant: 'Grant',
    topUpText: 'Money that was paid. Spent after granted money; never expires.',
    grantText: 'Money as a present. Spent first; may expire.',
    currency: 'Currency',
    amount: 'Amount',
    amountProblem: 'An amount above zero such as 10.00, at most 1000000.',
    note: 'Note',
    noteHint: 'Shown in the ledger, e.g. the number of an invoice.',
    expires: 'Expires',
    expiries: { never: 'Never', '7': 'In 7 days', '30': 'In 30 days', '365': 'In a year' },
    id: (id: string) => `Payment id ${id}: sent twice, the money comes once.`,
    cancel: 'Cancel',
    done: (amount: string, account: string) => `${amount} for ${account} is in the ledger`,
  },
  zh: {
    title: (account: string) => `为 ${account} 入账`,
    kind: '类型',
    topUp: '充值',
    grant: '赠送',
    topUpText: '实际支付的金额。在赠送余额之后扣除，永不过期。',
    grantText: '赠送的金额。优先扣除，可设有效期。',
    currency: '币种',
    amount: '金额',
    amountProblem: '请输入大于零的金额，例如 10.00，最多 1000000。',
    note: '备注',
    noteHint: '显示在账本中，例如发票号。',
    expires: '有效期',
    expiries: { never: '永不过期', '7': '7 天后', '30': '30 天后', '365': '一年后' },
    id: (id: string) => `支付编号 ${id}：重复提交也只入账一次。`,
    cancel: '取消',
    done: (amount: string, account: string) => `${amount} 已计入 ${account} 的账本`,
  },
});

const DAY_MS = 86_400_000;
const MAX_AMOUNT = 1_000_000;

type Kind = 'top-up' | 'grant';
type Expiry = 'never' | '7' | '30' | '365';

export interface MoneyDialogProps {
  account: AccountJson;
  kind: Kind;
  onDone: () => void;
  onClose: () => void;
}

export function MoneyDialog({ account, kind: firstKind, onDone, onClose }: MoneyDialogProps) {
  const [id] = useState(() => `web-${crypto.randomUUID()}`);
  const [kind, setKind] = useState<Kind>(firstKind);
  const [currency, setCurrency] = useState<'CNY' | 'USD'>('CNY');
  const [amount, setAmount] = useState('');
  const [note, setNote] = useState('');
  const [expiry, setExpiry] = useState<Expiry>('never');
  const [problem, setProblem] = useState<string>();
  const [failure, setFailure] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const t = words();
  const pay = async () => {
    if (!isAmount(amount.trim())) return setProblem(t.amountProblem);
    setProblem(undefined);
    setBusy(true);
    try {
      const days = kind === 'grant' && expiry !== 'never' ? Number(expiry) : undefined;
      await adminClient.addMoney(account.id, {
        kind,
        currency,
        amount: amount.trim(),
        idempotency_key: id,
        ...(note.trim() !== '' && { note: note.trim() }),
        ...(days !== undefined && {
          expires_at: new Date(Date.now() + days * DAY_MS).toISOString(),
        }),
      });
      toast(t.done(formatMoney(amount.trim(), currency), account.name));
      onDone();
      onClose();
    } catch (error) {
      setFailure(messageOf(error));
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={t.title(account.name)}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t.cancel}</Button>
          <Button kind="primary" busy={isBusy} onClick={() => void pay()}>
            {kind === 'grant' ? t.grant : t.topUp}
          </Button>
        </>
      }
    >
      <div class="stack">
        {failure !== undefined && <Notice kind="bad">{failure}</Notice>}
        <div class="stack">
          <Segmented
            label={t.kind}
            value={kind}
            options={[
              { value: 'top-up', label: t.topUp },
              { value: 'grant', label: t.grant },
            ]}
            onValue={setKind}
          />
          <p class="soft small">{kind === 'grant' ? t.grantText : t.topUpText}</p>
        </div>
        <div class="ledger-pair">
          <TextField
            label={t.amount}
            inputMode="decimal"
            placeholder="10.00"
            value={amount}
            problem={problem}
            onInput={(event) => setAmount(event.currentTarget.value)}
          />
          <SelectField
            label={t.currency}
            value={currency}
            options={[
              { value: 'CNY', label: 'CNY ¥' },
              { value: 'USD', label: 'USD $' },
            ]}
            onValue={setCurrency}
          />
        </div>
        {kind === 'grant' && (
          <SelectField
            label={t.expires}
            value={expiry}
            options={(['never', '7', '30', '365'] as const).map((value) => ({
              value,
              label: t.expiries[value],
            }))}
            onValue={setExpiry}
          />
        )}
        <TextField
          label={t.note}
          hint={t.noteHint}
          maxLength={500}
          value={note}
          onInput={(event) => setNote(event.currentTarget.value)}
        />
        <p class="faint small">{t.id(id.slice(0, 12))}</p>
      </div>
    </Dialog>
  );
}

function isAmount(text: string): boolean {
  const value = Number(text);
  return /^\d{1,7}(?:\.\d{1,9})?$/.test(text) && value > 0 && value <= MAX_AMOUNT;
}
