// Search and navigation of the documentation. The slash key goes to the search; while there is a
// query, its results stand in place of the navigation.

import { Search } from 'lucide';
import { useLocation } from 'preact-iso';
import { useEffect, useRef, useState } from 'preact/hooks';
import { language, texts } from '../i18n/language.js';
import { searchDocs, type SearchHit } from '../lib/doc-search.js';
import { isDrawerOpen, isSidebarFolded } from '../shell/page.js';
import { Icon } from '../ui/icon.js';
import { docSearch, type DocSection } from './docs-data.js';
import { DocsResults } from './docs-results.js';
import { useLoaded } from './use-loaded.js';

const words = texts({
  en: { search: 'Search the docs', pages: 'Pages' },
  zh: { search: '搜索文档', pages: '页面' },
});

export interface DocsSidebarProps {
  sections: DocSection[];
  slug: string;
}

export function DocsSidebar({ sections, slug }: DocsSidebarProps) {
  const input = useRef<HTMLInputElement>(null);
  const [query, setQuery] = useState('');
  const [at, setAt] = useState(0);
  const { route } = useLocation();
  const t = words();
  useSlashKey(input);
  const { hits, failure } = useHits(query);
  const open = (hit: SearchHit | undefined) => {
    if (!hit) return;
    setQuery('');
    isDrawerOpen.value = false;
    route(addressOf(hit));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === 'Escape' && query !== '') {
      event.stopPropagation();
      setQuery('');
    } else if (by !== undefined && hits && hits.length > 0) {
      event.preventDefault();
      setAt((at + by + hits.length) % hits.length);
    } else if (event.key === 'Enter') open(hits?.[at]);
  };
  return (
    <>
      <div class="docs-search">
        <Icon node={Search} />
        <input
          ref={input}
          class="input"
          type="text"
          role="combobox"
          aria-expanded={query !== ''}
          aria-controls="docs-results"
          aria-activedescendant={hits?.[at] ? `docs-result-${at}` : undefined}
          aria-label={t.search}
          placeholder={t.search}
          autocomplete="off"
          value={query}
          onInput={(event) => {
            setQuery(event.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
        />
        <kbd class="kbd" aria-hidden="true">
          /
        </kbd>
      </div>
      {query.trim() === '' ? (
        <Navigation sections={sections} slug={slug} label={t.pages} />
      ) : (
        <DocsResults hits={hits} failure={failure} at={at} onPoint={setAt} onOpen={open} />
      )}
    </>
  );
}

function Navigation({ sections, slug, label }: DocsSidebarProps & { label: string }) {
  const list = useRef<HTMLElement>(null);
  useEffect(() => {
    const current = list.current?.querySelector('[aria-current]');
    current?.scrollIntoView({ block: 'nearest' });
  }, [slug, sections]);
  return (
    <nav class="docs-nav" aria-label={label} ref={list}>
      {sections.map(({ id, title, pages }) => (
        <div key={id} class="docs-nav-section">
          <h2>{title[language.value]}</h2>
          {pages.map((page) => (
            <a
              key={page.slug}
              href={`/docs/${page.slug}`}
              aria-current={page.slug === slug ? 'page' : undefined}
            >
              {page.title[language.value]}
            </a>
          ))}
        </div>
      ))}
    </nav>
  );
}

/** `hits` undefined = the index is still on its way. */
function useHits(query: string): { hits: SearchHit[] | undefined; failure: string | undefined } {
  const tongue = language.value;
  const isAsked = query.trim() !== '';
  const { value, failure } = useLoaded(`${tongue}${isAsked}`, async () =>
    isAsked ? { tongue, entries: await docSearch(tongue) } : undefined,
  );
  const isThere = value !== undefined && value.tongue === tongue;
  return { hits: isThere ? searchDocs(query, value.entries) : undefined, failure };
}

function addressOf({ entry: { slug, id } }: SearchHit): string {
  return `/docs/${slug}${id === '' ? '' : `#${encodeURIComponent(id)}`}`;
}

function useSlashKey(input: { current: HTMLInputElement | null }): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const { target, key, ctrlKey, metaKey, altKey } = event;
      const isTyping = target instanceof Element && target.closest('input, textarea, select');
      if (key !== '/' || ctrlKey || metaKey || altKey || isTyping) return;
      if (document.querySelector('dialog[open]')) return;
      event.preventDefault();
      isSidebarFolded.value = false;
      isDrawerOpen.value = true;
      // At once where it is shown: the next key may follow before a frame is drawn.
      input.current?.focus();
      if (document.activeElement !== input.current) {
        requestAnimationFrame(() => input.current?.focus());
      }
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, []);
}
