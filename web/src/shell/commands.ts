// What the command palette offers. Every part of the page adds its own while it is shown.

import { signal } from '@preact/signals';
import type { IconNode } from 'lucide';
import { useEffect } from 'preact/hooks';

export interface Command {
  id: string;
  label: string;
  /** Further words it is found by, e.g. the name in the other language. */
  keywords?: string;
  /** As keys are shown, e.g. `Ctrl K`. */
  keys?: string;
  icon?: IconNode;
  run: () => void;
}

type Source = () => readonly Command[];

export const commandSources = signal<readonly Source[]>([]);

/** Adds commands while the component is shown. `source` is asked when the palette opens. */
export function useCommands(source: Source, inputs: readonly unknown[] = []): void {
  useEffect(() => {
    commandSources.value = [...commandSources.value, source];
    return () => {
      commandSources.value = commandSources.value.filter((each) => each !== source);
    };
  }, inputs);
}

export const isMac = /mac|iphone|ipad/i.test(navigator.platform);
export const modKey = isMac ? '⌘' : 'Ctrl';
