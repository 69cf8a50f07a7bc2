// The rows of the list, by day. Of thousands only those in sight are drawn; the next page is fetched
// when the end comes near. One row at a time is in the tab order, and arrows move it.

import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { ConversationSummary } from '../../../src/web/wire.js';
import type { Chat } from '../chat/chat.js';
import { locale, texts } from '../i18n/language.js';
import { type DayGroup, dayGroupOf, groupKey } from '../lib/day-groups.js';
import { rowWindow, topsOf } from '../lib/row-window.js';
import { conversationList } from './conversation-list.js';
import { ConversationRow } from './conversation-row.js';

const words = texts({
  en: {
    list: 'Conversations',
    today: 'Today',
    yesterday: 'Yesterday',
    week: 'Last 7 days',
    month: 'Last 30 days',
  },
  zh: {
    list: '对话列表',
    today: '今天',
    yesterday: '昨天',
    week: '过去 7 天',
    month: '过去 30 天',
  },
});

type Row = { key: string; heading: string } | { key: string; item: ConversationSummary };

const IS_COARSE = matchMedia('(pointer: coarse)').matches;
const HEADING = 34;
const LINE = IS_COARSE ? 44 : 38;
/** With a second line: what was found, or where it is filed. */
const TWO_LINES = LINE + 18;
const MARGIN = 400;

/** Where the reader was, when another page was shown meanwhile. */
let lastTop = 0;

export interface ConversationRowsProps {
  chat: Chat;
  items: readonly ConversationSummary[];
  onOpen: (id: string) => void;
}

export function ConversationRows({ chat, items, onOpen }: ConversationRowsProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 800 });
  /** Index of the row that shall have the focus; it may have to be drawn first. */
  const [wanted, setWanted] = useState<number>();
  const currentId = chat.id.value;
  const language = locale();
  const rows = useMemo(() => rowsOf(items, new Date()), [items, language]);
  const tops = useMemo(() => topsOf(rows.map(heightOf)), [rows]);
  const { first, end } = rowWindow(tops, { ...view, margin: MARGIN });

  useLayoutEffect(() => {
    const box = scroller.current!;
    box.scrollTop = lastTop;
    const measure = () => setView({ top: box.scrollTop, height: box.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(box);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    if (end >= rows.length - 5) void conversationList.more();
  }, [end, rows]);
  useLayoutEffect(() => {
    if (wanted === undefined) return;
    const link = scroller.current!.querySelector<HTMLElement>(`[data-row="${wanted}"] a`);
    if (!link) return; // drawn after the scroll, which comes back here
    link.focus({ preventScroll: true });
    setWanted(undefined);
  }, [wanted, first, end]);

  const moveTo = (index: number) => {
    const box = scroller.current!;
    const [top, bottom] = [tops[index]!, tops[index + 1]!];
    if (top < box.scrollTop + HEADING) box.scrollTop = top - HEADING;
    else if (bottom > box.scrollTop + box.clientHeight) box.scrollTop = bottom - box.clientHeight;
    setWanted(index);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const row = (event.target as HTMLElement).closest('a')?.closest<HTMLElement>('[data-row]');
    if (!row) return; // a field, or a link that the key has just replaced by one
    const next = neighbour(rows, Number(row.dataset['row']), event.key);
    if (next === undefined) return;
    event.preventDefault();
    moveTo(next);
  };

  const currentRow = rows.findIndex((row) => 'item' in row && row.item.id === currentId);
  const isCurrentDrawn = currentRow >= first && currentRow < end;
  const tabRow = isCurrentDrawn
    ? currentRow
    : rows.findIndex((row, index) => index >= first && 'item' in row);
  return (
    <div
      class="conversations-scroll"
      ref={scroller}
      onScroll={(event) => {
        const { scrollTop, clientHeight } = event.currentTarget;
        lastTop = scrollTop;
        setView({ top: scrollTop, height: clientHeight });
      }}
    >
      <ul aria-label={words().list} style={{ height: `${tops.at(-1)}px` }} onKeyDown={onKeyDown}>
        {rows.slice(first, end).map((row, offset) => {
          const index = first + offset;
          const style = { top: `${tops[index]}px`, height: `${heightOf(row)}px` };
          return (
            <li key={row.key} style={style} data-row={index}>
              {'heading' in row ? (
                <h3>{row.heading}</h3>
              ) : (
                <ConversationRow
                  chat={chat}
                  item={row.item}
                  isCurrent={row.item.id === currentId}
                  isTabStop={index === tabRow}
                  onOpen={onOpen}
                />
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function rowsOf(items: readonly ConversationSummary[], now: Date): Row[] {
  const rows: Row[] = [];
  let group: string | undefined;
  for (const item of items) {
    const day = dayGroupOf(new Date(item.updated_at), now);
    const key = groupKey(day);
    if (key !== group) rows.push({ key: `group ${key}`, heading: headingOf(day) });
    group = key;
    rows.push({ key: item.id, item });
  }
  return rows;
}

function headingOf(day: DayGroup): string {
  if (day.kind !== 'older') return words()[day.kind];
  const format = new Intl.DateTimeFormat(locale(), { year: 'numeric', month: 'long' });
  return format.format(new Date(day.year, day.month));
}

function heightOf(row: Row): number {
  if ('heading' in row) return HEADING;
  const { snippet, folder, tags } = row.item;
  return snippet !== null || folder !== null || tags.length > 0 ? TWO_LINES : LINE;
}

/** The row that a key leads to; undefined = the key means nothing here. */
function neighbour(rows: readonly Row[], at: number, key: string): number | undefined {
  const isItem = (row: Row) => 'item' in row;
  const after = rows.findIndex((row, index) => index > at && isItem(row));
  const before = rows.findLastIndex((row, index) => index < at && isItem(row));
  switch (key) {
    case 'ArrowDown':
      return after === -1 ? at : after;
    case 'ArrowUp':
      return before === -1 ? at : before;
    case 'Home':
      return rows.findIndex(isItem);
    case 'End':
      return rows.findLastIndex(isItem);
    default:
      return undefined;
  }
}
