// Models fetched from a hub: what to name, and how far each pull is.

import { Download, Trash2, X } from 'lucide';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ModelFolder, PullInfo } from '../../../../src/web/models-wire.js';
import { call, messageOf } from '../../api/http.js';
import { formatBytes, formatDuration, formatPercent } from '../../i18n/format.js';
import { Button, IconButton } from '../../ui/button.js';
import { TextField } from '../../ui/fields.js';
import { Notice } from '../../ui/feedback.js';
import { modelWords } from './model-words.js';

export interface PullSectionProps {
  folder: ModelFolder | undefined;
  jobs: readonly PullInfo[];
  onChange: () => void;
  /** A pull has ended: there may be another file. */
  onDone: () => void;
}

export function PullSection({ folder, jobs, onChange, onDone }: PullSectionProps) {
  const t = modelWords();
  const [source, setSource] = useState('');
  const [problem, setProblem] = useState<string>();
  const numDone = jobs.filter(({ state }) => state === 'done').length;
  const before = useRef(numDone);
  useEffect(() => {
    if (numDone > before.current) onDone();
    before.current = numDone;
  }, [numDone]);
  if (folder && folder.folder === null) {
    return (
      <section class="console-section">
        <h2>{t.pull}</h2>
        <Notice>{t.noFolder}</Notice>
      </section>
    );
  }
  const start = async (event: Event) => {
    event.preventDefault();
    try {
      await call('/web/v1/pulls', { method: 'POST', body: { source: source.trim() } });
      setSource('');
      setProblem(undefined);
      onChange();
    } catch (error) {
      setProblem(messageOf(error));
    }
  };
  return (
    <section class="console-section" aria-labelledby="pull-heading">
      <h2 id="pull-heading">{t.pull}</h2>
      <form class="card padded stack" onSubmit={(event) => void start(event)}>
        <TextField
          label={t.source}
          hint={t.sourceHint}
          placeholder="hf:owner/repo"
          spellcheck={false}
          autocomplete="off"
          value={source}
          problem={problem}
          onInput={(event) => setSource(event.currentTarget.value)}
        />
        <div class="row wrap spread">
          <span class="small soft">
            {folder?.free_bytes != null && t.free(formatBytes(folder.free_bytes))}
          </span>
          <Button kind="primary" icon={Download} type="submit" disabled={source.trim() === ''}>
            {t.pullAction}
          </Button>
        </div>
      </form>
      {jobs.length > 0 && (
        <ul class="pull-list" aria-label={t.pulls}>
          {jobs.map((job) => (
            <PullRow key={job.id} job={job} onChange={onChange} />
          ))}
        </ul>
      )}
    </section>
  );
}

function PullRow({ job, onChange }: { job: PullInfo; onChange: () => void }) {
  const t = modelWords();
  const { state, received_bytes: received, total_bytes: total, bytes_per_second: speed } = job;
  const isRunning = job.ended_at === null;
  const share = total === null || total === 0 ? 0 : received / total;
  const remove = async () => {
    try {
      await call(`/web/v1/pulls/${job.id}`, { method: 'DELETE' });
    } finally {
      onChange();
    }
  };
  const left =
    isRunning && speed && total !== null ? ((total - received) / speed) * 1000 : undefined;
  return (
    <li class="card padded pull-row">
      <div class="row">
        <div class="grow">
          <strong class="truncate pull-source">{job.source}</strong>
          <span class={`badge ${BADGES[state]}`}>{t.pullState[state]}</span>
        </div>
        <IconButton
          size="small"
          icon={isRunning ? X : Trash2}
          label={isRunning ? t.cancelPull(job.source) : t.forgetPull(job.source)}
          onClick={() => void remove()}
        />
      </div>
      {isRunning && (
        <div
          class="meter"
          role="progressbar"
          aria-label={job.source}
          aria-valuenow={Math.round(share * 100)}
        >
          <span style={{ width: `${share * 100}%` }} />
        </div>
      )}
      <p class="small soft numbers pull-figures">
        {job.file !== null && <span>{job.file}</span>}
        {total !== null && (
          <span>
            {formatBytes(received)} / {formatBytes(total)} ({formatPercent(share)})
          </span>
        )}
        {isRunning && speed !== null && <span>{formatBytes(speed)}/s</span>}
        {left !== undefined && <span>{t.left(formatDuration(left))}</span>}
      </p>
      {job.message !== null && <p class="pull-message small">{job.message}</p>}
      {job.next !== null && (
        <p class="small">
          {t.next} <code>{job.next}</code>
        </p>
      )}
    </li>
  );
}

const BADGES: Record<PullInfo['state'], string> = {
  listing: 'accent',
  downloading: 'accent',
  checking: 'accent',
  done: 'good',
  failed: 'bad',
  cancelled: '',
};
