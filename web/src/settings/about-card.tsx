// What is running here.

import { BookOpen, HeartPulse } from 'lucide';
import { session } from '../api/session.js';
import { catalog } from '../chat/catalog.js';
import { formatNumber } from '../i18n/format.js';
import { texts } from '../i18n/language.js';
import { LinkButton } from '../ui/button.js';
import { Icon } from '../ui/icon.js';
import { SettingRow, SettingsCard } from './settings-card.js';

const words = texts({
  en: {
    title: 'About',
    version: 'Hadal',
    model: 'Model',
    context: (tokens: string) => `${tokens} tokens of context`,
    status: 'Status',
    docs: 'Documentation',
  },
  zh: {
    title: '关于',
    version: 'Hadal',
    model: '模型',
    context: (tokens: string) => `上下文 ${tokens} 个词元`,
    status: '运行状态',
    docs: '文档',
  },
});

export function AboutCard() {
  const offered = catalog.value;
  const t = words();
  return (
    <SettingsCard title={t.title}>
      <SettingRow label={t.version}>
        <span class="numbers">{session.value?.version}</span>
      </SettingRow>
      {offered && (
        <SettingRow label={t.model} hint={t.context(formatNumber(offered.context_length))}>
          <span class="mono">{offered.model}</span>
        </SettingRow>
      )}
      <div class="row wrap">
        {/* A page of the server, not of this application. */}
        <a class="button small" href="/status" target="_blank" rel="noopener">
          <Icon node={HeartPulse} />
          {t.status}
        </a>
        <LinkButton href="/docs" icon={BookOpen} size="small">
          {t.docs}
        </LinkButton>
      </div>
    </SettingsCard>
  );
}
