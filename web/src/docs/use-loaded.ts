// Something that is fetched when its key changes. What was there before stays until the new is there,
// so that a page does not flash empty between two others.

import { useEffect, useState } from 'preact/hooks';
import { messageOf } from '../api/http.js';

export interface Loaded<T> {
  value: T | undefined;
  /** Why the fetch for the present key failed. */
  failure: string | undefined;
  retry: () => void;
}

export function useLoaded<T>(key: string, load: () => Promise<T>): Loaded<T> {
  const [value, setValue] = useState<T>();
  const [failure, setFailure] = useState<string>();
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let isCurrent = true;
    setFailure(undefined);
    load().then(
      (loaded) => isCurrent && setValue(() => loaded),
      (error: unknown) => isCurrent && setFailure(messageOf(error)),
    );
    return () => {
      isCurrent = false;
    };
  }, [key, attempt]);
  return { value, failure, retry: () => setAttempt(attempt + 1) };
}
