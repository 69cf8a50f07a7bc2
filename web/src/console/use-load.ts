// What a page shows that has to be asked for: waiting, there, or why not; asked again when an input
// changes or on demand. What was there stays in sight while it is asked again.

import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { messageOf } from '../api/http.js';

export interface Loaded<T> {
  value: T | undefined;
  /** Why the last asking failed. */
  problem: string | undefined;
  isLoading: boolean;
  reload: () => void;
}

export function useLoad<T>(
  load: (signal: AbortSignal) => Promise<T>,
  inputs: readonly unknown[] = [],
): Loaded<T> {
  const [state, setState] = useState<Omit<Loaded<T>, 'reload'>>({
    value: undefined,
    problem: undefined,
    isLoading: true,
  });
  const latest = useRef(load);
  latest.current = load;
  const [asked, setAsked] = useState(0);
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    setState((before) => ({ ...before, isLoading: true }));
    latest.current(signal).then(
      (value) => {
        if (!signal.aborted) setState({ value, problem: undefined, isLoading: false });
      },
      (error: unknown) => {
        if (signal.aborted) return;
        setState(({ value }) => ({ value, problem: messageOf(error), isLoading: false }));
      },
    );
    return () => controller.abort();
  }, [...inputs, asked]);
  const reload = useCallback(() => setAsked((count) => count + 1), []);
  return { ...state, reload };
}
