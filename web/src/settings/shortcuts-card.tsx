// Which keys do what.

import { texts } from '../i18n/language.js';
import { CHAT_KEYS } from '../chat/chat-commands.js';
import { modKey } from '../shell/commands.js';
import { SettingsCard } from './settings-card.js';

const words = texts({
  en: {
    title: 'Keyboard',
    palette: 'All commands and pages',
    sidebar: 'Show or hide the sidebar',
    newChat: 'New chat',
    focus: 'Write a message',
    send: 'Send, whatever Enter does',
    newLine: 'New line, whatever Enter does',
    thinking: 'Thinking on or off',
    answerNow: 'End the thinking and answer now',
    stop: 'Stop answering',
  },
  zh: {
    title: '键盘',
    palette: '所有命令和页面',
    sidebar: '显示或隐藏侧边栏',
    newChat: '新对话',
    focus: '输入消息',
    send: '发送，无论回车键如何设置',
    newLine: '换行，无论回车键如何设置',
    thinking: '开关思考',
    answerNow: '结束思考并立即回答',
    stop: '停止回答',
  },
});

export function ShortcutsCard() {
  const t = words();
  const keys: [string, string][] = [
    [`${modKey} K`, t.palette],
    [`${modKey} B`, t.sidebar],
    [CHAT_KEYS.newChat, t.newChat],
    [CHAT_KEYS.focus, t.focus],
    [`${modKey} Enter`, t.send],
    ['Shift Enter', t.newLine],
    [CHAT_KEYS.thinking, t.thinking],
    [CHAT_KEYS.answerNow, t.answerNow],
    [CHAT_KEYS.stop, t.stop],
  ];
  return (
    <SettingsCard title={t.title}>
      <dl class="settings-keys">
        {keys.map(([key, what]) => (
          <div key={key}>
            <dt>{what}</dt>
            <dd>
              {key.split(' ').map((part) => (
                <kbd key={part} class="kbd">
                  {part}
                </kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </SettingsCard>
  );
}
