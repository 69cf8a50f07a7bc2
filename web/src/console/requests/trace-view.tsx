// One request from its first byte to its last: the steps, the facts, the ledger row, the contents, the
// cache; and a way to take it into the chat.

import { ArrowLeft, MessageSquarePlus, ScanSearch } from 'lucide';
import { useLocation } from 'preact-iso';
import { useEffect, useState } from 'preact/hooks';
import type { Replayed, RequestTrace } from '../../../../src/web/requests-wire.js';
import { call, messageOf } from '../../api/http.js';
import { session } from '../../api/session.js';
import { CachePanel } from '../../cache-panel/cache-panel.js';
import { texts } from '../../i18n/language.js';
import { Button, LinkButton } from '../../ui/button.js';
import { Failure, Loading, Notice } from '../../ui/feedback.js';
import { toast } from '../../ui/toasts.js';
import { StatusBadge } from './status-badge.js';
import { TraceContent } from './trace-content.js';
import { TraceFacts } from './trace-facts.js';
import { Waterfall } from './waterfall.js';

const words = texts({
  en: {
    back: 'All requests',
    replay: 'Open in the chat',
    replayed: (notes: string) => `Opened as a conversation. Left out: ${notes}`,
    request: 'Request',
    attention: 'What attention kept',
  },
  zh: {
    back: '所有请求',
    replay: '在对话中打开',
    replayed: (notes: string) => `已作为对话打开。未包含：${notes}`,
    request: '请求',
    attention: '注意力保留了什么',
  },
});

const RENEW_MS = 1000;

export function TraceView({ traceId }: { traceId: string }) {
  const t = words();
  const { trace, problem } = useTrace(traceId);
  if (problem !== undefined) return <Failure message={problem} />;
  if (!trace) return <Loading />;
  const isEnded = trace.state === 'ended';
  return (
    <div class="console-section trace">
      <div class="row wrap spread">
        <div class="row wrap">
          <LinkButton href="/console/requests" kind="ghost" size="small" icon={ArrowLeft}>
            {t.back}
          </LinkButton>
          <h2>{trace.model ?? t.request}</h2>
          <StatusBadge {...trace} />
        </div>
        <div class="row wrap">
          {isEnded && trace.finish_reason !== null && (
            <LinkButton href={`/selection/${traceId}`} icon={ScanSearch}>
              {t.attention}
            </LinkButton>
          )}
          {trace.can_replay && session.value?.key && <ReplayButton traceId={traceId} />}
        </div>
      </div>
      {trace.error && (
        <Notice kind="bad">
          <strong>{trace.error.type}</strong>
          {trace.error.message !== null && <p>{trace.error.message}</p>}
        </Notice>
      )}
      <Waterfall spans={trace.spans} total={trace.duration_ms} />
      <TraceFacts trace={trace} />
      {isEnded && trace.finish_reason !== null && <CachePanel traceId={traceId} />}
      <TraceContent traceId={traceId} isEnded={isEnded} />
    </div>
  );
}

function ReplayButton({ traceId }: { traceId: string }) {
  const t = words();
  const { route } = useLocation();
  const [isBusy, setBusy] = useState(false);
  const replay = async () => {
    setBusy(true);
    try {
      const path = `/web/v1/requests/${traceId}/replay`;
      const { conversation_id: id, notes } = await call<Replayed>(path, { method: 'POST' });
      if (notes.length > 0) toast(t.replayed(notes.join('; ')));
      route(`/c/${id}`);
    } catch (error) {
      toast(messageOf(error));
      setBusy(false);
    }
  };
  return (
    <Button kind="primary" icon={MessageSquarePlus} busy={isBusy} onClick={() => void replay()}>
      {t.replay}
    </Button>
  );
}

/** Renewed every second until the request has ended. */
function useTrace(traceId: string) {
  const [trace, setTrace] = useState<RequestTrace>();
  const [problem, setProblem] = useState<string>();
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const leave = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    call<RequestTrace>(`/web/v1/requests/${traceId}`, { signal: leave.signal }).then(
      (found) => {
        setTrace(found);
        if (found.state !== 'ended') timer = setTimeout(() => setTurn(turn + 1), RENEW_MS);
      },
      (error: unknown) => {
        if (!leave.signal.aborted) setProblem(messageOf(error));
      },
    );
    return () => {
      leave.abort();
      clearTimeout(timer);
    };
  }, [traceId, turn]);
  return { trace, problem };
}
