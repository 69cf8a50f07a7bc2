// The arguments of a tool call as people read them: a row per argument where the JSON is a flat object,
// the text as it is while it is still being written or is not JSON at all.

export interface ArgumentRow {
  name: string;
  value: string;
}

/** Longer values get the room of a block, not of a row. */
const MAX_ROW_CHARACTERS = 200;

/** undefined = show the text itself. */
export function argumentRows(text: string): ArgumentRow[] | undefined {
  const value = parsed(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const rows: ArgumentRow[] = [];
  for (const [name, argument] of Object.entries(value)) {
    const shown = typeof argument === 'string' ? argument : JSON.stringify(argument);
    if (shown.length > MAX_ROW_CHARACTERS || shown.includes('\n')) return undefined;
    rows.push({ name, value: shown });
  }
  return rows;
}

/** Indented where it is JSON, unchanged where not. */
export function prettyJson(text: string): string {
  const value = parsed(text);
  return value === undefined ? text : JSON.stringify(value, undefined, 2);
}

/** One line for the head of a card: the values alone. */
export function argumentSummary(text: string): string {
  const rows = argumentRows(text);
  if (rows === undefined) return '';
  return rows.map(({ value }) => value).join(', ');
}

/** undefined: not JSON; or JSON that would lose digits when written again. */
function parsed(text: string): unknown {
  const start = text.trimStart()[0];
  if (start !== '{' && start !== '[') return undefined;
  if (/\d{16}/.test(text)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
