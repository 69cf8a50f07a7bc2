// All keys in a table: who they belong to, what limits them, when they were used, and their state.

import { Ban, SlidersHorizontal } from 'lucide';
import type { AccountJson, KeyJson } from '../../../../src/server/admin/admin-json.js';
import { formatNumber, formatTime } from '../../i18n/format.js';
import { texts } from '../../i18n/language.js';
import { IconButton } from '../../ui/button.js';
import { ago } from '../parts/ago.js';
import { leniencyText } from './profile-texts.js';

const words = texts({
  en: {
    name: 'Name',
    key: 'Key',
    account: 'Account',
    profile: 'Profile',
    limit: 'At once',
    created: 'Created',
    expires: 'Expires',
    used: 'Last used',
    state: 'State',
    actions: 'Actions',
    unnamed: 'unnamed',
    serverDefault: 'default',
    never: 'never',
    edit: 'Change limits',
    revoke: 'Revoke',
    states: { active: 'active', expired: 'expired', revoked: 'revoked' },
  },
  zh: {
    name: '名称',
    key: '密钥',
    account: '账户',
    profile: '契约档案',
    limit: '并发',
    created: '创建时间',
    expires: '过期时间',
    used: '最近使用',
    state: '状态',
    actions: '操作',
    unnamed: '未命名',
    serverDefault: '默认',
    never: '从未',
    edit: '修改限制',
    revoke: '吊销',
    states: { active: '有效', expired: '已过期', revoked: '已吊销' },
  },
});

export type KeyState = 'active' | 'expired' | 'revoked';

const BADGES = { active: 'good', expired: 'warn', revoked: 'bad' } as const;

export function stateOf({ revoked_at, expires_at }: KeyJson, now: number): KeyState {
  if (revoked_at !== null) return 'revoked';
  return expires_at !== null && Date.parse(expires_at) <= now ? 'expired' : 'active';
}

export interface KeyTableProps {
  keys: readonly KeyJson[];
  accounts: ReadonlyMap<string, AccountJson>;
  onEdit: (key: KeyJson) => void;
  onRevoke: (key: KeyJson) => void;
}

export function KeyTable({ keys, accounts, onEdit, onRevoke }: KeyTableProps) {
  const t = words();
  const now = Date.now();
  return (
    <div class="card table-scroll" tabIndex={0} role="region" aria-label={t.key}>
      <table class="table keys-table">
        <thead>
          <tr>
            <th scope="col">{t.name}</th>
            <th scope="col">{t.key}</th>
            <th scope="col">{t.account}</th>
            <th scope="col">{t.profile}</th>
            <th scope="col" class="number">
              {t.limit}
            </th>
            <th scope="col">{t.used}</th>
            <th scope="col">{t.created}</th>
            <th scope="col">{t.expires}</th>
            <th scope="col">{t.state}</th>
            <th scope="col">
              <span class="visually-hidden">{t.actions}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => {
            const state = stateOf(key, now);
            return (
              <tr key={key.id} class={state === 'active' ? '' : 'keys-gone'}>
                <td>
                  {key.name === '' ? <span class="faint">{t.unnamed}</span> : <b>{key.name}</b>}
                </td>
                <td class="mono" title={key.id}>
                  {key.tail}
                </td>
                <td>{accounts.get(key.account)?.name ?? key.account}</td>
                <td>
                  {key.profile ?? <span class="faint">{t.serverDefault}</span>}{' '}
                  {key.leniencies.length > 0 && (
                    <span
                      class="badge"
                      title={key.leniencies
                        .map((name) => `${name}: ${leniencyText(name)}`)
                        .join('\n')}
                    >
                      +{key.leniencies.length}
                    </span>
                  )}
                </td>
                <td class="number">
                  {key.max_concurrency === null ? '–' : formatNumber(key.max_concurrency)}
                </td>
                <td>
                  {key.last_used_at === null ? (
                    <span class="faint">{t.never}</span>
                  ) : (
                    <time dateTime={key.last_used_at} title={formatTime(key.last_used_at)}>
                      {ago(key.last_used_at, now)}
                    </time>
                  )}
                </td>
                <td>
                  <time dateTime={key.created_at} title={formatTime(key.created_at)}>
                    {ago(key.created_at, now)}
                  </time>
                </td>
                <td>{key.expires_at === null ? '–' : formatTime(key.expires_at)}</td>
                <td>
                  <span class={`badge ${BADGES[state]}`}>{t.states[state]}</span>
                </td>
                <td class="keys-actions">
                  {state !== 'revoked' && (
                    <>
                      <IconButton
                        icon={SlidersHorizontal}
                        label={`${t.edit} ${key.name} ${key.tail}`}
                        title={t.edit}
                        size="small"
                        onClick={() => onEdit(key)}
                      />
                      <IconButton
                        icon={Ban}
                        label={`${t.revoke} ${key.name} ${key.tail}`}
                        title={t.revoke}
                        size="small"
                        onClick={() => onRevoke(key)}
                      />
                    </>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
