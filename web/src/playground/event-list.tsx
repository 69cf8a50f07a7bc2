// The frames of a stream one by one: when each came, its name, its data; found by a filter, opened to
// be read in full.

import { useState } from 'preact/hooks';
import { formatNumber } from '../i18n/format.js';
import { texts } from '../i18n/language.js';
import { parseJsonText } from '../lib/json-problem.js';
import { Button } from '../ui/button.js';
import type { Exchange, TimedFrame } from './exchange.js';

const words = texts({
  en: {
    filter: 'Filter events',
    shown: (shown: string, all: string) => `${shown} of ${all}`,
    more: 'Show more',
    comment: 'comment',
    rest: 'Cut within a frame:',
  },
  zh: {
    filter: '筛选事件',
    shown: (shown: string, all: string) => `${shown} / ${all}`,
    more: '显示更多',
    comment: '注释',
    rest: '在帧中间被切断：',
  },
});

const PAGE = 200;

export function EventList({ exchange }: { exchange: Exchange }) {
  void exchange.version.value;
  const { frames, rest } = exchange;
  const [filter, setFilter] = useState('');
  const [limit, setLimit] = useState(PAGE);
  const t = words();
  const wanted = filter.trim().toLowerCase();
  const found = frames
    .map((frame, index) => ({ frame, index }))
    .filter(
      ({ frame }) =>
        wanted === '' || `${frame.event ?? ''} ${frame.data}`.toLowerCase().includes(wanted),
    );
  return (
    <div class="stack">
      <div class="row">
        <input
          class="input"
          type="search"
          aria-label={t.filter}
          placeholder={t.filter}
          value={filter}
          onInput={(event) => setFilter(event.currentTarget.value)}
        />
        <span class="soft small numbers play-nowrap">
          {t.shown(formatNumber(found.length), formatNumber(frames.length))}
        </span>
      </div>
      <ol class="play-events">
        {found.slice(0, limit).map(({ frame, index }) => (
          <li key={index}>
            <EventRow frame={frame} before={frames[index - 1]?.atMs ?? 0} />
          </li>
        ))}
      </ol>
      {found.length > limit && (
        <div>
          <Button size="small" onClick={() => setLimit(limit + 5 * PAGE)}>
            {t.more}
          </Button>
        </div>
      )}
      {rest !== '' && (
        <p class="play-problem small">
          {t.rest} <code>{rest.slice(0, 300)}</code>
        </p>
      )}
    </div>
  );
}

function EventRow({ frame, before }: { frame: TimedFrame; before: number }) {
  const [isOpen, setOpen] = useState(false);
  const { kind, event, data, atMs } = frame;
  const name = kind === 'comment' ? words().comment : event;
  return (
    <details open={isOpen} onToggle={(toggle) => setOpen(toggle.currentTarget.open)}>
      <summary>
        <span class="play-time numbers" title={`+${Math.round(atMs - before)} ms`}>
          {formatNumber(atMs / 1000, 3)} s
        </span>
        {name && <span class={`badge ${kind === 'comment' ? '' : 'accent'}`}>{name}</span>}
        <code class="truncate grow">{essence(data)}</code>
      </summary>
      {isOpen && <pre tabIndex={0}>{prettyText(data)}</pre>}
    </details>
  );
}

/** What differs from one chunk to the next: the delta, where there is one. */
function essence(data: string): string {
  const parsed = parseJsonText(data);
  if (!('value' in parsed)) return data.slice(0, 300);
  const value = parsed.value as {
    choices?: { delta?: object; text?: string; finish_reason?: string | null }[];
    delta?: unknown;
    type?: string;
  } | null;
  const choice = Array.isArray(value?.choices) ? value.choices[0] : undefined;
  if (choice?.finish_reason) return JSON.stringify({ finish_reason: choice.finish_reason });
  const core = choice?.delta ?? choice?.text ?? value?.delta;
  return (core === undefined ? data : JSON.stringify(core)).slice(0, 300);
}

export function prettyText(text: string): string {
  const parsed = parseJsonText(text);
  return 'value' in parsed ? JSON.stringify(parsed.value, null, 2) : text;
}
