// Where questions are written: the field, what answers them and how, what they will weigh, send and
// stop. Drafts stay through reloads.

import { ArrowUp, Brain, SlidersHorizontal, Square, Wrench } from 'lucide';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ConversationSettings, CountResult } from '../../../src/web/wire.js';
import { formatNumber } from '../i18n/format.js';
import { texts } from '../i18n/language.js';
import { AttachButton } from '../files/attach-button.js';
import { FileChips } from '../files/file-chips.js';
import { offeredTools } from '../tools/tool-servers.js';
import { ToolsDialog } from '../tools/tools-dialog.js';
import { IconButton } from '../ui/button.js';
import { Notice } from '../ui/feedback.js';
import { Icon } from '../ui/icon.js';
import type { Chat } from './chat.js';
import { draftOf, keepDraft } from './drafts.js';
import { GrowingField } from './growing-field.js';
import { ModelPicker } from './model-choice.js';
import { useNextCount } from './next-count.js';
import { SettingsDialog } from './settings-dialog.js';
import './composer.css';

const words = texts({
  en: {
    field: 'Message',
    placeholder: 'Ask anything',
    send: 'Send',
    failedFile: 'Remove the file that could not be read first',
    stop: 'Stop',
    stopping: 'Stopping…',
    thinking: 'Thinking',
    thinkingOn: 'The model thinks before it answers',
    thinkingOff: 'The model answers at once',
    always: 'Speciale always thinks',
    tools: 'Tools',
    toolsCount: (count: number) => `Tools ${count} on`,
    noTools: 'Speciale has no tools',
    settings: 'Conversation settings',
    count: (tokens: string, of: string) => `${tokens} of ${of} tokens`,
    tooLong: (tokens: string, of: string) =>
      `This request has ${tokens} tokens and does not fit the model's window of ${of} beside an answer. Shorten it, or begin a new conversation.`,
    lab: (name: string) => `The lab plays the model: ${name}`,
  },
  zh: {
    field: '消息',
    placeholder: '随便问点什么',
    send: '发送',
    failedFile: '请先移除无法读取的文件',
    stop: '停止',
    stopping: '正在停止…',
    thinking: '思考',
    thinkingOn: '模型先思考再回答',
    thinkingOff: '模型直接回答',
    always: 'Speciale 始终思考',
    tools: '工具',
    toolsCount: (count: number) => `工具 ${count} 个已启用`,
    noTools: 'Speciale 不使用工具',
    settings: '对话设置',
    count: (tokens: string, of: string) => `${tokens} / ${of} 词元`,
    tooLong: (tokens: string, of: string) =>
      `此请求有 ${tokens} 个词元，加上回答后超出模型 ${of} 的窗口。请缩短内容，或开始新对话。`,
    lab: (name: string) => `由实验室扮演模型：${name}`,
  },
});

export interface ComposerProps {
  chat: Chat;
  settings: ConversationSettings;
}

type OpenDialog = 'tools' | 'settings' | undefined;

