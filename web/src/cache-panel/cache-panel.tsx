// Under an answer: how much of its prompt came from the context cache and, where it did not, what was
// different from an earlier prompt, why, and what that cost. Asked for when somebody opens it.

import { ChevronRight } from 'lucide';
import { useEffect, useId, useState } from 'preact/hooks';
import type { CacheReport } from '../../../src/web/requests-wire.js';
import { call, messageOf } from '../api/http.js';
import { texts } from '../i18n/language.js';
import { Failure, Loading } from '../ui/feedback.js';
import { Icon } from '../ui/icon.js';
import { CacheReportView } from './cache-report-view.js';
import './cache-panel.css';

const words = texts({
  en: { title: 'Why the cache did or did not help' },
  zh: { title: '缓存为何命中或未命中' },
});

export interface CachePanelProps {
  /** Of an answered chat request. */
  traceId: string;
  /** Open from the start. Default false. */
  open?: boolean;
}

export function CachePanel({ traceId, open = false }: CachePanelProps) {
  const [isOpen, setOpen] = useState(open);
  const id = useId();
  return (
    <section class="cache-panel">
      <button
        type="button"
        class="cache-panel-head"
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => setOpen(!isOpen)}
      >
        <Icon node={ChevronRight} class="cache-panel-chevron" />
        {words().title}
      </button>
      {isOpen && (
        <div id={id} class="cache-panel-body">
          <Report traceId={traceId} />
        </div>
      )}
    </section>
  );
}

function Report({ traceId }: { traceId: string }) {
  const [report, setReport] = useState<CacheReport>();
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    const leave = new AbortController();
    call<CacheReport>(`/web/v1/requests/${traceId}/cache`, { signal: leave.signal }).then(
      setReport,
      (error: unknown) => {
        if (!leave.signal.aborted) setProblem(messageOf(error));
      },
    );
    return () => leave.abort();
  }, [traceId]);
  if (problem !== undefined) return <Failure message={problem} />;
  return report ? <CacheReportView report={report} /> : <Loading />;
}
