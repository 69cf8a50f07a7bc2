// What a person asked: the text as it was typed, its files, and a field in its place to ask it anew.

import { FileText, Pencil } from 'lucide';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { StoredUserMessage } from '../../../src/web/wire.js';
import { formatCompact } from '../i18n/format.js';
import { texts } from '../i18n/language.js';
import { Button, IconButton } from '../ui/button.js';
import { CopyButton } from '../ui/copy-button.js';
import { Icon } from '../ui/icon.js';
import { BranchSwitch } from './branch-switch.js';
import { GrowingField } from './growing-field.js';
import type { Chat } from './chat.js';

const words = texts({
  en: {
    you: 'You asked',
    edit: 'Edit',
    field: 'Edit the question',
    send: 'Send',
    cancel: 'Cancel',
    tokens: (count: string) => `${count} tokens`,
    hint: 'The answer goes on a new branch; the old one stays.',
  },
  zh: {
    you: '你的提问',
    edit: '编辑',
    field: '编辑提问',
    send: '发送',
    cancel: '取消',
    tokens: (count: string) => `${count} 个词元`,
    hint: '新回答会成为一个新分支，原来的会保留。',
  },
});

export interface QuestionViewProps {
  chat: Chat;
  question: StoredUserMessage;
  questionIds: readonly string[];
}

export function QuestionView({ chat, question, questionIds }: QuestionViewProps) {
  const [isEditing, setEditing] = useState(false);
  const isBusy = chat.run.value !== null || chat.isSending.value;
  const t = words();
  return (
    <section class="question" aria-label={t.you}>
      {isEditing ? (
        <QuestionEditor chat={chat} question={question} onClose={() => setEditing(false)} />
      ) : (
        <div class="question-bubble">
          {question.files.map(({ id, name, tokens }) => (
            <span key={id} class="question-file" title={t.tokens(formatCompact(tokens))}>
              <Icon node={FileText} />
              <span class="truncate">{name}</span>
            </span>
          ))}
          <div class="question-text">{question.content}</div>
        </div>
      )}
      {!isEditing && (
        <div class="turn-actions">
          <BranchSwitch
            ids={questionIds}
            shown={question.id}
            disabled={isBusy}
            onShow={(id) => void chat.show(id)}
          />
          <IconButton
            icon={Pencil}
            label={t.edit}
            size="small"
            disabled={isBusy}
            onClick={() => setEditing(true)}
          />
          <CopyButton text={() => question.content} />
        </div>
      )}
    </section>
  );
}

interface QuestionEditorProps {
  chat: Chat;
  question: StoredUserMessage;
  onClose: () => void;
}

function QuestionEditor({ chat, question, onClose }: QuestionEditorProps) {
  const [text, setText] = useState(question.content);
  const field = useRef<HTMLTextAreaElement>(null);
  const t = words();
  useEffect(() => {
    field.current!.focus();
    field.current!.setSelectionRange(text.length, text.length);
  }, []);
  const canSend = text.trim() !== '' || question.files.length > 0;
  const send = async () => {
    if (canSend && (await chat.edit(question, text))) onClose();
  };
  return (
    <div class="question-editor">
      <GrowingField
        fieldRef={field}
        label={t.field}
        value={text}
        onValue={setText}
        onSend={() => void send()}
        onEscape={onClose}
      />
      <div class="row wrap spread">
        <span class="small faint">{t.hint}</span>
        <span class="row">
          <Button size="small" onClick={onClose}>
            {t.cancel}
          </Button>
          <Button size="small" kind="primary" disabled={!canSend} onClick={() => void send()}>
            {t.send}
          </Button>
        </span>
      </div>
    </div>
  );
}
