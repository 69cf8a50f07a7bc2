// The selection view of one request: asks the server to look at it again, and shows what came of it.
// `/selection/<trace id>`; `?k=` asks what another number of kept positions would have held.

import { ScanSearch, ScrollText } from 'lucide';
import { useLocation } from 'preact-iso';
import { useEffect, useState } from 'preact/hooks';
import type { SelectionReport, SelectionRequest } from '../../../src/web/models-wire.js';
import { call, messageOf } from '../api/http.js';
import { Page } from '../shell/page.js';
import { Button, LinkButton } from '../ui/button.js';
import { Empty, Failure } from '../ui/feedback.js';
import { TextAreaField } from '../ui/fields.js';
import { SelectionView } from './selection-view.js';
import { selectionWords } from './selection-words.js';
import '../console/console.css';
import './selection.css';

type State =
  { is: 'asking' } | { is: 'failed'; why: string } | { is: 'shown'; report: SelectionReport };

/** `trace` or `body`: what is looked at. */
type Wanted = Pick<SelectionRequest, 'trace' | 'body'>;

export function SelectionPage() {
  const { path, query, route } = useLocation();
  const t = selectionWords();
  const trace = path.split('/')[2] ?? '';
  const topk = /^\d{1,7}$/.test(query['k'] ?? '') ? Number(query['k']) : undefined;
  const [own, setOwn] = useState<Wanted>();
  const wanted: Wanted | undefined = trace === '' ? own : { trace };
  const onTopk = (k: number | undefined) => {
    route(k === undefined ? path : `${path}?k=${k}`);
  };
  return (
    <Page
      title={t.title}
      actions={
        trace !== '' && (
          <LinkButton href={`/console/requests/${trace}`} size="small" icon={ScrollText}>
            {t.request}
          </LinkButton>
        )
      }
    >
      {wanted ? (
        <Asked key={trace} wanted={wanted} topk={topk} onTopk={onTopk} />
      ) : (
        <OwnPrompt onPrompt={(content) => setOwn(bodyOf(content))} />
      )}
    </Page>
  );
}

function bodyOf(content: string): Wanted {
  return { body: { model: 'deepseek-chat', messages: [{ role: 'user', content }] } };
}

interface AskedProps {
  wanted: Wanted;
  topk: number | undefined;
  onTopk: (k: number | undefined) => void;
}

function Asked({ wanted, topk, onTopk }: AskedProps) {
  const t = selectionWords();
  const [state, setState] = useState<State>({ is: 'asking' });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const abort = new AbortController();
    setState({ is: 'asking' });
    const body: SelectionRequest = { ...wanted, ...(topk !== undefined && { top_k: topk }) };
    call<SelectionReport>('/web/v1/selection', { method: 'POST', body, signal: abort.signal }).then(
      (report) => setState({ is: 'shown', report }),
      (error: unknown) => {
        if (!abort.signal.aborted) setState({ is: 'failed', why: messageOf(error) });
      },
    );
    return () => abort.abort();
  }, [wanted.trace, wanted.body, topk, turn]);
  switch (state.is) {
    case 'asking':
      return (
        <div class="empty" role="status">
          <span class="spinner" />
          <span>{t.computing}</span>
        </div>
      );
    case 'failed':
      return <Failure message={state.why} onRetry={() => setTurn(turn + 1)} />;
    case 'shown':
      return <SelectionView report={state.report} onTopk={onTopk} />;
  }
}

function OwnPrompt({ onPrompt }: { onPrompt: (content: string) => void }) {
  const t = selectionWords();
  const [content, setContent] = useState('');
  return (
    <div class="own-prompt">
      <Empty icon={ScanSearch} title={t.noTrace}>
        <p>{t.noTraceText}</p>
      </Empty>
      <form
        class="card padded stack"
        onSubmit={(event) => {
          event.preventDefault();
          onPrompt(content);
        }}
      >
        <TextAreaField
          label={t.ownPrompt}
          rows={8}
          value={content}
          onInput={(event) => setContent(event.currentTarget.value)}
        />
        <div>
          <Button kind="primary" type="submit" icon={ScanSearch} disabled={content.trim() === ''}>
            {t.look}
          </Button>
        </div>
      </form>
    </div>
  );
}
