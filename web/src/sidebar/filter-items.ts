// The menu beside the search: all conversations, those of one folder, those with one tag, and import.

import { Folder, Import, MessagesSquare, Tag } from 'lucide';
import { texts } from '../i18n/language.js';
import type { MenuItem } from '../ui/menu.js';
import { conversationList } from './conversation-list.js';

const words = texts({
  en: { all: 'All conversations', import: 'Import…' },
  zh: { all: '全部对话', import: '导入…' },
});

export function filterItems(onImport: () => void): MenuItem[] {
  const { folders, tags, filter } = conversationList;
  const { folder, tag } = filter.value;
  const narrow = (change: { folder: string | null; tag: string | null }) =>
    void conversationList.narrow(change);
  return [
    {
      label: words().all,
      icon: MessagesSquare,
      checked: folder === null && tag === null,
      run: () => narrow({ folder: null, tag: null }),
    },
    ...folders.value.map((name) => ({
      label: name,
      icon: Folder,
      checked: folder === name,
      run: () => narrow({ folder: name, tag: null }),
    })),
    ...tags.value.map((name) => ({
      label: name,
      icon: Tag,
      checked: tag === name,
      run: () => narrow({ folder: null, tag: name }),
    })),
    'separator',
    { label: words().import, icon: Import, run: onImport },
  ];
}
