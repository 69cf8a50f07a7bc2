// The first page of the documentation: what there is, by section.

import { language, texts } from '../i18n/language.js';
import type { DocSection } from './docs-data.js';

const words = texts({
  en: {
    title: 'Hadal documentation',
    lead: 'How to use this server: its API, its page, its operation. Served from here, so it is the documentation of exactly this version, and needs no network.',
    start: 'Quick start',
    api: 'API reference',
  },
  zh: {
    title: 'Hadal 文档',
    lead: '怎样使用这台服务器：API、网页和运维。文档随服务器一起提供，与当前版本完全一致，也不需要网络。',
    start: '快速开始',
    api: 'API 参考',
  },
});

export function DocsHome({ sections }: { sections: DocSection[] }) {
  const t = words();
  return (
    <div class="docs-home">
      <h1 class="doc-title">{t.title}</h1>
      <p class="doc-lead">{t.lead}</p>
      <div class="row wrap">
        <a class="button primary" href="/docs/quick-start">
          {t.start}
        </a>
        <a class="button" href="/docs/api">
          {t.api}
        </a>
      </div>
      <div class="docs-home-sections">
        {sections.map(({ id, title, pages }) => (
          <section key={id} class="docs-home-section" aria-labelledby={`section-${id}`}>
            <h2 id={`section-${id}`}>{title[language.value]}</h2>
            <ul>
              {pages.map((page) => (
                <li key={page.slug}>
                  <a href={`/docs/${page.slug}`}>{page.title[language.value]}</a>
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
    </div>
  );
}
