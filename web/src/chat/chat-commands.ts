// What the command palette and the keyboard can do in a chat.

import {
  Ban,
  Brain,
  Check,
  FastForward,
  Pencil,
  SlidersHorizontal,
  Square,
  SquarePen,
  type IconNode,
} from 'lucide';
import { useLocation } from 'preact-iso';
import { useEffect } from 'preact/hooks';
import type { ToolBlock } from '../../../src/web/turn.js';
import { texts } from '../i18n/language.js';
import { isMac, type Command, useCommands } from '../shell/commands.js';
import type { Chat } from './chat.js';

const words = texts({
  en: {
    newChat: 'New chat',
    thinkingOn: 'Thinking on',
    thinkingOff: 'Thinking off',
    stop: 'Stop answering',
    answerNow: 'Answer now',
    allow: (tool: string) => `Allow ${tool} once`,
    deny: (tool: string) => `Deny ${tool}`,
    focus: 'Write a message',
    speciale: 'Use Speciale',
    standard: 'Use the standard model',
  },
  zh: {
    newChat: '新对话',
    thinkingOn: '开启思考',
    thinkingOff: '关闭思考',
    stop: '停止回答',
    answerNow: '立即回答',
    allow: (tool: string) => `允许 ${tool} 一次`,
    deny: (tool: string) => `拒绝 ${tool}`,
    focus: '输入消息',
    speciale: '使用 Speciale',
    standard: '使用标准版',
  },
});

const alt = isMac ? '⌥' : 'Alt';

/** Shown in the palette and in the settings' list of shortcuts. Browsers leave these free. */
export const CHAT_KEYS = {
  newChat: `${alt} N`,
  thinking: `${alt} T`,
  answerNow: `${alt} A`,
  stop: 'Esc',
  focus: '/',
} as const;

export function useChatCommands(chat: Chat): void {
  const { route } = useLocation();
  useCommands(() => commandsOf(chat, route), [chat]);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const wish = wishOf(event, chat, route);
      if (!wish) return;
      event.preventDefault();
      wish();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [chat]);
}

function wishOf(
  event: KeyboardEvent,
  chat: Chat,
  route: (path: string) => void,
): (() => void) | undefined {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey) return undefined;
  if (document.querySelector('dialog[open]')) return undefined;
  if (event.altKey) {
    // By place on the keyboard: with Alt, a Mac types other letters.
    if (event.code === 'KeyN') return () => route('/');
    if (event.code === 'KeyT') return () => toggleThinking(chat);
    if (event.code === 'KeyA' && chat.run.value) return chat.answerNow;
    return undefined;
  }
  if (event.key === 'Escape' && chat.run.value) return () => void chat.stop();
  if (event.key === '/' && !isTyping(event.target)) return focusComposer;
  return undefined;
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('input, textarea, select');
}

function focusComposer(): void {
  document.querySelector<HTMLTextAreaElement>('.composer textarea')?.focus();
}

function toggleThinking(chat: Chat): void {
  const { value: settings } = chat.settings;
  if (settings?.model === 'standard') chat.change({ thinking: !settings.thinking });
}

function commandsOf(chat: Chat, route: (path: string) => void): Command[] {
  const settings = chat.settings.value;
  const run = chat.run.value;
  const t = words();
  const command = (
    id: string,
    label: string,
    icon: IconNode,
    wish: () => void,
    keys?: string,
  ): Command => ({ id: `chat-${id}`, label, icon, run: wish, ...(keys && { keys }) });
  const commands = [
    command('new', t.newChat, SquarePen, () => route('/'), CHAT_KEYS.newChat),
    command('focus', t.focus, Pencil, focusComposer, CHAT_KEYS.focus),
  ];
  if (run) {
    commands.unshift(
      command('stop', t.stop, Square, () => void chat.stop(), CHAT_KEYS.stop),
      command('answer-now', t.answerNow, FastForward, chat.answerNow, CHAT_KEYS.answerNow),
    );
    for (const { callId, tool, name } of waitingTools(chat)) {
      const title = tool?.title ?? name;
      commands.unshift(
        command(`allow-${callId}`, t.allow(title), Check, () => chat.decide(callId, 'allow')),
        command(`deny-${callId}`, t.deny(title), Ban, () => chat.decide(callId, 'deny')),
      );
    }
  }
  if (settings?.model === 'standard') {
    const label = settings.thinking ? t.thinkingOff : t.thinkingOn;
    commands.push(
      command('thinking', label, Brain, () => toggleThinking(chat), CHAT_KEYS.thinking),
    );
  }
  if (settings) {
    const other = settings.model === 'standard' ? 'speciale' : 'standard';
    commands.push(
      command('model', t[other], SlidersHorizontal, () => chat.change({ model: other })),
    );
  }
  return commands;
}

function waitingTools(chat: Chat): ToolBlock[] {
  const blocks = chat.run.value?.turn.rounds.flatMap((round) => round.blocks) ?? [];
  return blocks.filter((block) => block.type === 'tool' && block.state === 'asking') as ToolBlock[];
}
