// Follows the live view while its page is shown.

import { useEffect, useState } from 'preact/hooks';
import type { LivePoint, LiveReport } from '../../../../src/web/requests-wire.js';
import { followEvents } from '../../api/event-source.js';
import { messageOf } from '../../api/http.js';
import { withPoints } from '../../lib/live-series.js';

export interface Live {
  report: LiveReport | undefined;
  points: readonly LivePoint[];
  /** The connection is lost, and is tried again. */
  isAway: boolean;
  problem: string | undefined;
}

export function useLive(): Live {
  const [report, setReport] = useState<LiveReport>();
  const [points, setPoints] = useState<readonly LivePoint[]>([]);
  const [isAway, setAway] = useState(false);
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    const leave = new AbortController();
    followEvents({
      path: '/web/v1/live',
      signal: leave.signal,
      isOver: () => false,
      onAway: setAway,
      onEvent: ({ data }) => {
        const next = JSON.parse(data) as LiveReport;
        setReport(next);
        setPoints((known) => withPoints(known, next.series));
      },
    }).catch((error: unknown) => setProblem(messageOf(error)));
    return () => leave.abort();
  }, []);
  return { report, points, isAway, problem };
}
