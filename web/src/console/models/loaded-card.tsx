// What is loaded: its name, what it is made of, and the memory it takes; or how far its exchange is.

import { Cpu, Power } from 'lucide';
import type { EngineInfo, LoadedModel } from '../../../../src/web/models-wire.js';
import { call, messageOf } from '../../api/http.js';
import { formatBytes, formatNumber, formatTime } from '../../i18n/format.js';
import { Button } from '../../ui/button.js';
import { Confirm } from '../../ui/dialog.js';
import { Notice } from '../../ui/feedback.js';
import { Icon } from '../../ui/icon.js';
import { toast } from '../../ui/toasts.js';
import { useState } from 'preact/hooks';
import { ExchangeProgress } from './exchange-progress.js';
import { MemoryBars } from './memory-bars.js';
import { compactCount, storageText } from './model-figures.js';
import { modelWords } from './model-words.js';

export interface LoadedCardProps {
  info: EngineInfo;
  problem: string | undefined;
  onChange: (info: EngineInfo) => void;
}

export function LoadedCard({ info, problem, onChange }: LoadedCardProps) {
  const t = modelWords();
  const { model, kind, state, failure } = info;
  return (
    <section class="console-section" aria-labelledby="loaded-heading">
      <h2 id="loaded-heading">{t.loaded}</h2>
      {problem !== undefined && <Notice kind="warn">{problem}</Notice>}
      {failure && (
        <Notice kind="bad">
          <strong>{t.failed(failure.file)}</strong> {failure.message}
        </Notice>
      )}
      {kind !== 'engine' && <Notice>{kind === 'upstream' ? t.upstream : t.given}</Notice>}
      <div class="card padded loaded-model">
        {info.exchange ? (
          <ExchangeProgress exchange={info.exchange} />
        ) : model ? (
          <Loaded model={model} canUnload={kind === 'engine'} onChange={onChange} />
        ) : (
          <p class="loaded-empty">
            <Icon node={Power} /> {t.empty}
          </p>
        )}
        {kind === 'engine' && <MemoryBars memory={info.memory} isLoaded={state === 'loaded'} />}
      </div>
    </section>
  );
}

interface LoadedProps {
  model: LoadedModel;
  canUnload: boolean;
  onChange: (info: EngineInfo) => void;
}

function Loaded({ model, canUnload, onChange }: LoadedProps) {
  const t = modelWords();
  const [isAsking, setAsking] = useState(false);
  const unload = async () => {
    try {
      onChange(await call<EngineInfo>('/web/v1/engine/unload', { method: 'POST', body: {} }));
    } catch (error) {
      toast(messageOf(error));
    }
  };
  return (
    <>
      <header class="loaded-head">
        <span class="loaded-icon">
          <Icon node={Cpu} />
        </span>
        <div class="grow">
          <h3>
            {model.id}{' '}
            <span class={`badge ${statusKind(model.status)}`}>{t.status[model.status]}</span>
          </h3>
          <p class="soft small">{t.since(formatTime(model.loaded_at))}</p>
        </div>
        {canUnload && (
          <Button icon={Power} size="small" onClick={() => setAsking(true)}>
            {t.unload}
          </Button>
        )}
      </header>
      <Facts model={model} />
      {isAsking && (
        <Confirm
          title={t.unloadTitle(model.id)}
          action={t.unload}
          danger
          onConfirm={() => void unload()}
          onClose={() => setAsking(false)}
        >
          <p>{t.unloadText}</p>
        </Confirm>
      )}
    </>
  );
}

function statusKind(status: LoadedModel['status']): string {
  if (status === 'ready') return 'good';
  return status === 'closed' ? 'bad' : 'warn';
}

function Facts({ model }: { model: LoadedModel }) {
  const t = modelWords();
  const { summary, tokenizer } = model;
  const facts: [name: string, value: string, more?: string][] = [
    [t.context, t.tokens(formatNumber(model.context_length)), contextNote(model)],
  ];
  if (summary) {
    const { experts, dsa } = summary;
    facts.push(
      [t.architecture, summary.architecture, summary.name],
      [t.storage, storageText(summary), formatBytes(totalBytes(summary))],
      [
        t.parameters,
        compactCount(summary.parameters),
        t.active(compactCount(summary.active_parameters)),
      ],
      [t.layers, String(summary.layers), t.layerNote(summary.dense_layers, summary.mtp_layers)],
      [
        t.dsa,
        dsa ? `top-k ${formatNumber(dsa.top_k)}` : t.dense,
        dsa ? t.heads(dsa.heads) : t.denseNote,
      ],
      [
        t.experts,
        experts ? t.expertCount(experts.count, experts.per_token) : t.none,
        experts ? t.shared(experts.shared) : undefined,
      ],
    );
  }
  facts.push([
    t.tokenizer,
    t.tokens(formatNumber(tokenizer.tokens)),
    tokenizer.name ?? t.tokenizerFrom[tokenizer.from],
  ]);
  return (
    <dl class="model-facts">
      {facts.map(([name, value, more]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
          {more !== undefined && more !== '' && <dd class="more">{more}</dd>}
        </div>
      ))}
    </dl>
  );
}

function contextNote({ context_length: here, summary }: LoadedModel): string | undefined {
  if (!summary || summary.context_length <= here) return undefined;
  return modelWords().shorter(formatNumber(summary.context_length));
}

function totalBytes({ storage }: NonNullable<LoadedModel['summary']>): number {
  return storage.reduce((sum, { bytes }) => sum + bytes, 0);
}
