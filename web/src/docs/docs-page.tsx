// /docs and /docs/<page>: navigation and search at the left, the page, its headings at the right.

import './docs.css';
import { BookOpen, FileQuestion, Languages, Printer } from 'lucide';
import { useLocation } from 'preact-iso';
import { useEffect } from 'preact/hooks';
import { language, setLanguage, texts } from '../i18n/language.js';
import { useCommands } from '../shell/commands.js';
import { Page } from '../shell/page.js';
import { Button, IconButton, LinkButton } from '../ui/button.js';
import { Empty, Failure, Loading } from '../ui/feedback.js';
import { DocArticle } from './doc-article.js';
import { docPage, docSections, type DocSection } from './docs-data.js';
import { DocsHome } from './docs-home.js';
import { DocsSidebar } from './docs-sidebar.js';
import { useLoaded } from './use-loaded.js';

const words = texts({
  en: {
    title: 'Documentation',
    print: 'Print',
    none: 'There is no such page in the documentation',
    home: 'All pages',
    other: '中文',
    switch: '中文: show in Chinese',
  },
  zh: {
    title: '文档',
    print: '打印',
    none: '文档里没有这一页',
    home: '全部页面',
    other: 'English',
    switch: 'English：切换为英文',
  },
});

export function DocsPage() {
  const { path, route } = useLocation();
  const t = words();
  const { value: sections, failure, retry } = useLoaded('sections', docSections);
  const slug = slugOf(path);
  useCommands(
    () =>
      (sections ?? [])
        .flatMap(({ pages }) => pages)
        .map(({ slug: to, title }) => ({
          id: `docs-${to}`,
          label: title[language.value],
          keywords: `${to} ${title.en} ${title.zh}`,
          icon: BookOpen,
          run: () => route(`/docs/${to}`),
        })),
    [sections],
  );
  return (
    <Page
      title={t.title}
      heading={
        <a class="docs-home-link" href="/docs">
          {t.title}
        </a>
      }
      sidebarLabel={t.title}
      sidebar={<DocsSidebar sections={sections ?? []} slug={slug} />}
      actions={
        <>
          <Button
            kind="ghost"
            size="small"
            icon={Languages}
            aria-label={t.switch}
            onClick={() => setLanguage(language.value === 'en' ? 'zh' : 'en')}
          >
            {t.other}
          </Button>
          <IconButton icon={Printer} label={t.print} onClick={() => window.print()} />
        </>
      }
    >
      {failure ? (
        <Failure message={failure} onRetry={retry} />
      ) : !sections ? (
        <Loading />
      ) : slug === '' ? (
        <DocsHome sections={sections} />
      ) : (
        <OnePage sections={sections} slug={slug} />
      )}
    </Page>
  );
}

function slugOf(path: string): string {
  return path.replace(/^\/docs\/?/, '').replace(/\/$/, '');
}

function OnePage({ sections, slug }: { sections: DocSection[]; slug: string }) {
  const t = words();
  const tongue = language.value;
  const { value, failure, retry } = useLoaded(`${tongue}/${slug}`, () => docPage(slug, tongue));
  useEffect(() => {
    if (value) document.title = `${value.title} · Hadal`;
  }, [value]);
  if (failure) {
    const isListed = sections.some(({ pages }) => pages.some((page) => page.slug === slug));
    if (isListed) return <Failure message={failure} onRetry={retry} />;
    return (
      <Empty icon={FileQuestion} title={t.none}>
        <LinkButton href="/docs">{t.home}</LinkButton>
      </Empty>
    );
  }
  if (!value) return <Loading />;
  return <DocArticle key={`${tongue}/${value.slug}`} page={value} sections={sections} />;
}
