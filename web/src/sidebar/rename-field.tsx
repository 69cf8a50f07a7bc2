// The title of a conversation as a field in its place. Enter and leaving keep it, Escape does not.

import { useLayoutEffect, useRef } from 'preact/hooks';
import { texts } from '../i18n/language.js';

const words = texts({ en: { title: 'Title' }, zh: { title: '标题' } });

export interface RenameFieldProps {
  title: string;
  /** `title` undefined = as it was; `byKey`: the focus belongs back where it was. */
  onDone: (title: string | undefined, byKey: boolean) => void;
}

export function RenameField({ title, onDone }: RenameFieldProps) {
  const field = useRef<HTMLInputElement>(null);
  const isDone = useRef(false);
  // Before the next key can come.
  useLayoutEffect(() => {
    field.current!.focus();
    field.current!.select();
  }, []);
  const finish = (renamed: string | undefined, byKey: boolean) => {
    if (isDone.current) return; // leaving follows Enter
    isDone.current = true;
    onDone(renamed === '' || renamed === title ? undefined : renamed, byKey);
  };
  return (
    <input
      class="input conversation-rename"
      ref={field}
      defaultValue={title}
      maxLength={200}
      aria-label={words().title}
      onBlur={(event) => finish(event.currentTarget.value.trim(), false)}
      onKeyDown={(event) => {
        event.stopPropagation();
        // Enter also ends the composing of Chinese.
        if (event.key === 'Enter' && !event.isComposing) {
          finish(event.currentTarget.value.trim(), true);
        }
        if (event.key === 'Escape') finish(undefined, true);
      }}
    />
  );
}
