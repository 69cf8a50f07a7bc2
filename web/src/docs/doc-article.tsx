// One page: its text, the way to the pages before and after it, its headings at the side.

import { ArrowLeft, ArrowRight } from 'lucide';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { language, texts } from '../i18n/language.js';
import { Icon } from '../ui/icon.js';
import { Notice } from '../ui/feedback.js';
import { toast } from '../ui/toasts.js';
import { DocContents } from './doc-contents.js';
import type { DocLink, DocPage, DocSection } from './docs-data.js';

const words = texts({
  en: {
    englishOnly: 'This page is in English only.',
    previous: 'Previous',
    next: 'Next',
    around: 'Pages before and after',
    copied: 'Copied',
    failed: 'The browser did not allow copying',
  },
  zh: {
    englishOnly: '这一页只有英文。',
    previous: '上一页',
    next: '下一页',
    around: '上一页与下一页',
    copied: '已复制',
    failed: '浏览器不允许复制',
  },
});

export function DocArticle({ page, sections }: { page: DocPage; sections: DocSection[] }) {
  const body = useRef<HTMLDivElement>(null);
  const t = words();
  useLayoutEffect(() => {
    markScrolling(body.current!);
    goTo(location.hash, body.current!);
  }, [page]);
  useEffect(() => {
    const onHash = () => body.current && goTo(location.hash, body.current);
    addEventListener('hashchange', onHash);
    return () => removeEventListener('hashchange', onHash);
  }, []);
  const section = sections.find(({ pages }) => pages.some(({ slug }) => slug === page.slug));
  return (
    <div class="doc">
      <article class="doc-main" lang={page.language === 'zh' ? 'zh-CN' : 'en'}>
        {section && <p class="doc-section">{section.title[language.value]}</p>}
        <h1 class="doc-title">{page.title}</h1>
        {page.language !== language.value && <Notice>{t.englishOnly}</Notice>}
        <div
          ref={body}
          class="doc-body"
          onClick={(event) => void copyCode(event)}
          dangerouslySetInnerHTML={{ __html: page.html }}
        />
        <nav class="doc-around" aria-label={t.around}>
          {page.previous && <Neighbour link={page.previous} label={t.previous} isNext={false} />}
          {page.next && <Neighbour link={page.next} label={t.next} isNext />}
        </nav>
      </article>
      <DocContents headings={page.headings} />
    </div>
  );
}

interface NeighbourProps {
  link: DocLink;
  label: string;
  isNext: boolean;
}

function Neighbour({ link, label, isNext }: NeighbourProps) {
  return (
    <a class={isNext ? 'doc-next' : 'doc-previous'} href={`/docs/${link.slug}`}>
      <span class="soft small">{label}</span>
      <span class="row">
        {!isNext && <Icon node={ArrowLeft} />}
        {link.title}
        {isNext && <Icon node={ArrowRight} />}
      </span>
    </a>
  );
}

/** Code and tables that are wider than the page can be reached and scrolled by keyboard. */
function markScrolling(body: HTMLElement): void {
  for (const element of body.querySelectorAll<HTMLElement>('.doc-table, .doc-code pre')) {
    if (element.scrollWidth > element.clientWidth) element.tabIndex = 0;
  }
}

/** To the heading that the address names; to the top without one. */
function goTo(hash: string, body: HTMLElement): void {
  const id = safelyDecoded(hash.slice(1));
  const heading = id === '' ? null : document.getElementById(id);
  if (heading && body.contains(heading)) heading.scrollIntoView();
  else document.getElementById('main')?.scrollTo(0, 0);
}

function safelyDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const SHOWN_MS = 1500;

async function copyCode(event: MouseEvent): Promise<void> {
  const button = (event.target as Element).closest<HTMLElement>('[data-copy]');
  const code = button?.parentElement?.querySelector('code')?.textContent;
  if (!button || code === undefined || code === null) return;
  try {
    await navigator.clipboard.writeText(code);
  } catch {
    toast(words().failed);
    return;
  }
  button.dataset.copied = words().copied;
  setTimeout(() => delete button.dataset.copied, SHOWN_MS);
}
