// What a conversation without a title is called.

import { texts } from '../i18n/language.js';

const words = texts({ en: { untitled: 'Untitled' }, zh: { untitled: '未命名' } });

export function shownTitle({ title }: { title: string }): string {
  return title === '' ? words().untitled : title;
}
