// From one text to another by one replacement, as the tool makes it: whole lines around what differs, as
// many as it takes to occur once. Knows texts only.

export interface Edit {
  readonly file: string;
  readonly old: string;
  readonly text: string;
}

/** The tool takes no longer texts. */
const MAX_TEXT = 4000;

/** null where both are the same, or where no replacement is short enough. */
export function editOf(file: string, before: string, after: string): Edit | null {
  if (before === after) return null;
  const [from, to] = [before.split('\n'), after.split('\n')];
  const most = Math.min(from.length, to.length);
  let head = 0;
  while (head < most && from[head] === to[head]) head++;
  let tail = 0;
  while (tail < most - head && from[from.length - 1 - tail] === to[to.length - 1 - tail]) tail++;
  for (;;) {
    const old = from.slice(head, from.length - tail).join('\n');
    const text = to.slice(head, to.length - tail).join('\n');
    const isLines = old.trim() !== '' && head < to.length - tail;
    if (isLines && before.indexOf(old) === before.lastIndexOf(old)) {
      return old.length > MAX_TEXT || text.length > MAX_TEXT ? null : { file, old, text };
    }
    if (head === 0 && tail === 0) return null;
    if (head > 0) head--;
    if (tail > 0) tail--;
  }
}

/** Replacements that turn some files into others; null if one of them cannot be made. */
export function editsBetween(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): Edit[] | null {
  const edits: Edit[] = [];
  for (const file of Object.keys(after).toSorted()) {
    if (before[file] === after[file]) continue;
    const edit = editOf(file, before[file]!, after[file]!);
    if (!edit) return null;
    edits.push(edit);
  }
  return edits;
}
