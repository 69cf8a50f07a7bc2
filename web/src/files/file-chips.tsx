// The files of a question: name, size, tokens, what is wrong with one, a look inside, a way to take it out.

import { CircleAlert, FileText, X } from 'lucide';
import { useState } from 'preact/hooks';
import { formatBytes, formatNumber, formatPercent } from '../i18n/format.js';
import { texts } from '../i18n/language.js';
import { IconButton } from '../ui/button.js';
import { Icon } from '../ui/icon.js';
import type { Attachment, Attachments } from './attachments.js';
import { FilePreview } from './file-preview.js';
import './files.css';

const words = texts({
  en: {
    files: 'Attached files',
    remove: (name: string) => `Remove ${name}`,
    look: (name: string) => `Look into ${name}`,
    tokens: (count: string) => `${count} tokens`,
    reading: (share: string) => `reading ${share}`,
    sending: 'counting tokens',
  },
  zh: {
    files: '已附加的文件',
    remove: (name: string) => `移除 ${name}`,
    look: (name: string) => `查看 ${name}`,
    tokens: (count: string) => `${count} 个词元`,
    reading: (share: string) => `读取中 ${share}`,
    sending: '正在计算词元',
  },
});

export function FileChips({ attachments }: { attachments: Attachments }) {
  const [shown, setShown] = useState<number>();
  const items = attachments.items.value;
  if (items.length === 0) return null;
  const file = items.find(({ key }) => key === shown)?.file;
  return (
    <>
      <ul class="file-chips" aria-label={words().files}>
        {items.map((item) => (
          <FileChip
            key={item.key}
            item={item}
            onLook={() => setShown(item.key)}
            onRemove={() => attachments.remove(item.key)}
          />
        ))}
      </ul>
      {file && <FilePreview file={file} onClose={() => setShown(undefined)} />}
    </>
  );
}

interface FileChipProps {
  item: Attachment;
  onLook: () => void;
  onRemove: () => void;
}

function FileChip({ item, onLook, onRemove }: FileChipProps) {
  const { name, state, file } = item;
  const t = words();
  const isBusy = state === 'reading' || state === 'sending';
  return (
    <li class={`file-chip ${state}`}>
      <button
        type="button"
        class="file-chip-look"
        aria-label={t.look(name)}
        disabled={file === null}
        onClick={onLook}
      >
        {isBusy ? (
          <span class="spinner" />
        ) : (
          <Icon node={state === 'failed' ? CircleAlert : FileText} />
        )}
        <span class="file-chip-text">
          <span class="truncate">{name}</span>
          <span class="file-chip-more" role={state === 'failed' ? 'alert' : 'status'}>
            {stateText(item)}
          </span>
        </span>
      </button>
      <IconButton icon={X} label={t.remove(name)} size="small" onClick={onRemove} />
    </li>
  );
}

function stateText({ state, bytes, progress, problem, kept }: Attachment): string {
  const t = words();
  if (state === 'reading') return t.reading(formatPercent(progress));
  if (state === 'sending') return t.sending;
  if (state === 'failed') return problem ?? '';
  return `${formatBytes(bytes)} · ${t.tokens(formatNumber(kept!.ref.tokens))}`;
}
