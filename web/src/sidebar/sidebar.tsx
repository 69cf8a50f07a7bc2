// The side of the chat: a new conversation, the search, and all conversations by day. Keyboard: arrows
// move in the list, `/` goes to the search, F2 renames, Delete deletes.

import { ListFilter, Search, SquarePen, X } from 'lucide';
import { useLocation } from 'preact-iso';
import { useEffect, useRef } from 'preact/hooks';
import type { Chat } from '../chat/chat.js';
import { texts } from '../i18n/language.js';
import { useCommands } from '../shell/commands.js';
import { isDrawerOpen } from '../shell/page.js';
import { IconButton } from '../ui/button.js';
import { Failure, Loading } from '../ui/feedback.js';
import { Icon } from '../ui/icon.js';
import { Menu } from '../ui/menu.js';
import { conversationList } from './conversation-list.js';
import { ConversationRows } from './conversation-rows.js';
import { filterItems } from './filter-items.js';
import { chooseImport } from './import-file.js';
import { SidebarDialogs } from './sidebar-dialogs.js';
import { summaryOf } from './summary-of.js';
import './sidebar.css';

const words = texts({
  en: {
    newChat: 'New chat',
    search: 'Search conversations',
    clear: 'Clear the search',
    filter: 'Folders, tags and import',
    all: 'Show all conversations',
    none: 'Nothing found',
    noneHint: 'Searched were titles, questions and answers.',
    empty: 'No conversations yet',
    emptyHint: 'What you ask is kept here.',
    import: 'Import conversations',
    keywords: '搜索 导入 对话',
  },
  zh: {
    newChat: '新对话',
    search: '搜索对话',
    clear: '清除搜索',
    filter: '文件夹、标签与导入',
    all: '显示全部对话',
    none: '没有找到',
    noneHint: '已搜索标题、提问和回答。',
    empty: '还没有对话',
    emptyHint: '你的提问会保存在这里。',
    import: '导入对话',
    keywords: 'search import conversations',
  },
});

const TYPING_MS = 180;

export function Sidebar({ chat }: { chat: Chat }) {
  const { route } = useLocation();
  const search = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const t = words();
  const { value: current } = chat.conversation;
  const open = (id: string) => {
    isDrawerOpen.value = false;
    route(`/c/${id}`);
  };
  const bringIn = () => chooseImport(open);

  useEffect(() => {
    void conversationList.ensure();
    // Another window may have gone on meanwhile; a reader who has scrolled is left where they are.
    const renew = () => {
      if (document.visibilityState === 'visible') void conversationList.renew();
    };
    document.addEventListener('visibilitychange', renew);
    return () => document.removeEventListener('visibilitychange', renew);
  }, []);
  useEffect(() => {
    if (current) conversationList.note(summaryOf(current));
  }, [current, conversationList.items.value]);
  useCommands(
    () => [
      {
        id: 'sidebar-search',
        label: t.search,
        keywords: t.keywords,
        icon: Search,
        run: () => {
          isDrawerOpen.value = true;
          search.current?.focus();
        },
      },
      { id: 'sidebar-import', label: t.import, keywords: t.keywords, run: bringIn },
    ],
    [t],
  );

  return (
    <div
      class="conversations"
      onKeyDown={(event) => {
        if (event.key !== '/' || isField(event.target)) return;
        event.preventDefault();
        event.stopPropagation();
        search.current?.focus();
      }}
    >
      <div class="conversations-head">
        <a class="button conversations-new" href="/" onClick={() => (isDrawerOpen.value = false)}>
          <Icon node={SquarePen} />
          {t.newChat}
        </a>
        <div class="conversations-search">
          <SearchField
            field={search}
            onDown={() => list.current?.querySelector<HTMLElement>('a[tabindex="0"]')?.focus()}
          />
          <Menu
            items={filterItems(bringIn)}
            button={(attributes) => (
              <IconButton icon={ListFilter} label={t.filter} {...attributes} />
            )}
          />
        </div>
        <Narrowed />
      </div>
      <div class="conversations-list" ref={list}>
        <Listed chat={chat} onOpen={open} />
      </div>
      <SidebarDialogs />
    </div>
  );
}

function SearchField({
  field,
  onDown,
}: {
  field: { current: HTMLInputElement | null };
  onDown: () => void;
}) {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const t = words();
  const { query } = conversationList.filter.value;
  const narrow = (text: string, afterMs: number) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => void conversationList.narrow({ query: text }), afterMs);
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  const clear = () => {
    if (field.current) field.current.value = '';
    narrow('', 0);
    field.current?.focus();
  };
  return (
    <div class="search-field">
      <Icon node={Search} />
      <input
        class="input"
        type="search"
        ref={field}
        defaultValue={query}
        maxLength={200}
        placeholder={t.search}
        aria-label={t.search}
        onInput={(event) => narrow(event.currentTarget.value, TYPING_MS)}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') {
            event.preventDefault();
            onDown();
          } else if (event.key === 'Escape' && event.currentTarget.value !== '') {
            event.preventDefault();
            event.stopPropagation();
            clear();
          }
        }}
      />
      {query !== '' && <IconButton icon={X} label={t.clear} size="small" onClick={clear} />}
    </div>
  );
}

/** The folder or tag that is shown alone. */
function Narrowed() {
  const { folder, tag } = conversationList.filter.value;
  if (folder === null && tag === null) return null;
  return (
    <div class="conversations-narrowed">
      <span class="badge accent truncate">{folder ?? `#${tag}`}</span>
      <IconButton
        icon={X}
        size="small"
        label={words().all}
        onClick={() => void conversationList.narrow({ folder: null, tag: null })}
      />
    </div>
  );
}

function Listed({ chat, onOpen }: { chat: Chat; onOpen: (id: string) => void }) {
  const { items, problem } = conversationList;
  const t = words();
  if (problem.value !== null) {
    return <Failure message={problem.value} onRetry={() => void conversationList.load()} />;
  }
  if (items.value === undefined) return <Loading />;
  if (items.value.length === 0) {
    const isFiltered = conversationList.isFiltered;
    return (
      <p class="conversations-none" role="status">
        <strong>{isFiltered ? t.none : t.empty}</strong>
        <span>{isFiltered ? t.noneHint : t.emptyHint}</span>
      </p>
    );
  }
  return <ConversationRows chat={chat} items={items.value} onOpen={onOpen} />;
}

function isField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('input, textarea, select');
}
