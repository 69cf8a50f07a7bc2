// What the search found: page and heading, and the text around the match with the match marked.

import { texts } from '../i18n/language.js';
import type { SearchHit } from '../lib/doc-search.js';

const words = texts({
  en: { results: 'Results', none: 'Nothing found', searching: 'Searching' },
  zh: { results: '搜索结果', none: '没有找到', searching: '正在搜索' },
});

export interface DocsResultsProps {
  /** undefined = not known yet. */
  hits: SearchHit[] | undefined;
  /** Why they will not be known. */
  failure: string | undefined;
  at: number;
  onPoint: (index: number) => void;
  onOpen: (hit: SearchHit) => void;
}

export function DocsResults({ hits, failure, at, onPoint, onOpen }: DocsResultsProps) {
  const t = words();
  if (!hits?.length) {
    return (
      <p class="docs-none soft" role="status">
        {hits ? t.none : (failure ?? t.searching)}
      </p>
    );
  }
  return (
    <div class="docs-results" id="docs-results" role="listbox" aria-label={t.results}>
      {hits.map((hit, index) => (
        <div
          key={`${hit.entry.slug}#${hit.entry.id}`}
          id={`docs-result-${index}`}
          role="option"
          aria-selected={index === at}
          class="docs-result"
          onPointerMove={() => onPoint(index)}
          onClick={() => onOpen(hit)}
        >
          <span class="docs-result-title">{hit.entry.title}</span>
          {hit.entry.heading && <span class="docs-result-heading">{hit.entry.heading}</span>}
          <span class="docs-result-text">
            {hit.snippet.map(({ text, isMatch }) => (isMatch ? <mark>{text}</mark> : text))}
          </span>
        </div>
      ))}
    </div>
  );
}
