// A server's state, asked for again and again while somebody looks: faster while something is moving.

import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { call, messageOf } from '../../api/http.js';

export interface Polled<T> {
  /** The newest answer; undefined before the first. */
  value: T | undefined;
  /** Why the newest question was not answered. */
  problem: string | undefined;
  /** Asks now. */
  refresh: () => void;
  /** Takes an answer that came another way. */
  set: (value: T) => void;
}

/** @param pauseMs after an answer, by what it says */
export function usePoll<T>(path: string, pauseMs: (value: T | undefined) => number): Polled<T> {
  const [value, set] = useState<T>();
  const [problem, setProblem] = useState<string>();
  const [turn, setTurn] = useState(0);
  const pause = useRef(pauseMs);
  pause.current = pauseMs;
  useEffect(() => {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async () => {
      let newest: T | undefined;
      try {
        newest = await call<T>(path, { signal: abort.signal });
        set(newest);
        setProblem(undefined);
      } catch (error) {
        if (abort.signal.aborted) return;
        setProblem(messageOf(error));
      }
      timer = setTimeout(() => void ask(), document.hidden ? HIDDEN_MS : pause.current(newest));
    };
    void ask();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [path, turn]);
  const refresh = useCallback(() => setTurn((n) => n + 1), []);
  return { value, problem, refresh, set };
}

const HIDDEN_MS = 15_000;
