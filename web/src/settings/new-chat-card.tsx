// What new conversations begin with on this browser. Conversations that are there keep theirs.

import { RotateCcw } from 'lucide';
import { useEffect, useState } from 'preact/hooks';
import { messageOf } from '../api/http.js';
import { catalog, loadCatalog } from '../chat/catalog.js';
import { modelName, MODELS } from '../chat/model-choice.js';
import { numberIn } from '../chat/number-in.js';
import { texts } from '../i18n/language.js';
import { Button } from '../ui/button.js';
import { Failure, Loading } from '../ui/feedback.js';
import { Segmented, SelectField, Switch, TextAreaField, TextField } from '../ui/fields.js';
import {
  forgetNewChatChoices,
  newChatChoices,
  newChatSettings,
  setNewChatChoices,
} from './preferences.js';
import { SettingRow, SettingsCard } from './settings-card.js';

const words = texts({
  en: {
    title: 'New conversations',
    model: 'Model',
    thinking: 'Thinking',
    thinkingHint: 'Speciale always thinks.',
    system: 'System prompt',
    systemHint: 'Stands before every new conversation. Empty: none.',
    temperature: 'Temperature',
    temperatureHint: '0 to 2. Empty: the default. Has no effect while thinking.',
    temperatureProblem: 'A number from 0 to 2.',
    approval: 'Ask before a tool runs',
    approvals: { writes: 'Only tools that write', all: 'Every tool', never: 'Never' },
    reset: 'Back to the server’s defaults',
  },
  zh: {
    title: '新对话',
    model: '模型',
    thinking: '思考',
    thinkingHint: 'Speciale 始终思考。',
    system: '系统提示',
    systemHint: '置于每个新对话之前，留空则没有。',
    temperature: '温度',
    temperatureHint: '0 到 2，留空为默认值；思考模式下不起作用。',
    temperatureProblem: '请输入 0 到 2 之间的数字。',
    approval: '工具运行前询问',
    approvals: { writes: '仅可写的工具', all: '所有工具', never: '从不' },
    reset: '恢复服务器默认值',
  },
});

export function NewChatCard() {
  const [failure, setFailure] = useState<string>();
  const load = () => {
    setFailure(undefined);
    loadCatalog().catch((error: unknown) => setFailure(messageOf(error)));
  };
  useEffect(load, []);
  const t = words();
  return (
    <SettingsCard title={t.title}>
      {failure !== undefined && <Failure message={failure} onRetry={load} />}
      {failure === undefined && (catalog.value ? <Choices /> : <Loading />)}
    </SettingsCard>
  );
}

function Choices() {
  const settings = newChatSettings(catalog.value!);
  const [temperature, setTemperature] = useState(
    settings.temperature === null ? '' : String(settings.temperature),
  );
  const value = numberIn(temperature, { min: 0, max: 2 });
  const isChanged = Object.keys(newChatChoices.value).length > 0;
  const t = words();
  return (
    <>
      <SettingRow label={t.model}>
        <Segmented
          label={t.model}
          value={settings.model}
          options={MODELS.map((model) => ({ value: model, label: modelName(model) }))}
          onValue={(model) => setNewChatChoices({ model })}
        />
      </SettingRow>
      <SettingRow label={t.thinking} hint={t.thinkingHint}>
        <Switch
          label={t.thinking}
          hideLabel
          checked={settings.thinking || settings.model === 'speciale'}
          disabled={settings.model === 'speciale'}
          onChange={(thinking) => setNewChatChoices({ thinking })}
        />
      </SettingRow>
      <TextAreaField
        label={t.system}
        hint={t.systemHint}
        value={settings.system}
        onInput={(event) => setNewChatChoices({ system: event.currentTarget.value })}
      />
      <div class="settings-pair">
        <TextField
          label={t.temperature}
          hint={t.temperatureHint}
          problem={value === undefined ? t.temperatureProblem : undefined}
          inputMode="decimal"
          value={temperature}
          onInput={(event) => {
            const text = event.currentTarget.value;
            setTemperature(text);
            const typed = numberIn(text, { min: 0, max: 2 });
            if (typed !== undefined) setNewChatChoices({ temperature: typed });
          }}
        />
        <SelectField
          label={t.approval}
          value={settings.approval}
          options={(['writes', 'all', 'never'] as const).map((mode) => ({
            value: mode,
            label: t.approvals[mode],
          }))}
          onValue={(approval) => setNewChatChoices({ approval })}
        />
      </div>
      {isChanged && (
        <div>
          <Button
            size="small"
            icon={RotateCcw}
            onClick={() => {
              forgetNewChatChoices();
              setTemperature('');
            }}
          >
            {t.reset}
          </Button>
        </div>
      )}
    </>
  );
}
