// Code in groups of lines: a long listing is drawn group by group, and only its last group changes while
// it is written.

export const LINES_PER_GROUP = 64;

/** Every group but the last ends with a line end; joined they are the code. */
export function lineGroups(code: string): string[] {
  const groups: string[] = [];
  let start = 0;
  let at = 0;
  for (let lines = 1; ; lines++) {
    at = code.indexOf('\n', at) + 1;
    if (at === 0 || at === code.length) break;
    if (lines % LINES_PER_GROUP !== 0) continue;
    groups.push(code.slice(start, at));
    start = at;
  }
  groups.push(code.slice(start));
  return groups;
}
