// Copies a text and says so for a moment.

import { Check, Copy } from 'lucide';
import { useEffect, useState } from 'preact/hooks';
import { texts } from '../i18n/language.js';
import { IconButton } from './button.js';
import { toast } from './toasts.js';

const words = texts({
  en: { copy: 'Copy', copied: 'Copied', failed: 'The browser did not allow copying' },
  zh: { copy: '复制', copied: '已复制', failed: '浏览器不允许复制' },
});

const SHOWN_MS = 1500;

export interface CopyButtonProps {
  /** Read when pressed. */
  text: () => string;
  label?: string;
  size?: 'small' | 'normal';
}

export function CopyButton({ text, label, size = 'small' }: CopyButtonProps) {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return undefined;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text());
      setCopied(true);
    } catch {
      toast(words().failed);
    }
  };
  return (
    <IconButton
      icon={isCopied ? Check : Copy}
      label={isCopied ? words().copied : (label ?? words().copy)}
      size={size}
      onClick={() => void copy()}
    />
  );
}
