// What can be done with the conversation that is shown: take it along, share it, begin another.

import { Download, Ellipsis, Share2, SquarePen } from 'lucide';
import { useState } from 'preact/hooks';
import { texts } from '../i18n/language.js';
import { ExportDialog } from '../sidebar/export-dialog.js';
import { ShareDialog } from '../sidebar/share-dialog.js';
import { summaryOf } from '../sidebar/summary-of.js';
import { useCommands } from '../shell/commands.js';
import { IconButton } from '../ui/button.js';
import { Menu } from '../ui/menu.js';
import type { Chat } from './chat.js';

const words = texts({
  en: {
    newChat: 'New chat',
    more: 'Share and export',
    export: 'Export…',
    share: 'Share…',
  },
  zh: { newChat: '新对话', more: '分享与导出', export: '导出…', share: '分享…' },
});

export interface ChatActionsProps {
  chat: Chat;
  onNew: () => void;
}

export function ChatActions({ chat, onNew }: ChatActionsProps) {
  const [open, setOpen] = useState<'export' | 'share'>();
  const conversation = chat.conversation.value;
  const t = words();
  const items = [
    { label: t.export, icon: Download, run: () => setOpen('export') },
    { label: t.share, icon: Share2, run: () => setOpen('share') },
  ];
  useCommands(
    () => (chat.conversation.value ? items.map((item) => ({ id: item.label, ...item })) : []),
    [chat, t],
  );
  const close = () => setOpen(undefined);
  return (
    <>
      {conversation && (
        <Menu
          items={items}
          button={(attributes) => <IconButton icon={Ellipsis} label={t.more} {...attributes} />}
        />
      )}
      <IconButton icon={SquarePen} label={t.newChat} onClick={onNew} />
      {conversation && open === 'export' && (
        <ExportDialog item={summaryOf(conversation)} onClose={close} />
      )}
      {conversation && open === 'share' && (
        <ShareDialog item={summaryOf(conversation)} onClose={close} />
      )}
    </>
  );
}
