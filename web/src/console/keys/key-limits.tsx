// The fields of a key that may be changed later, as one form part; keys-body.ts makes requests of them.

import { texts } from '../../i18n/language.js';
import { SelectField, TextField } from '../../ui/fields.js';
import { LENIENCY_NAMES, leniencyText, PROFILE_NAMES, profileText } from './profile-texts.js';
import { EXPIRIES, type Expiry, type KeyForm } from './key-form.js';

const words = texts({
  en: {
    name: 'Name',
    nameHint: 'Where it is used, e.g. laptop or ci.',
    profile: 'Profile',
    serverDefault: 'The server’s default',
    serverDefaultHint: 'As set with --profile when the server was started.',
    leniencies: 'Leniencies beside the profile’s',
    concurrency: 'Requests at once',
    concurrencyHint: 'Empty: the server’s limit. More are answered with 429.',
    expiry: 'Expires',
    date: 'Last moment (your local time)',
    expiries: {
      keep: 'As it is',
      never: 'Never',
      '7d': 'In 7 days',
      '30d': 'In 30 days',
      '90d': 'In 90 days',
      '1y': 'In a year',
      date: 'On a date …',
    },
  },
  zh: {
    name: '名称',
    nameHint: '用在哪里，例如 laptop 或 ci。',
    profile: '契约档案',
    serverDefault: '服务器默认',
    serverDefaultHint: '即启动服务器时 --profile 指定的档案。',
    leniencies: '在档案之外额外宽容',
    concurrency: '并发请求数',
    concurrencyHint: '留空则使用服务器的限制，超出返回 429。',
    expiry: '有效期',
    date: '最后时刻（本地时间）',
    expiries: {
      keep: '保持不变',
      never: '永不过期',
      '7d': '7 天后',
      '30d': '30 天后',
      '90d': '90 天后',
      '1y': '一年后',
      date: '指定日期…',
    },
  },
});

export interface KeyLimitsFieldsProps {
  form: KeyForm;
  onForm: (form: KeyForm) => void;
  /** Whether "as it is" is a choice. */
  isChange: boolean;
  problems: { concurrency?: string; date?: string };
}

export function KeyLimitsFields({ form, onForm, isChange, problems }: KeyLimitsFieldsProps) {
  const t = words();
  const set = (part: Partial<KeyForm>) => onForm({ ...form, ...part });
  const expiries = EXPIRIES.filter((value) => isChange || value !== 'keep');
  return (
    <>
      <TextField
        label={t.name}
        hint={t.nameHint}
        value={form.name}
        maxLength={100}
        onInput={(event) => set({ name: event.currentTarget.value })}
      />
      <SelectField
        label={t.profile}
        value={form.profile}
        hint={form.profile === '' ? t.serverDefaultHint : profileText(form.profile)}
        options={[
          { value: '', label: t.serverDefault },
          ...PROFILE_NAMES.map((name) => ({ value: name, label: name })),
        ]}
        onValue={(profile) => set({ profile })}
      />
      {form.profile !== 'agents' && (
        <details class="keys-leniencies" open={form.leniencies.length > 0}>
          <summary>
            {t.leniencies}
            {form.leniencies.length > 0 && <span class="badge">{form.leniencies.length}</span>}
          </summary>
          <div class="keys-leniency-list">
            {LENIENCY_NAMES.map((name) => (
              <label key={name} class="keys-leniency">
                <input
                  type="checkbox"
                  checked={form.leniencies.includes(name)}
                  onChange={(event) =>
                    set({
                      leniencies: event.currentTarget.checked
                        ? [...form.leniencies, name]
                        : form.leniencies.filter((each) => each !== name),
                    })
                  }
                />
                <span>
                  <span class="mono">{name}</span>
                  <span class="soft small">{leniencyText(name)}</span>
                </span>
              </label>
            ))}
          </div>
        </details>
      )}
      <div class="keys-pair">
        <TextField
          label={t.concurrency}
          hint={t.concurrencyHint}
          problem={problems.concurrency}
          inputMode="numeric"
          value={form.concurrency}
          onInput={(event) => set({ concurrency: event.currentTarget.value })}
        />
        <SelectField
          label={t.expiry}
          value={form.expiry}
          options={expiries.map((value) => ({ value, label: t.expiries[value] }))}
          onValue={(expiry: Expiry) => set({ expiry })}
        />
      </div>
      {form.expiry === 'date' && (
        <TextField
          label={t.date}
          type="datetime-local"
          problem={problems.date}
          value={form.date}
          onInput={(event) => set({ date: event.currentTarget.value })}
        />
      )}
    </>
  );
}
