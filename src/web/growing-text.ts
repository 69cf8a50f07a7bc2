// A text that arrives in pieces and may become very long: kept in parts of at most 4,096 characters, of
// which only the last one grows. Appending costs the same at any length, and a view that has drawn a
// part never draws it again. Where parts end depends on the text alone, not on how it was cut on the
// wire, so a stream and its stored copy have equal parts.

const PART_CHARACTERS = 4096;

export interface GrowingText {
  parts: string[];
  /** Characters (UTF-16 units) of all parts. */
  length: number;
}

export function emptyText(): GrowingText {
  return { parts: [], length: 0 };
}

export function growingText(text: string): GrowingText {
  const growing = emptyText();
  appendText(growing, text);
  return growing;
}

export function appendText(growing: GrowingText, text: string): void {
  if (text === '') return;
  const { parts } = growing;
  growing.length += text.length;
  let last = (parts.pop() ?? '') + text;
  while (last.length > PART_CHARACTERS) {
    const end = partEnd(last);
    parts.push(last.slice(0, end));
    last = last.slice(end);
  }
  parts.push(last);
}

export function wholeText({ parts }: GrowingText): string {
  return parts.join('');
}

/** Behind the last line end of the part, else the last space, else wherever no character is split. */
function partEnd(text: string): number {
  const line = text.lastIndexOf('\n', PART_CHARACTERS - 1);
  if (line >= 0) return line + 1;
  const space = text.lastIndexOf(' ', PART_CHARACTERS - 1);
  if (space >= 0) return space + 1;
  const isSplit = text.charCodeAt(PART_CHARACTERS - 1) >> 10 === 0xd800 >> 10;
  return isSplit ? PART_CHARACTERS - 1 : PART_CHARACTERS;
}
