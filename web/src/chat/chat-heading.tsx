// The title of a conversation: a click, or Enter, edits it in place.

import { useRef, useState } from 'preact/hooks';
import { texts } from '../i18n/language.js';
import type { Chat } from './chat.js';

const words = texts({
  en: { rename: 'Rename this conversation', label: 'Title' },
  zh: { rename: '重命名此对话', label: '标题' },
});

export function ChatHeading({ chat, title }: { chat: Chat; title: string }) {
  const [text, setText] = useState<string>();
  const isCancelled = useRef(false);
  const t = words();
  if (chat.conversation.value === null) return <h1 class="truncate">{title}</h1>;
  if (text === undefined) {
    return (
      <h1 class="chat-heading">
        <button type="button" class="truncate" title={t.rename} onClick={() => setText(title)}>
          {title}
        </button>
      </h1>
    );
  }
  const close = () => {
    const renamed = text.trim();
    setText(undefined);
    if (!isCancelled.current && renamed !== '' && renamed !== title) void chat.rename(renamed);
    isCancelled.current = false;
  };
  return (
    <input
      class="input chat-heading-field"
      aria-label={t.label}
      value={text}
      maxLength={200}
      ref={(field) => {
        if (field && document.activeElement !== field) field.select();
      }}
      onInput={(event) => setText(event.currentTarget.value)}
      onBlur={close}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && !event.isComposing) event.currentTarget.blur();
        if (event.key !== 'Escape') return;
        isCancelled.current = true;
        event.currentTarget.blur();
      }}
    />
  );
}
