// One conversation in the list: its title, under it what was found or where it is filed, and a menu of
// what can be done with it.

import { Download, Ellipsis, FolderPen, Pencil, Share2, Trash2 } from 'lucide';
import { useLocation } from 'preact-iso';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { ConversationSummary } from '../../../src/web/wire.js';
import { messageOf } from '../api/http.js';
import type { Chat } from '../chat/chat.js';
import { texts } from '../i18n/language.js';
import { highlight } from '../lib/highlight.js';
import { IconButton } from '../ui/button.js';
import { Menu } from '../ui/menu.js';
import { toast } from '../ui/toasts.js';
import { conversationList } from './conversation-list.js';
import { deleteWithUndo } from './deletion.js';
import { RenameField } from './rename-field.js';
import { shownTitle } from './shown-title.js';
import { openDialog } from './sidebar-dialogs.js';

const words = texts({
  en: {
    more: (title: string) => `More for “${title}”`,
    rename: 'Rename',
    organise: 'Folder and tags…',
    share: 'Share…',
    export: 'Export…',
    delete: 'Delete',
  },
  zh: {
    more: (title: string) => `“${title}”的更多操作`,
    rename: '重命名',
    organise: '文件夹与标签…',
    share: '分享…',
    export: '导出…',
    delete: '删除',
  },
});

export interface ConversationRowProps {
  chat: Chat;
  item: ConversationSummary;
  isCurrent: boolean;
  isTabStop: boolean;
  onOpen: (id: string) => void;
}

export function ConversationRow(props: ConversationRowProps) {
  const { chat, item, isCurrent, isTabStop, onOpen } = props;
  const [isRenaming, setRenaming] = useState(false);
  const link = useRef<HTMLAnchorElement>(null);
  const isFocusDue = useRef(false);
  const { route } = useLocation();
  useLayoutEffect(() => {
    if (!isRenaming && isFocusDue.current) link.current?.focus();
    isFocusDue.current = false;
  }, [isRenaming]);
  const title = shownTitle(item);
  const t = words();
  const remove = () => {
    if (isCurrent) route('/');
    deleteWithUndo(item);
  };
  const open = (kind: 'organise' | 'share' | 'export' | 'delete') =>
    (openDialog.value = { kind, item, remove });
  if (isRenaming) {
    return (
      <RenameField
        title={item.title}
        onDone={(renamed, byKey) => {
          isFocusDue.current = byKey;
          setRenaming(false);
          if (renamed !== undefined) void rename(renamed, { chat, item, isCurrent });
        }}
      />
    );
  }
  return (
    <div class={`conversation ${isCurrent ? 'current' : ''}`}>
      <a
        ref={link}
        href={`/c/${item.id}`}
        aria-current={isCurrent ? 'page' : undefined}
        tabIndex={isTabStop ? 0 : -1}
        title={title}
        onClick={(event) => {
          if (event.ctrlKey || event.metaKey || event.shiftKey) return; // a tab of its own
          event.preventDefault();
          onOpen(item.id);
        }}
        onKeyDown={(event) => {
          if (event.key === 'F2') setRenaming(true);
          if (event.key === 'Delete') open('delete');
        }}
      >
        <span class="conversation-title">
          <Marked text={title} />
        </span>
        <SecondLine item={item} />
      </a>
      <Menu
        items={[
          { label: t.rename, icon: Pencil, run: () => setRenaming(true) },
          { label: t.organise, icon: FolderPen, run: () => open('organise') },
          'separator',
          { label: t.share, icon: Share2, run: () => open('share') },
          { label: t.export, icon: Download, run: () => open('export') },
          'separator',
          { label: t.delete, icon: Trash2, danger: true, run: remove },
        ]}
        button={(attributes) => (
          <IconButton icon={Ellipsis} label={t.more(title)} size="small" {...attributes} />
        )}
      />
    </div>
  );
}

async function rename(
  title: string,
  { chat, item, isCurrent }: Pick<ConversationRowProps, 'chat' | 'item' | 'isCurrent'>,
): Promise<void> {
  // The chat that is open tells the list by itself.
  if (isCurrent && chat.conversation.value) return chat.rename(title);
  try {
    await conversationList.change(item.id, { title });
  } catch (error) {
    toast(messageOf(error));
  }
}

function SecondLine({ item: { snippet, folder, tags } }: { item: ConversationSummary }) {
  if (snippet !== null) {
    return (
      <span class="conversation-more">
        <Marked text={snippet} />
      </span>
    );
  }
  if (folder === null && tags.length === 0) return null;
  const parts = [...(folder === null ? [] : [folder]), ...tags.map((tag) => `#${tag}`)];
  return <span class="conversation-more">{parts.join('  ')}</span>;
}

function Marked({ text }: { text: string }) {
  const pieces = highlight(text, conversationList.shownQuery.value);
  return <>{pieces.map((piece) => (piece.isMatch ? <mark>{piece.text}</mark> : piece.text))}</>;
}
