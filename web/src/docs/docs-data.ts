// The documentation as the build left it under /docs-data: an index of sections, pages with ready HTML
// (no tag in it comes from a document's source), and the words of the search. Fetched once each; the
// service worker keeps them for times without a network.

import { call } from '../api/http.js';
import type { Language } from '../i18n/language.js';
import type { SearchEntry } from '../lib/doc-search.js';

export interface DocLink {
  slug: string;
  title: string;
}

export interface DocHeading {
  level: number;
  id: string;
  text: string;
}

export interface DocPage {
  slug: string;
  title: string;
  /** Of the text; some pages are in English only. */
  language: Language;
  source: string;
  headings: DocHeading[];
  previous: DocLink | null;
  next: DocLink | null;
  html: string;
}

export interface DocSection {
  id: string;
  title: Record<Language, string>;
  pages: { slug: string; title: Record<Language, string> }[];
}

const kept = new Map<string, Promise<unknown>>();

/** A failure is not kept: the next call tries again. */
function once<T>(path: string): Promise<T> {
  let answer = kept.get(path);
  if (!answer) {
    answer = call<T>(path);
    kept.set(path, answer);
    answer.catch(() => kept.delete(path));
  }
  return answer as Promise<T>;
}

export async function docSections(): Promise<DocSection[]> {
  return (await once<{ sections: DocSection[] }>('/docs-data/index.json')).sections;
}

/** `slug` comes from the address; whatever it is, it stays below /docs-data. */
export function docPage(slug: string, language: Language): Promise<DocPage> {
  return once(`/docs-data/${language}/${slug.split('/').map(encodeURIComponent).join('/')}.json`);
}

export function docSearch(language: Language): Promise<SearchEntry[]> {
  return once(`/docs-data/${language}/search.json`);
}
