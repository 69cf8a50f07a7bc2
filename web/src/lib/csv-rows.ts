// The first rows of a CSV text (RFC 4180, or with semicolons or tabs), to be looked at.

const SEPARATORS = [',', ';', '\t'] as const;

/** @returns at most so many rows; cells of a row as they are, however many. */
export function csvRows(text: string, maxRows: number): string[][] {
  const separator = separatorOf(text);
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let isQuoted = false;
  const endRow = () => {
    rows.push([...row, cell]);
    row = [];
    cell = '';
  };
  for (let at = 0; at < text.length && rows.length < maxRows; at++) {
    const character = text[at]!;
    if (isQuoted) {
      if (character !== '"') cell += character;
      else if (text[at + 1] === '"') cell += text[at++];
      else isQuoted = false;
    } else if (character === '"' && cell === '') isQuoted = true;
    else if (character === separator) {
      row.push(cell);
      cell = '';
    } else if (character === '\n') endRow();
    else if (character !== '\r') cell += character;
  }
  if (rows.length < maxRows && (cell !== '' || row.length > 0)) endRow();
  return rows;
}

/** The one that the first line has most of. */
function separatorOf(text: string): string {
  const line = text
    .slice(0, 10_000)
    .split('\n', 1)[0]!
    .replaceAll(/"[^"]*"/g, '');
  const counts = SEPARATORS.map((each) => line.split(each).length);
  return SEPARATORS[counts.indexOf(Math.max(...counts))]!;
}
