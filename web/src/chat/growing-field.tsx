// A field for prompts: as high as its text, sends on Enter (or Ctrl with Enter, as the reader likes it)
// and never while an input method is composing.

import type { RefObject } from 'preact';
import { useLayoutEffect } from 'preact/hooks';
import { enterKey } from '../settings/preferences.js';

export interface GrowingFieldProps {
  fieldRef: RefObject<HTMLTextAreaElement | null>;
  label: string;
  placeholder?: string;
  value: string;
  onValue: (value: string) => void;
  onSend: () => void;
  onEscape?: () => void;
  /** Files from the clipboard. */
  onFiles?: (files: File[]) => void;
}

export function GrowingField(props: GrowingFieldProps) {
  const { fieldRef, label, placeholder, value, onValue, onSend, onEscape, onFiles } = props;
  useLayoutEffect(() => {
    const field = fieldRef.current!;
    field.style.height = 'auto';
    field.style.height = `${field.scrollHeight}px`;
  }, [value]);
  return (
    <textarea
      ref={fieldRef}
      class="growing-field"
      rows={1}
      aria-label={label}
      placeholder={placeholder}
      value={value}
      onInput={(event) => onValue(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && onEscape) {
          event.preventDefault();
          onEscape();
        }
        if (sends(event)) {
          event.preventDefault();
          onSend();
        }
      }}
      onPaste={(event) => {
        const files = [...(event.clipboardData?.files ?? [])];
        if (files.length === 0 || !onFiles) return;
        event.preventDefault();
        onFiles(files);
      }}
    />
  );
}

function sends(event: KeyboardEvent): boolean {
  // 229: some browsers report the key that ends a composition after it has ended.
  if (event.key !== 'Enter' || event.isComposing || event.keyCode === 229) return false;
  if (event.ctrlKey || event.metaKey) return true;
  return enterKey.value === 'send' && !event.shiftKey && !event.altKey;
}
