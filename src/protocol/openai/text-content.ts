// Message contents that may be arrays of parts (api reference §2.2): the platform reads text only.
// What cannot be read is refused by the caller, in the words that its role has for it.

import type { Cursor } from '../deserialize.js';
import type { LeniencyLog } from '../leniency.js';

/** Part types of OpenAI's and Anthropic's dialects that carry something to look at. */
const ATTACHMENTS: Readonly<Record<string, string>> = {
  image_url: 'An image',
  image: 'An image',
  input_image: 'An image',
  file: 'A document',
  input_file: 'A document',
  document: 'A document',
};

/** What the model reads in place of an image or a document (leniency `image_notes`). */
export function attachmentNote(partType: string): string | undefined {
  const what = Object.hasOwn(ATTACHMENTS, partType) ? ATTACHMENTS[partType] : undefined;
  return what && `[${what} was attached here. It cannot be read: this model reads text only.]`;
}

/**
 * A string, or text parts joined by line breaks, because clients put separate documents into separate
 * parts; undefined when the content is neither.
 */
export function readText(content: Cursor, leniency: LeniencyLog): string | undefined {
  if (content.isString) return content.string();
  if (!content.isArray) return undefined;
  const texts: string[] = [];
  for (const part of content.items()) {
    const text = readPart(part, leniency);
    if (text === undefined) return undefined;
    texts.push(text);
  }
  return texts.join('\n');
}

function readPart(part: Cursor, leniency: LeniencyLog): string | undefined {
  if (part.node.kind !== 'object') return undefined;
  const type = part.optional('type');
  if (!type?.isString) return undefined;
  if (type.string() === 'text') {
    const text = part.optional('text');
    return text?.isString ? text.string() : undefined;
  }
  const note = attachmentNote(type.string());
  return note !== undefined && leniency.apply('image_notes') ? note : undefined;
}
