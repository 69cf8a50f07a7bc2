// The frame of a page beside the rail: a section's own sidebar (a drawer on a phone), a header with
// title and actions, and the content, which scrolls.

import { PanelLeft, X } from 'lucide';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { signal } from '@preact/signals';
import { useLocation } from 'preact-iso';
import { texts } from '../i18n/language.js';
import { IconButton } from '../ui/button.js';

const words = texts({
  en: { open: 'Show sidebar', close: 'Close sidebar' },
  zh: { open: '显示侧边栏', close: '关闭侧边栏' },
});

/** Whether the drawer is out; only phones have one. */
export const isDrawerOpen = signal(false);
/** Whether the sidebar of wide windows is folded away. */
export const isSidebarFolded = signal(false);

const NARROW = '(max-width: 860px)';

export function toggleSidebar(): void {
  if (matchMedia(NARROW).matches) isDrawerOpen.value = !isDrawerOpen.value;
  else isSidebarFolded.value = !isSidebarFolded.value;
}

export interface PageProps {
  /** In the header and the window's title. */
  title: string;
  /** Instead of the title as text. */
  heading?: ComponentChildren;
  sidebar?: ComponentChildren;
  /** Name of the sidebar for screen readers. */
  sidebarLabel?: string;
  /** At the right of the header. */
  actions?: ComponentChildren;
  /** The content scrolls by itself and fills the place. */
  fills?: boolean;
  children: ComponentChildren;
}

export function Page(props: PageProps) {
  const { title, heading, sidebar, sidebarLabel, actions, fills = false, children } = props;
  const { path } = useLocation();
  useEffect(() => {
    document.title = `${title} · Hadal`;
  }, [title]);
  useEffect(() => {
    isDrawerOpen.value = false;
  }, [path]);
  const t = words();
  return (
    <div class={`page ${isSidebarFolded.value ? 'folded' : ''}`}>
      {sidebar && (
        <>
          {isDrawerOpen.value && (
            <div class="drawer-scrim" onClick={() => (isDrawerOpen.value = false)} />
          )}
          <aside
            class={`sidebar ${isDrawerOpen.value ? 'open' : ''}`}
            aria-label={sidebarLabel ?? title}
            onKeyDown={(event) => {
              if (event.key === 'Escape') isDrawerOpen.value = false;
            }}
          >
            <div class="drawer-close">
              <IconButton icon={X} label={t.close} onClick={() => (isDrawerOpen.value = false)} />
            </div>
            {sidebar}
          </aside>
        </>
      )}
      <div class="page-main">
        <header class="page-header">
          {sidebar && <IconButton icon={PanelLeft} label={t.open} onClick={toggleSidebar} />}
          <div class="page-title grow">{heading ?? <h1 class="truncate">{title}</h1>}</div>
          {actions && <div class="row">{actions}</div>}
        </header>
        <main id="main" tabIndex={-1} class={fills ? 'page-fill' : 'page-scroll'}>
          {children}
        </main>
      </div>
    </div>
  );
}
