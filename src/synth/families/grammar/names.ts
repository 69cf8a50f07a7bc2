// Proper names inside texts: always between marks, so that a name can never be taken for words of a
// sentence, whatever the themes invent. Both ways.

import type { Language } from '../../task-types.js';
import { spelled, type Form, type Surface } from './form.js';

const MARKS: Readonly<Record<Language, readonly (readonly [string, string])[]>> = {
  en: [
    ['"', '"'],
    ['“', '”'],
    ['‘', '’'],
  ],
  zh: [
    ['「', '」'],
    ['“', '”'],
    ['『', '』'],
    ['《', '》'],
  ],
};

function marked([open, close]: readonly [string, string]): Surface<string> {
  return {
    write: (name) =>
      name === '' || name.includes(close) || name.includes(open) ? null : `${open}${name}${close}`,
    pattern: new RegExp(`${open}([^${open}${close}]+)${close}`, 'y'),
    decode: (match) => match[1]!,
  };
}

const FORMS: Readonly<Record<Language, Form<string>>> = {
  en: spelled(MARKS.en.map(marked)),
  zh: spelled(MARKS.zh.map(marked)),
};

/** Any text without quotation marks of its own. */
export function nameForm(language: Language): Form<string> {
  return FORMS[language];
}
