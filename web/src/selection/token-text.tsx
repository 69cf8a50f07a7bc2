// Prompt and reply as text, each token in the colour of what became of it. A token of the reply can be
// chosen: then the colours are those of its own choice. Texts of a model and a prompt stay texts.

import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { cellColour, type ColourMode, type HeatView } from '../../../src/cli/inspect-view.js';
import type { SelectionReport, SelectionToken } from '../../../src/web/models-wire.js';
import { positionsIn, queryByPosition, readableToken } from '../lib/selection-map.js';
import { Switch } from '../ui/fields.js';
import { selectionWords } from './selection-words.js';

export interface TokenTextProps {
  report: SelectionReport;
  /** One row: a cell per position. */
  view: HeatView;
  mode: ColourMode;
  isDark: boolean;
  /** Index of the traced token that is chosen. */
  query: number | null;
  onQuery: (query: number) => void;
  /** Position under the map's pointer; -1 = none. */
  read: number;
  /** Marks what no layer ever kept. */
  marksNever: boolean;
  onMarks: (marks: boolean) => void;
}

const MAX_TEXT_TOKENS = 6000;
/** Attention on a position that was not kept, from which on its text is coloured. */
const MIN_SHOWN_SHARE = 0.001;

export function TokenText(props: TokenTextProps) {
  const { report, view, mode, isDark, query, onQuery, read, marksNever, onMarks } = props;
  const t = selectionWords();
  const box = useRef<HTMLDivElement>(null);
  const parts = useMemo(() => {
    const shown = report.tokens.slice(-MAX_TEXT_TOKENS);
    return {
      hidden: report.tokens.length - shown.length,
      prompt: shown.filter(({ from }) => from === 'prompt'),
      reply: shown.filter(({ from }) => from === 'generated'),
      queries: queryByPosition(report),
      never: positionsIn(report.never_kept),
    };
  }, [report]);
  useLayoutEffect(() => {
    colour(box.current!, { view, mode, isDark });
  }, [view, mode, isDark, parts]);
  // What was asked last is nearest to the reply.
  useLayoutEffect(() => {
    const text = box.current!.querySelector('.token-box.prompt')!;
    text.scrollTop = text.scrollHeight;
  }, [parts]);
  useLayoutEffect(() => {
    const root = box.current!;
    root.querySelector('.read')?.classList.remove('read');
    root.querySelector(`[data-at="${read}"]`)?.classList.add('read');
  }, [read]);

  const queries = parts.reply.flatMap(({ position }) => parts.queries.get(position) ?? []);
  const move = (event: KeyboardEvent) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (by === undefined || queries.length === 0) return;
    event.preventDefault();
    const at = query === null ? -1 : queries.indexOf(query);
    const next = queries[Math.min(queries.length - 1, Math.max(0, at + by))]!;
    onQuery(next);
    box.current!.querySelector<HTMLElement>(`[data-query="${next}"]`)?.focus();
  };
  const prompt = useMemo(
    () =>
      parts.prompt.map((token) => (
        <Token key={token.position} token={token} isNever={parts.never.has(token.position)} />
      )),
    [parts],
  );
  return (
    <div ref={box} class={`token-text ${marksNever ? 'marks-never' : ''}`}>
      <h3 id="reply-text">{t.reply}</h3>
      <p class="hint small soft">{t.replyHint}</p>
      <div class="token-box" role="group" aria-labelledby="reply-text" onKeyDown={move}>
        {parts.reply.map((token) => {
          const own = parts.queries.get(token.position);
          if (own === undefined)
            return <Token key={token.position} token={token} isNever={false} />;
          const isChosen = own === query;
          return (
            <button
              key={token.position}
              type="button"
              class={`token ${token.control ? 'control' : ''}`}
              data-at={token.position}
              data-query={own}
              aria-pressed={isChosen}
              tabIndex={isChosen || (query === null && own === queries[0]) ? 0 : -1}
              onClick={() => onQuery(own)}
            >
              {readableToken(token.text)}
            </button>
          );
        })}
      </div>
      <div class="row spread wrap">
        <h3>{t.prompt}</h3>
        {report.never_kept.length > 0 && (
          <span class="small">
            <Switch label={t.marksNever} checked={marksNever} onChange={onMarks} />
          </span>
        )}
      </div>
      {report.cut_tokens + parts.hidden > 0 && (
        <p class="hint small soft">{t.cut(report.cut_tokens, parts.hidden)}</p>
      )}
      <div class="token-box prompt" role="region" aria-label={t.prompt} tabIndex={0}>
        {prompt}
      </div>
    </div>
  );
}

function Token({ token, isNever }: { token: SelectionToken; isNever: boolean }) {
  const { text, position, control } = token;
  return (
    <span class={`token ${control ? 'control' : ''} ${isNever ? 'never' : ''}`} data-at={position}>
      {text}
    </span>
  );
}

/** Thousands of tokens change their colours at a time: by hand, without rendering. */
function colour(
  root: HTMLElement,
  { view, mode, isDark }: { view: HeatView; mode: ColourMode; isDark: boolean },
): void {
  for (const element of root.querySelectorAll<HTMLElement>('.token')) {
    const at = Number(element.dataset['at']);
    const { style } = element;
    if (at >= view.numColumns || isQuiet(view, at)) {
      style.background = '';
      style.color = '';
      continue;
    }
    const [red, green, blue] = cellColour(view, at, mode, isDark ? 'dark' : 'light');
    style.background = `rgb(${red} ${green} ${blue})`;
    style.color = inkOn(red, green, blue);
  }
}

/** A ground behind every word that was passed over would hide the few that were not. */
function isQuiet(view: HeatView, at: number): boolean {
  return view.kept[at]! <= 0 && view.missed[at]! < MIN_SHOWN_SHARE;
}

/** Whichever of black and white stands out more (WCAG's relative luminance). */
function inkOn(...rgb: [number, number, number]): string {
  const [red, green, blue] = rgb.map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? '#0b141b' : '#ffffff';
}
