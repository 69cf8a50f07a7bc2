// What of the request log is shown: how it ended, which model, whose key.

import { useEffect, useState } from 'preact/hooks';
import { call } from '../../api/http.js';
import { session } from '../../api/session.js';
import { texts } from '../../i18n/language.js';
import { Segmented, SelectField } from '../../ui/fields.js';

export interface Filter {
  status: '' | 'running' | 'ok' | 'error';
  model: string;
  key: string;
}

export const NO_FILTER: Filter = { status: '', model: '', key: '' };

const words = texts({
  en: {
    status: 'Status',
    all: 'All',
    running: 'Running',
    ok: 'Good',
    error: 'Failed',
    model: 'Model',
    key: 'Key',
    any: 'any',
  },
  zh: {
    status: '状态',
    all: '全部',
    running: '进行中',
    ok: '成功',
    error: '失败',
    model: '模型',
    key: '密钥',
    any: '任意',
  },
});

interface Props {
  filter: Filter;
  onFilter: (filter: Filter) => void;
}

export function RequestFilters({ filter, onFilter }: Props) {
  const t = words();
  const keys = useKeys();
  const any = { value: '', label: t.any };
  return (
    <div class="request-filters">
      <Segmented
        label={t.status}
        value={filter.status}
        options={[
          { value: '', label: t.all },
          { value: 'running', label: t.running },
          { value: 'ok', label: t.ok },
          { value: 'error', label: t.error },
        ]}
        onValue={(status) => onFilter({ ...filter, status })}
      />
      <SelectField
        label={t.model}
        value={filter.model}
        options={[any, ...MODELS.map((value) => ({ value, label: value }))]}
        onValue={(model) => onFilter({ ...filter, model })}
      />
      {keys.length > 0 && (
        <SelectField
          label={t.key}
          value={filter.key}
          options={[any, ...keys.map(({ id, name }) => ({ value: id, label: name || id }))]}
          onValue={(key) => onFilter({ ...filter, key })}
        />
      )}
    </div>
  );
}

/** The API's names. */
const MODELS = ['deepseek-chat', 'deepseek-reasoner'];

interface Key {
  id: string;
  name: string;
}

/** An operator's; others see their own requests only. */
function useKeys(): readonly Key[] {
  const [keys, setKeys] = useState<readonly Key[]>([]);
  const isOperator = session.value?.is_operator === true;
  useEffect(() => {
    if (!isOperator) return setKeys([]);
    call<{ data: Key[] }>('/admin/keys').then(
      ({ data }) => setKeys(data),
      () => setKeys([]), // then there is nothing to choose from; the log itself says what is wrong
    );
  }, [isOperator]);
  return keys;
}
