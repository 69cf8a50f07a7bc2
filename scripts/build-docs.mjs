// Builds the documentation of the page: every document as JSON with ready HTML, an index of sections,
// and what the search needs, for each language. Part of `npm run build`, after the page itself, whose
// build empties the folder. The same sources give the same bytes; a broken link, or a page that one
// language lacks, ends the build with a list of all of them.

import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compressFolder } from './compress-site.mjs';
import { Links } from './docs/links.mjs';
import { sectionsOf } from './docs/page-list.mjs';
import { renderPage } from './docs/render-page.mjs';
import { searchEntries } from './docs/search-entries.mjs';

const LANGUAGES = ['en', 'zh'];

/** @returns {string[]} what is wrong with the sources; with anything in it, nothing was written */
export function buildDocs({ root, sections, outFolder }) {
  const pages = sections.flatMap((section) => section.pages);
  const links = new Links(root, slugs(pages));
  const rendered = { en: new Map(), zh: new Map() };
  for (const page of pages) {
    for (const language of LANGUAGES) {
      const source = sourceOf(page, language);
      if (!existsSync(join(root, source))) {
        links.problems.push(`${source}: missing`);
        continue;
      }
      const text = readFileSync(join(root, source), 'utf8');
      const written = language === 'zh' && page.isEnglishOnly ? 'en' : language;
      const content = renderPage(text, { source, language: written, links });
      rendered[language].set(page.slug, { ...content, source, written, text });
    }
  }
  links.checkAnchors((slug, language) => {
    const headings = rendered[language].get(slug)?.headings ?? [];
    return new Set(headings.map(({ id }) => id));
  });
  const problems = [...new Set(links.problems)];
  if (problems.length > 0) return problems;

  const write = (name, value) => {
    const path = join(outFolder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, JSON.stringify(value));
  };
  rmSync(outFolder, { recursive: true, force: true });
  write('index.json', { sections: sections.map((section) => listed(section, rendered)) });
  for (const language of LANGUAGES) {
    const all = pages.map(({ slug, isUnlisted }) => ({
      slug,
      isMinor: isUnlisted,
      ...rendered[language].get(slug),
    }));
    const inOrder = all.filter((_, index) => !pages[index].isUnlisted);
    const entries = all.flatMap((page) => searchEntries(page.text, page));
    write(`${language}/search.json`, entries);
    for (const { slug, title, html, headings, source, written } of all) {
      const at = inOrder.findIndex((page) => page.slug === slug);
      const beside = (index) =>
        at >= 0 && inOrder[index]
          ? { slug: inOrder[index].slug, title: inOrder[index].title }
          : null;
      write(`${language}/${slug}.json`, {
        slug,
        title,
        language: written,
        source,
        headings,
        previous: beside(at - 1),
        next: beside(at + 1),
        html,
      });
    }
  }
  for (const image of links.images) {
    mkdirSync(join(outFolder, 'images'), { recursive: true });
    copyFileSync(join(root, image), join(outFolder, 'images', basename(image)));
  }
  compressFolder(outFolder);
  return [];
}

/** A section as the navigation shows it, titles in both languages. */
function listed({ id, title, pages }, rendered) {
  const titles = (slug) =>
    Object.fromEntries(LANGUAGES.map((language) => [language, rendered[language].get(slug).title]));
  return {
    id,
    title,
    pages: pages
      .filter((page) => !page.isUnlisted)
      .map(({ slug }) => ({ slug, title: titles(slug) })),
  };
}

function sourceOf({ source, isEnglishOnly }, language) {
  return language === 'en' || isEnglishOnly ? source : source.replace(/\.md$/, '.zh-CN.md');
}

function slugs(pages) {
  return new Map(
    pages.flatMap((page) => LANGUAGES.map((language) => [sourceOf(page, language), page.slug])),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const outFolder = process.argv[2] ?? join(root, 'dist/site/docs-data');
  const problems = buildDocs({ root, sections: sectionsOf(root), outFolder });
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exit(1);
}
