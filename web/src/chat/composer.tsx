// Where questions are written: the field, what answers them and how, what they will weigh, send and
// stop. Drafts stay through reloads.

import { ArrowUp, Square } from 'lucide';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ConversationSettings } from '../../../src/web/wire.js';
import { formatNumber } from '../i18n/format.js';
import { texts } from '../i18n/language.js';
import { AttachButton } from '../files/attach-button.js';
import { FileChips } from '../files/file-chips.js';
import { IconButton } from '../ui/button.js';
import { Notice } from '../ui/feedback.js';
import type { Chat } from './chat.js';
import { ComposerChoices } from './composer-choices.js';
import { CountLabel } from './count-label.js';
import { draftOf, keepDraft } from './drafts.js';
import { GrowingField } from './growing-field.js';
import { useNextCount } from './next-count.js';
import './composer.css';

const words = texts({
  en: {
    field: 'Message',
    placeholder: 'Ask anything',
    send: 'Send',
    failedFile: 'Remove the file that could not be read first',
    stop: 'Stop',
    stopping: 'Stopping…',
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
    tooLong: (tokens: string, of: string) =>
      `此请求有 ${tokens} 个词元，加上回答后超出模型 ${of} 的窗口。请缩短内容，或开始新对话。`,
    lab: (name: string) => `由实验室扮演模型：${name}`,
  },
});

export interface ComposerProps {
  chat: Chat;
  settings: ConversationSettings;
}

export function Composer({ chat, settings }: ComposerProps) {
  const id = chat.id.value;
  const [text, setText] = useState(() => draftOf(id));
  const field = useRef<HTMLTextAreaElement>(null);
  const run = chat.run.value;
  const { attachments } = chat;
  const hasFailed = attachments.items.value.some(({ state }) => state === 'failed');
  const t = words();

  useEffect(() => {
    // Not on phones, where the keyboard would cover the page.
    if (matchMedia('(hover: hover)').matches) field.current!.focus();
  }, []);

  const wroteFor = useRef(id);
  useEffect(() => {
    if (wroteFor.current === id) return;
    wroteFor.current = id;
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
          <ComposerChoices settings={settings} onChange={(wanted) => chat.change(wanted)} />
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
    </div>
  );
}
