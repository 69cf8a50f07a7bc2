// Settings of one conversation: system prompt, temperature, length, approval, and for developers the
// scenario of the lab that plays the model.

import { useState } from 'preact/hooks';
import type { ConversationSettings } from '../../../src/web/wire.js';
import { formatNumber } from '../i18n/format.js';
import { texts } from '../i18n/language.js';
import { Button } from '../ui/button.js';
import { Dialog } from '../ui/dialog.js';
import { SelectField, TextAreaField, TextField } from '../ui/fields.js';
import { catalog } from './catalog.js';
import { numberIn } from './number-in.js';

const words = texts({
  en: {
    title: 'Conversation settings',
    system: 'System prompt',
    systemHint: 'Stands before the conversation. Empty: none.',
    systemPlaceholder: 'You answer in short sentences.',
    temperature: 'Temperature',
    temperatureHint: '0 to 2. Empty: the default. Has no effect while thinking.',
    temperatureProblem: 'A number from 0 to 2.',
    maxTokens: 'Longest answer, in tokens',
    maxTokensHint: (max: string, usual: string) =>
      `Thinking included; at most ${max}. Empty: the default, ${usual} with thinking.`,
    maxTokensProblem: (max: string) => `A whole number from 1 to ${max}.`,
    approval: 'Ask before a tool runs',
    approvals: { writes: 'Only tools that write', all: 'Every tool', never: 'Never' },
    developer: 'For developers',
    lab: 'Lab scenario',
    labHint:
      'A script plays the model: slow or broken streams, errors, tool calls. Free of charge.',
    noLab: 'None: the model answers',
    done: 'Done',
  },
  zh: {
    title: '对话设置',
    system: '系统提示',
    systemHint: '置于对话之前，留空则没有。',
    systemPlaceholder: '请用简短的句子回答。',
    temperature: '温度',
    temperatureHint: '0 到 2，留空为默认值；思考模式下不起作用。',
    temperatureProblem: '请输入 0 到 2 之间的数字。',
    maxTokens: '回答的最大长度（词元）',
    maxTokensHint: (max: string, usual: string) =>
      `含思考，最多 ${max}。留空为默认值，思考模式下为 ${usual}。`,
    maxTokensProblem: (max: string) => `请输入 1 到 ${max} 之间的整数。`,
    approval: '工具运行前询问',
    approvals: { writes: '仅可写的工具', all: '所有工具', never: '从不' },
    developer: '开发者',
    lab: '实验室场景',
    labHint: '由脚本扮演模型：缓慢或中断的流、错误、工具调用。不收费。',
    noLab: '无：由模型回答',
    done: '完成',
  },
});

export interface SettingsDialogProps {
  settings: ConversationSettings;
  onChange: (change: Partial<ConversationSettings>) => void;
  onClose: () => void;
}

const asText = (value: number | null) => (value === null ? '' : String(value));

export function SettingsDialog({ settings, onChange, onClose }: SettingsDialogProps) {
  const [system, setSystem] = useState(settings.system);
  const [temperature, setTemperature] = useState(asText(settings.temperature));
  const [maxTokens, setMaxTokens] = useState(asText(settings.max_tokens));
  const mode = catalog.value?.modes.find(({ id }) => id === settings.model);
  const most = mode?.max_max_tokens ?? 65_536;
  const temperatureValue = numberIn(temperature, { min: 0, max: 2 });
  const maxTokensValue = numberIn(maxTokens, { min: 1, max: most, whole: true });
  const t = words();
  const close = () => {
    const change: Partial<ConversationSettings> = {};
    if (system !== settings.system) change.system = system;
    if (temperatureValue !== undefined && temperatureValue !== settings.temperature) {
      change.temperature = temperatureValue;
    }
    if (maxTokensValue !== undefined && maxTokensValue !== settings.max_tokens) {
      change.max_tokens = maxTokensValue;
    }
    if (Object.keys(change).length > 0) onChange(change);
    onClose();
  };
  return (
    <Dialog
      title={t.title}
      onClose={close}
      footer={
        <Button kind="primary" onClick={close}>
          {t.done}
        </Button>
      }
    >
      <div class="stack">
        <TextAreaField
          label={t.system}
          hint={t.systemHint}
          placeholder={t.systemPlaceholder}
          rows={4}
          value={system}
          onInput={(event) => setSystem(event.currentTarget.value)}
        />
        <TextField
          label={t.temperature}
          hint={t.temperatureHint}
          problem={temperatureValue === undefined ? t.temperatureProblem : undefined}
          inputMode="decimal"
          value={temperature}
          onInput={(event) => setTemperature(event.currentTarget.value)}
        />
        <TextField
          label={t.maxTokens}
          hint={t.maxTokensHint(formatNumber(most), formatNumber(mode?.default_max_tokens ?? most))}
          problem={
            maxTokensValue === undefined ? t.maxTokensProblem(formatNumber(most)) : undefined
          }
          inputMode="numeric"
          value={maxTokens}
          onInput={(event) => setMaxTokens(event.currentTarget.value)}
        />
        <SelectField
          label={t.approval}
          value={settings.approval}
          options={(['writes', 'all', 'never'] as const).map((value) => ({
            value,
            label: t.approvals[value],
          }))}
          onValue={(approval) => onChange({ approval })}
        />
        <LabField settings={settings} onChange={onChange} />
      </div>
    </Dialog>
  );
}

function LabField({ settings, onChange }: Omit<SettingsDialogProps, 'onClose'>) {
  const scenarios = catalog.value?.lab ?? [];
  if (scenarios.length === 0) return null;
  const { lab } = settings;
  // One with its number, such as slow-tokens:200, may have been set through the API.
  const names = lab === null || scenarios.includes(lab) ? scenarios : [lab, ...scenarios];
  const t = words();
  return (
    <details class="settings-developer" open={lab !== null}>
      <summary>{t.developer}</summary>
      <SelectField
        label={t.lab}
        hint={t.labHint}
        value={lab ?? ''}
        options={[
          { value: '', label: t.noLab },
          ...names.map((name) => ({ value: name, label: name })),
        ]}
        onValue={(name) => onChange({ lab: name === '' ? null : name })}
      />
    </details>
  );
}
