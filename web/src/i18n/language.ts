// The language of the page, and texts that come in both. Every module keeps its own texts beside the
// code that shows them; the type of the English ones holds the Chinese ones to the same shape.

import { effect, signal } from '@preact/signals';

export type Language = 'en' | 'zh';

const STORED = 'hadal.language';

function initialLanguage(): Language {
  const stored = localStorage.getItem(STORED);
  if (stored === 'en' || stored === 'zh') return stored;
  return navigator.languages.some((tag) => tag.toLowerCase().startsWith('zh')) ? 'zh' : 'en';
}

export const language = signal<Language>(initialLanguage());

effect(() => {
  document.documentElement.lang = language.value === 'zh' ? 'zh-CN' : 'en';
});

export function setLanguage(value: Language): void {
  localStorage.setItem(STORED, value);
  language.value = value;
}

/** Same keys and same arguments; the words differ. */
type Like<T> = {
  [K in keyof T]: T[K] extends (...args: infer A) => string
    ? (...args: A) => string
    : T[K] extends string
      ? string
      : Like<T[K]>;
};

/** @returns a function that gives the texts in the language of now; read it while rendering. */
export function texts<const T extends object>(both: {
  en: T;
  zh: NoInfer<Like<T>>;
}): () => Like<T> {
  return () => (language.value === 'zh' ? both.zh : (both.en as unknown as Like<T>));
}

/** BCP 47 tag for Intl. */
export function locale(): string {
  return language.value === 'zh' ? 'zh-CN' : 'en';
}
