// What answers the next question and how: the model, its thinking, its tools, further settings.

import { Brain, SlidersHorizontal, Wrench } from 'lucide';
import { useState } from 'preact/hooks';
import type { ConversationSettings } from '../../../src/web/wire.js';
import { texts } from '../i18n/language.js';
import { offeredTools } from '../tools/tool-servers.js';
import { ToolsDialog } from '../tools/tools-dialog.js';
import { IconButton } from '../ui/button.js';
import { Icon } from '../ui/icon.js';
import { ModelPicker } from './model-choice.js';
import { SettingsDialog } from './settings-dialog.js';

const words = texts({
  en: {
    thinking: 'Thinking',
    thinkingOn: 'The model thinks before it answers',
    thinkingOff: 'The model answers at once',
    always: 'Speciale always thinks',
    tools: 'Tools',
    noTools: 'Speciale has no tools',
    settings: 'Conversation settings',
  },
  zh: {
    thinking: '思考',
    thinkingOn: '模型先思考再回答',
    thinkingOff: '模型直接回答',
    always: 'Speciale 始终思考',
    tools: '工具',
    noTools: 'Speciale 不使用工具',
    settings: '对话设置',
  },
});

export interface ComposerChoicesProps {
  settings: ConversationSettings;
  onChange: (change: Partial<ConversationSettings>) => void;
}

export function ComposerChoices({ settings, onChange }: ComposerChoicesProps) {
  const { model, thinking } = settings;
  const isSpeciale = model === 'speciale';
  const tools = offeredTools(settings.tools).length;
  const [dialog, setDialog] = useState<'tools' | 'settings'>();
  const close = () => setDialog(undefined);
  const t = words();
  return (
    <>
      <ModelPicker value={model} onValue={(value) => onChange({ model: value })} />
      <button
        type="button"
        class="composer-pill"
        aria-pressed={thinking || isSpeciale}
        disabled={isSpeciale}
        title={isSpeciale ? t.always : thinking ? t.thinkingOn : t.thinkingOff}
        onClick={() => onChange({ thinking: !thinking })}
      >
        <Icon node={Brain} />
        <span class="composer-word">{t.thinking}</span>
      </button>
      <button
        type="button"
        class="composer-pill"
        aria-haspopup="dialog"
        disabled={isSpeciale}
        title={isSpeciale ? t.noTools : t.tools}
        onClick={() => setDialog('tools')}
      >
        <Icon node={Wrench} />
        <span class="composer-word">{t.tools}</span>
        {tools > 0 && !isSpeciale && <span class="composer-number">{tools}</span>}
      </button>
      <IconButton
        icon={SlidersHorizontal}
        size="small"
        label={t.settings}
        aria-haspopup="dialog"
        onClick={() => setDialog('settings')}
      />
      {dialog === 'tools' && (
        <ToolsDialog settings={settings} onChange={onChange} onClose={close} />
      )}
      {dialog === 'settings' && (
        <SettingsDialog settings={settings} onChange={onChange} onClose={close} />
      )}
    </>
  );
}
