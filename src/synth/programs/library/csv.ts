// A table in text form, with quotes.

import { many, source, type ProgramTemplate } from '../program.js';

export const csv: ProgramTemplate = {
  id: 'csv',
  make(random, { thing }) {
    const separator = random.pick([',', ';', '|']);
    return {
      files: {
        'split.js': source(`
/** Fields are separated by this and may stand in double quotes; two of those inside mean one. */
const SEPARATOR = '${separator}';
const QUOTE = '"';

/** Fields of one line. White space around a field without quotes does not belong to it. */
export function fieldsOf(line) {
  const fields = [];
  let field = '';
  let quoted = false;
  let wasQuoted = false;
  const finish = () => {
    fields.push(wasQuoted ? field : field.trim());
    field = '';
    wasQuoted = false;
  };
  for (let i = 0; i < line.length; i++) {
    const unit = line[i];
    if (quoted) {
      if (unit !== QUOTE) field += unit;
      else if (line[i + 1] === QUOTE) {
        field += QUOTE;
        i += 1;
      } else quoted = false;
    } else if (unit === QUOTE && field.trim() === '') {
      quoted = true;
      wasQuoted = true;
      field = '';
    } else if (unit === SEPARATOR) finish();
    else field += unit;
  }
  finish();
  return fields;
}
`),
        'rows.js': source(`
/** A row as an object. Fields that are missing at the end are empty, those too many are dropped. */
export function rowOf(names, fields) {
  const row = {};
  names.forEach((name, i) => {
    row[name] = i < fields.length ? fields[i] : '';
  });
  return row;
}
`),
        'index.js': source(`
import { rowOf } from './rows.js';
import { fieldsOf } from './split.js';

/**
 * Reads a list of ${thing} rows from text: the first line has the names of the columns. Empty lines and
 * lines that begin with # are skipped, also before the names.
 */
export default function readTable(text) {
  const lines = text
    .split('\\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'));
  if (lines.length === 0) return [];
  const names = fieldsOf(lines[0]);
  return lines.slice(1).map((line) => rowOf(names, fieldsOf(line)));
}
`),
      },
      args: (draw) => {
        const field = (): string =>
          draw.pick([
            'a',
            ' b c ',
            '"x"',
            `"p${separator}q"`,
            '"say ""hi"""',
            '',
            '12',
            ' "z "',
            'it"s',
          ]);
        const line = (): string =>
          draw.chance(12)
            ? draw.pick(['', '# note', '  ', ' #1'])
            : many(draw, 1, 4, field).join(separator);
        const head = draw.chance(20) ? '# head\n' : '';
        return [
          draw.chance(6)
            ? ''
            : `${head}id${separator} name${separator}"n o"\n${many(draw, 0, 4, line).join('\n')}`,
        ];
      },
    };
  },
};
