// A table as text for other programs.

/** RFC 4180. A cell that a spreadsheet would run as a formula gets an apostrophe: tables are a model's. */
export function tableAsCsv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(csvCell).join(',')}\r\n`).join('');
}

function csvCell(cell: string): string {
  const isNumber = /^[+-]?[\d.,]+%?$/.test(cell);
  const safe = /^[=+\-@\t\r]/.test(cell) && !isNumber ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
