// Tables as CSV that spreadsheets open: RFC 4180, UTF-8 with its mark, and no cell that a spreadsheet
// would take for a formula, since names and notes come from anybody.

export type Cell = string | number | null;

const PLAIN_NUMBER = /^-?\d+(?:\.\d+)?$/;
/** What Excel, LibreOffice and Google Sheets begin a formula with; tab and line breaks lead to one. */
const FORMULA = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/;

/** With its byte order mark, which tells Excel that it is UTF-8. */
export function toCsv(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return `\ufeff${[header, ...rows].map((row) => row.map(cellText).join(',')).join('\r\n')}\r\n`;
}

function cellText(cell: Cell): string {
  if (cell === null) return '';
  const text = String(cell);
  const safe = FORMULA.test(text) && !PLAIN_NUMBER.test(text) ? `'${text}` : text;
  return /[",\r\n\t;]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
