// Language, theme, and what Enter does.

import { type Language, language, setLanguage, texts } from '../i18n/language.js';
import { modKey } from '../shell/commands.js';
import { setTheme, theme, type Theme } from '../shell/theme.js';
import { Segmented } from '../ui/fields.js';
import { type EnterKey, enterKey, setEnterKey } from './preferences.js';
import { SettingRow, SettingsCard } from './settings-card.js';

const words = texts({
  en: {
    title: 'This browser',
    language: 'Language',
    theme: 'Theme',
    themes: { auto: 'As the system', light: 'Light', dark: 'Dark' },
    enter: 'Enter',
    enterHint: (other: string) => `${other} always sends; Shift + Enter always begins a new line.`,
    enters: { send: 'Sends', newline: 'New line' },
  },
  zh: {
    title: '此浏览器',
    language: '语言',
    theme: '主题',
    themes: { auto: '跟随系统', light: '浅色', dark: '深色' },
    enter: '回车键',
    enterHint: (other: string) => `${other} 总是发送，Shift + Enter 总是换行。`,
    enters: { send: '发送', newline: '换行' },
  },
});

const LANGUAGES: readonly { value: Language; label: string }[] = [
  { value: 'en', label: 'English' },
  { value: 'zh', label: '中文' },
];
const THEMES: readonly Theme[] = ['auto', 'light', 'dark'];
const ENTERS: readonly EnterKey[] = ['send', 'newline'];

export function LooksCard() {
  const t = words();
  return (
    <SettingsCard title={t.title}>
      <SettingRow label={t.language}>
        <Segmented
          label={t.language}
          value={language.value}
          options={LANGUAGES}
          onValue={setLanguage}
        />
      </SettingRow>
      <SettingRow label={t.theme}>
        <Segmented
          label={t.theme}
          value={theme.value}
          options={THEMES.map((value) => ({ value, label: t.themes[value] }))}
          onValue={setTheme}
        />
      </SettingRow>
      <SettingRow label={t.enter} hint={t.enterHint(`${modKey} + Enter`)}>
        <Segmented
          label={t.enter}
          value={enterKey.value}
          options={ENTERS.map((value) => ({ value, label: t.enters[value] }))}
          onValue={setEnterKey}
        />
      </SettingRow>
    </SettingsCard>
  );
}
