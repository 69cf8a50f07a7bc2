// Text of a message or of a tool's output: a string, or parts of which only text can be read. Images
// and files are refused as the unknown variants that they are to a text-only platform, or with the
// leniency `image_notes` become a note that the model can act on.

import type { Cursor } from '../deserialize.js';
import type { LeniencyLog } from '../leniency.js';
import { attachmentNote } from '../openai/text-content.js';

const TEXT_PARTS = ['input_text', 'output_text', 'text', 'refusal'] as const;

/** Parts are joined by line breaks, as on the chat door. @throws DeserializeError */
export function readText(content: Cursor, leniency: LeniencyLog): string {
  if (content.isNull) return '';
  if (content.isString) return content.string();
  return content
    .items('a string or a sequence of content parts')
    .map((part) => readPart(part, leniency))
    .join('\n');
}

function readPart(part: Cursor, leniency: LeniencyLog): string {
  const named = part.isObject ? part.optional('type') : undefined;
  const note = named?.isString ? attachmentNote(named.string()) : undefined;
  if (note !== undefined && leniency.apply('image_notes')) return note;
  const type = part.tag('type', TEXT_PARTS, 'a content part');
  if (type === undefined) return '';
  return part.required(type === 'refusal' ? 'refusal' : 'text').string();
}
