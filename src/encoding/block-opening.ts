// Text that may belong to the opening of a tool-call block behind it. The block's line breaks, and a
// block tag that a model wrote without its mark, are held back until it is known whether a call
// follows; only then are they no text.

/** The name of a block's tag. */
export const BLOCK_NAME = 'function_calls';

/**
 * Where the end of the text begins that belongs to a block behind it: up to two line breaks (a CR
 * before LF LF does not), or a block's tag that lacks its mark, with the line breaks before that.
 */
export function blockOpening(text: string): number {
  const bracket = text.lastIndexOf('<');
  const end = bracket >= 0 && BARE_TAG.test(text.slice(bracket)) ? bracket : text.length;
  return end - /(?:\n\n|\r\n\r\n|\r?\n)?$/.exec(text.slice(Math.max(0, end - 4), end))![0].length;
}

const BARE_BLOCK_TAG = `<${BLOCK_NAME}>`;
const MAX_BLANKS_BEHIND = 4;
const BARE_TAG = new RegExp(`^${BARE_BLOCK_TAG}\\s{0,${MAX_BLANKS_BEHIND}}$`);

/** Holds back the text that may turn out to be such an opening. */
export function holdBlockOpening(text: string, cut: number): number {
  const bracket = text.lastIndexOf('<', cut - 1);
  if (bracket < 0 || bracket + BARE_BLOCK_TAG.length + MAX_BLANKS_BEHIND < cut) {
    return holdLineBreaks(text, cut);
  }
  const tail = text.slice(bracket, cut);
  const mayBeTag = BARE_BLOCK_TAG.startsWith(tail) || BARE_TAG.test(tail);
  return holdLineBreaks(text, mayBeTag ? bracket : cut);
}

const LF = 10;
const CR = 13;

function holdLineBreaks(text: string, cut: number): number {
  const last = text.charCodeAt(cut - 1);
  if (last !== LF && last !== CR) return cut;
  return cut - /(?:\r?\n){0,2}\r?$/.exec(text.slice(Math.max(0, cut - 5), cut))![0].length;
}
