// Light, dark, or as the system has it.

import { effect, signal } from '@preact/signals';

export type Theme = 'auto' | 'light' | 'dark';

const STORED = 'hadal.theme';

function storedTheme(): Theme {
  const stored = localStorage.getItem(STORED);
  return stored === 'light' || stored === 'dark' ? stored : 'auto';
}

export const theme = signal<Theme>(storedTheme());

effect(() => {
  document.documentElement.dataset['theme'] = theme.value;
});

export function setTheme(value: Theme): void {
  localStorage.setItem(STORED, value);
  theme.value = value;
}