export function Composer({ chat, settings }: ComposerProps) {
  const id = chat.id.value;
  const [text, setText] = useState(() => draftOf(id));
  const [dialog, setDialog] = useState<OpenDialog>();
  const field = useRef<HTMLTextAreaElement>(null);
  const run = chat.run.value;
  const { attachments } = chat;
  const hasFailed = attachments.items.value.some(({ state }) => state === 'failed');
  const t = words();

  useEffect(() => {
    // Not on phones, where the keyboard would cover the page.
    if (matchMedia('(hover: hover)').matches) field.current!.focus();
    return onFillComposer((filled) => {
      setText(filled);
      field.current!.focus();
    });
  }, []);

  useEffect(() => {
    if (id === null) return;
    // The draft goes with the conversation that was made for it.
    keepDraft(null, '');
    keepDraft(id, text);
  }, [id]);

  const write = (value: string) => {
    setText(value);
    keepDraft(chat.id.value, value);
  };
  const count = useNextCount({
    conversationId: id,
    parentId: chat.headId.value,
    content: text,
    fileIds: attachments.ids.value,
    settings,
  });
  const hasContent = text.trim() !== '' || attachments.ids.value.length > 0;
  const isReady = !attachments.isBusy.value && !hasFailed;
  const canSend = hasContent && isReady && run === null && !chat.isSending.value;
  const send = async () => {
    if (!canSend) return;
    if (!(await chat.ask(text, [...attachments.ids.value]))) return;
    attachments.clear();
    keepDraft(chat.id.value, '');
    setText('');
  };
  const change = (wanted: Partial<ConversationSettings>) => chat.change(wanted);
  return (
    <div class="composer">
      {chat.problem.value !== null && <Notice kind="bad">{chat.problem.value}</Notice>}
      {count && !count.fits && (
        <Notice kind="warn">
          {t.tooLong(formatNumber(count.tokens), formatNumber(count.context_length))}
        </Notice>
      )}
      {settings.lab !== null && <p class="composer-lab">{t.lab(settings.lab)}</p>}
      <div class="composer-box">
        <FileChips attachments={attachments} />
        <GrowingField
          fieldRef={field}
          label={t.field}
          placeholder={t.placeholder}
          value={text}
          onValue={write}
          onSend={() => void send()}
          onFiles={(files) => void attachments.add(files)}
        />
        <div class="composer-bar">
          <AttachButton onFiles={(files) => void attachments.add(files)} />
          <Choices settings={settings} onChange={change} onOpen={setDialog} />
          <span class="grow" />
          {count && count.tokens > 0 && <CountLabel count={count} />}
          {run ? (
            <IconButton
              icon={Square}
              class="composer-send stop"
              label={run.isStopping.value ? t.stopping : t.stop}
              disabled={run.isStopping.value}
              onClick={() => void chat.stop()}
            />
          ) : (
            <IconButton
              icon={ArrowUp}
              class="composer-send"
              label={hasFailed ? t.failedFile : t.send}
              disabled={!canSend}
              onClick={() => void send()}
            />
          )}
        </div>
      </div>
      {dialog === 'tools' && (
        <ToolsDialog settings={settings} onChange={change} onClose={() => setDialog(undefined)} />
      )}
      {dialog === 'settings' && (
        <SettingsDialog
          settings={settings}
          onChange={change}
          onClose={() => setDialog(undefined)}
        />
      )}
    </div>
  );
}

interface ChoicesProps {
  settings: ConversationSettings;
  onChange: (change: Partial<ConversationSettings>) => void;
  onOpen: (dialog: OpenDialog) => void;
}

function Choices({ settings, onChange, onOpen }: ChoicesProps) {
  const { model, thinking } = settings;
  const isSpeciale = model === 'speciale';
  const tools = offeredTools(settings.tools).length;
  const t = words();
  return (
    <>
      <ModelPicker value={model} onValue={(value) => onChange({ model: value })} />
      <button
        type="button"
        class="composer-pill"
        aria-pressed={thinking || isSpeciale}
        aria-label={t.thinking}
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
        aria-label={t.toolsCount(tools)}
        aria-haspopup="dialog"
        disabled={isSpeciale}
        title={isSpeciale ? t.noTools : t.tools}
        onClick={() => onOpen('tools')}
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
        onClick={() => onOpen('settings')}
      />
    </>
  );
}

function CountLabel({ count }: { count: CountResult }) {
  const share = Math.min(1, count.tokens / Math.max(1, count.context_length));
  const label = words().count(formatNumber(count.tokens), formatNumber(count.context_length));
  return (
    <span class={`composer-count ${count.fits ? '' : 'over'}`} title={label}>
      <span class="composer-ring" aria-hidden="true" style={{ '--share': `${share * 360}deg` }} />
      <span class="visually-hidden">{label}</span>
      <span class="numbers" aria-hidden="true">
        {formatNumber(count.tokens)}
      </span>
    </span>
  );
}

let fill: ((text: string) => void) | undefined;

function onFillComposer(run: (text: string) => void): () => void {
  fill = run;
  return () => {
    if (fill === run) fill = undefined;
  };
}

/** Puts a text into the field that is shown, to be changed before it is sent. */
export function fillComposer(text: string): void {
  fill?.(text);
}
