// The tools that a client describes in its own syntax. Cline, Roo Code and older agents offer no
// native tools: their prompts show, below a "Usage:" line, an element that the model should write,
// `<read_file><path>...</path></read_file>` or `<function=run><parameter=cmd>...</parameter>
// </function>`. Read from the request alone; no client's tool list is built in. A wrong guess is
// harmless: see client-syntax.ts for the one place where the list is used.

import type { Message } from '../encoding/message.js';

export interface ClientTool {
  /** `<read_file>`, or as far as it is fixed: `<function=`, `<invoke `. */
  opening: string;
  /** `</read_file>` */
  closing: string;
  /** The elements directly inside, by opening; their values are raw text up to their closing. */
  parameters: ReadonlyMap<string, string>;
}

/** By opening. */
export type ClientTools = ReadonlyMap<string, ClientTool>;

// Bounds of the work for one request: characters and tags looked at, and the size of one usage.
const MAX_CHARACTERS = 262_144;
const MAX_TAGS = 4096;
const MAX_USAGE_TAGS = 64;

const TAG = /<(\/?)([A-Za-z_][\w.:-]{0,63})(?:([= ])[^<>\n]{1,128})?>/g;
/** A usage stands below a line that announces it. */
const CUE = /\b(?:usage|examples?|format(?:ting)?|syntax)\b[^\n]*(?::|\n|$)/i;
const MAX_CUE_DISTANCE = 400;

interface Tag {
  isClosing: boolean;
  name: string;
  /** What an occurrence begins with; the rest of a valued tag may vary. */
  opening: string;
  start: number;
  end: number;
}

/** Looks through system, developer and user messages, in order, until a bound is reached. */
export function findClientTools(messages: readonly Message[]): ClientTools {
  const tools = new Map<string, ClientTool>();
  let left = MAX_CHARACTERS;
  for (const { role, content } of messages) {
    if (left <= 0) break;
    if (role === 'assistant' || role === 'tool' || !content.includes('</')) continue;
    findInText(content.slice(0, left), tools);
    left -= content.length;
  }
  return tools;
}

function findInText(text: string, tools: Map<string, ClientTool>): void {
  const tags = readTags(text);
  for (let index = 0; index < tags.length; index++) {
    const tag = tags[index]!;
    if (tag.isClosing || !isAnnounced(text, tag)) continue;
    const usage = readUsage(text, tags, index);
    if (!usage) continue;
    const { opening } = tag;
    const known = tools.get(opening)?.parameters ?? [];
    const parameters = new Map([...known, ...usage.parameters]);
    tools.set(opening, { opening, closing: `</${tag.name}>`, parameters });
    index = usage.closingIndex;
  }
}

function readTags(text: string): Tag[] {
  const tags: Tag[] = [];
  for (const match of text.matchAll(TAG)) {
    const [whole, slash, name, separator] = match;
    const opening = separator === undefined ? whole : `<${name}${separator}`;
    const start = match.index;
    tags.push({ isClosing: slash !== '', name: name!, opening, start, end: start + whole.length });
    if (tags.length === MAX_TAGS) break;
  }
  return tags;
}

/** At the beginning of a line, and below a line that speaks of usage, examples or format. */
function isAnnounced(text: string, { start }: Tag): boolean {
  const before = text.slice(Math.max(0, start - MAX_CUE_DISTANCE), start);
  return /(?:^|\n)[ \t]*$/.test(before) && CUE.test(before);
}

/** The element that opens at `index`, if it holds nothing but elements, or nothing at all. */
function readUsage(
  text: string,
  tags: readonly Tag[],
  index: number,
): { parameters: Map<string, string>; closingIndex: number } | undefined {
  const parameters = new Map<string, string>();
  const end = Math.min(tags.length, index + MAX_USAGE_TAGS);
  const { name, end: inside } = tags[index]!;
  const isPlain = (tag: Tag | undefined) => tag && text.slice(inside, tag.start).trim() === '';
  if (!isPlain(tags[index + 1])) return undefined;
  for (let at = index + 1; at < end; at++) {
    const tag = tags[at]!;
    if (tag.isClosing) return tag.name === name ? { parameters, closingIndex: at } : undefined;
    const closingIndex = findClosing(tags, at, end);
    if (closingIndex === undefined) return undefined;
    parameters.set(tag.opening, `</${tag.name}>`);
    at = closingIndex;
  }
  return undefined;
}

function findClosing(tags: readonly Tag[], index: number, end: number): number | undefined {
  const { name } = tags[index]!;
  for (let at = index + 1; at < end; at++) {
    if (tags[at]!.isClosing && tags[at]!.name === name) return at;
  }
  return undefined;
}
