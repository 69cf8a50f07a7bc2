// The headings of a page, with the one that is being read marked.

import { useEffect, useState } from 'preact/hooks';
import { texts } from '../i18n/language.js';
import type { DocHeading } from './docs-data.js';

const words = texts({ en: { label: 'On this page' }, zh: { label: '本页内容' } });

/** How far below the top a heading may be and still be the current one, in pixels. */
const LINE = 96;

export function DocContents({ headings }: { headings: DocHeading[] }) {
  const shown = headings.filter(({ level }) => level <= 3);
  const current = useCurrent(shown);
  const t = words();
  if (shown.length < 2) return null;
  return (
    <nav class="doc-contents" aria-label={t.label}>
      <h2>{t.label}</h2>
      <ul>
        {shown.map(({ id, text, level }) => (
          <li key={id} class={`level-${level}`}>
            <a
              href={`#${encodeURIComponent(id)}`}
              aria-current={id === current ? 'location' : undefined}
            >
              {text}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** Id of the last heading above the line; the first one at the top of the page. */
function useCurrent(headings: DocHeading[]): string | undefined {
  const [current, setCurrent] = useState<string>();
  useEffect(() => {
    const main = document.getElementById('main');
    if (!main) return undefined;
    let frame = 0;
    const look = () => {
      frame = 0;
      const top = main.getBoundingClientRect().top + LINE;
      const isAtEnd = main.scrollTop + main.clientHeight >= main.scrollHeight - 2;
      const passed = headings.filter(({ id }) => {
        const element = document.getElementById(id);
        return element && element.getBoundingClientRect().top <= top;
      });
      const last = isAtEnd && main.scrollTop > 0 ? headings.at(-1) : passed.at(-1);
      setCurrent((last ?? headings[0])?.id);
    };
    const onScroll = () => (frame ||= requestAnimationFrame(look));
    look();
    main.addEventListener('scroll', onScroll, { passive: true });
    return () => {
      cancelAnimationFrame(frame);
      main.removeEventListener('scroll', onScroll);
    };
  }, [headings.map(({ id }) => id).join()]);
  return current;
}
