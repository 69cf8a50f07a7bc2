// The time, ticking while somebody looks at a clock that runs.

import { useEffect, useState } from 'preact/hooks';

/** performance.now(), renewed every `everyMs` while `runs`. */
export function useNow(runs: boolean, everyMs = 100): number {
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    if (!runs) return undefined;
    const timer = setInterval(() => setNow(performance.now()), everyMs);
    return () => clearInterval(timer);
  }, [runs, everyMs]);
  return now;
}
