// Choosing files, and dropping them onto a place.

import { Paperclip } from 'lucide';
import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { texts } from '../i18n/language.js';
import { IconButton } from '../ui/button.js';

const words = texts({
  en: { attach: 'Attach files (text, code, CSV, JSON, PDF)' },
  zh: { attach: '附加文件（文本、代码、CSV、JSON、PDF）' },
});

export interface AttachButtonProps {
  onFiles: (files: File[]) => void;
  disabled?: boolean;
}

export function AttachButton({ onFiles, disabled = false }: AttachButtonProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        onChange={({ currentTarget }) => {
          onFiles([...(currentTarget.files ?? [])]);
          currentTarget.value = '';
        }}
      />
      <IconButton
        icon={Paperclip}
        label={words().attach}
        disabled={disabled}
        onClick={() => input.current!.click()}
      />
    </>
  );
}

/** Takes files that are dropped onto the element. @returns whether some are held over it. */
export function useFileDrop(
  place: RefObject<HTMLElement | null>,
  onFiles: (files: File[]) => void,
): boolean {
  const [isOver, setOver] = useState(false);
  const take = useRef(onFiles);
  take.current = onFiles;
  useEffect(() => {
    const element = place.current!;
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
    const over = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      if (!element.contains(event.relatedTarget as Node | null)) setOver(false);
    };
    const drop = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(false);
      take.current([...event.dataTransfer!.files]);
    };
    element.addEventListener('dragover', over);
    element.addEventListener('dragleave', leave);
    element.addEventListener('drop', drop);
    return () => {
      element.removeEventListener('dragover', over);
      element.removeEventListener('dragleave', leave);
      element.removeEventListener('drop', drop);
    };
  }, []);
  return isOver;
}
