// What a tool is called on the page. The built-in ones have a name in both languages; others bring
// their own.

import type { RunTool } from '../../../src/web/run-events.js';
import { texts } from '../i18n/language.js';

const words = texts({
  en: {
    'builtin:calculator': 'Calculator',
    'builtin:get_time': 'Clock',
    'builtin:convert_units': 'Unit converter',
    'builtin:run_javascript': 'JavaScript',
  },
  zh: {
    'builtin:calculator': '计算器',
    'builtin:get_time': '时钟',
    'builtin:convert_units': '单位换算',
    'builtin:run_javascript': 'JavaScript',
  },
});

export function toolTitle({ id, title }: Pick<RunTool, 'id' | 'title'>): string {
  const known: Record<string, string> = words();
  return Object.hasOwn(known, id) ? known[id]! : title;
}
