// The command palette: Ctrl or Command with K. Type a few letters, Enter runs.

import { signal } from '@preact/signals';
import { Languages, Moon, PanelLeft, Sun } from 'lucide';
import { useLocation } from 'preact-iso';
import { useEffect, useRef, useState } from 'preact/hooks';
import { language, setLanguage, texts } from '../i18n/language.js';
import { rankMatches } from '../lib/rank-matches.js';
import { Icon } from '../ui/icon.js';
import { commandSources, modKey, type Command } from './commands.js';
import { toggleSidebar } from './page.js';
import { placeName, PLACES } from './rail.js';
import { setTheme } from './theme.js';

const words = texts({
  en: {
    label: 'Commands',
    placeholder: 'Search commands and pages',
    none: 'Nothing matches',
    goTo: (page: string) => `Go to ${page}`,
    language: 'Switch to Chinese (中文)',
    light: 'Light theme',
    dark: 'Dark theme',
    sidebar: 'Show or hide the sidebar',
  },
  zh: {
    label: '命令',
    placeholder: '搜索命令和页面',
    none: '没有匹配项',
    goTo: (page: string) => `前往${page}`,
    language: '切换到英文 (English)',
    light: '浅色主题',
    dark: '深色主题',
    sidebar: '显示或隐藏侧边栏',
  },
});

const isOpen = signal(false);

export function openPalette(): void {
  isOpen.value = true;
}

export function Palette() {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      isOpen.value = !isOpen.value;
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, []);
  return isOpen.value ? <OpenPalette /> : null;
}

function OpenPalette() {
  const dialog = useRef<HTMLDialogElement>(null);
  const [query, setQuery] = useState('');
  const [at, setAt] = useState(0);
  const { route } = useLocation();
  const t = words();
  useEffect(() => {
    dialog.current!.showModal();
    return () => dialog.current?.close();
  }, []);
  const commands = [...commandSources.value.flatMap((source) => source()), ...ownCommands(route)];
  const matching = (text: string) =>
    rankMatches(text, commands, ({ label, keywords = '' }) => `${label} ${keywords}`);
  const found = matching(query);
  const run = (command: Command | undefined) => {
    if (!command) return;
    isOpen.value = false;
    command.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by !== undefined && found.length > 0) {
      event.preventDefault();
      setAt((at + by + found.length) % found.length);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      // Somebody quick presses Enter before what they typed has been drawn.
      const { value } = event.currentTarget as HTMLInputElement;
      run(value === query ? found[at] : matching(value)[0]);
    }
  };
  return (
    <dialog
      ref={dialog}
      class="dialog palette"
      aria-label={t.label}
      onCancel={() => (isOpen.value = false)}
      onClick={(event) => {
        if (event.target === dialog.current) isOpen.value = false;
      }}
    >
      <input
        class="palette-input"
        type="text"
        role="combobox"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={found[at] ? `command-${at}` : undefined}
        aria-label={t.placeholder}
        placeholder={t.placeholder}
        value={query}
        onInput={(event) => {
          setQuery(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div class="palette-list" id="palette-list" role="listbox" aria-label={t.label}>
        {found.length === 0 && <p class="soft palette-none">{t.none}</p>}
        {found.map((command, index) => (
          <div
            key={command.id}
            id={`command-${index}`}
            role="option"
            aria-selected={index === at}
            class="palette-item"
            onPointerMove={() => setAt(index)}
            onClick={() => run(command)}
          >
            {command.icon && <Icon node={command.icon} />}
            <span class="grow truncate">{command.label}</span>
            {command.keys && <kbd class="kbd">{command.keys}</kbd>}
          </div>
        ))}
      </div>
    </dialog>
  );
}

function ownCommands(route: (path: string) => void): Command[] {
  const t = words();
  return [
    ...PLACES.map(({ href, name, icon }) => ({
      id: `go-${name}`,
      label: t.goTo(placeName(name)),
      keywords: name,
      icon,
      run: () => route(href),
    })),
    { id: 'sidebar', label: t.sidebar, keys: `${modKey} B`, icon: PanelLeft, run: toggleSidebar },
    { id: 'light', label: t.light, icon: Sun, run: () => setTheme('light') },
    { id: 'dark', label: t.dark, icon: Moon, run: () => setTheme('dark') },
    {
      id: 'language',
      label: t.language,
      keywords: 'language 语言 english 中文',
      icon: Languages,
      run: () => setLanguage(language.value === 'en' ? 'zh' : 'en'),
    },
  ];
}
