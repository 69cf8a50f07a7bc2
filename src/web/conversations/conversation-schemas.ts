// What the conversation routes take, with the limits of every field.

import { z } from 'zod';
import type { ConversationChange, CountRequest, NewFile } from '../wire.js';
import { settingsChangeSchema, settingsSchema } from './settings.js';

export const MAX_TITLE = 200;
/** Far more than any context holds, and still counted in a second or two. */
export const MAX_FILE_CHARACTERS = 2_000_000;
export const MAX_CONTENT_CHARACTERS = 2_000_000;

const id = z.string().regex(/^[\w-]{1,64}$/);
const folder = line(100);
const tag = line(50);

/** The title may be empty: the page then shows the first question. */
export const titleSchema = z.string().max(MAX_TITLE).transform(oneLine);
export const folderSchema = folder.nullable();
export const tagsSchema = z
  .array(tag)
  .max(20)
  .transform((tags) => [...new Set(tags)]);

export const newConversationSchema = z.strictObject({
  title: titleSchema.optional(),
  folder: folderSchema.optional(),
  tags: tagsSchema.optional(),
  settings: settingsChangeSchema.optional(),
});

export const conversationChangeSchema = newConversationSchema.extend({
  head_id: id.nullable().optional(),
}) as z.ZodType<ConversationChange>;

export const listQuerySchema = z.object({
  query: z.string().max(200).optional(),
  folder: z.string().max(100).optional(),
  tag: z.string().max(50).optional(),
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(100).optional(),
});

export const newFileSchema = z.strictObject({
  name: line(255),
  media_type: z.string().max(200).transform(oneLine),
  bytes: z.int().min(0),
  text: z.string().max(MAX_FILE_CHARACTERS),
}) satisfies z.ZodType<NewFile>;

export const countSchema = z.strictObject({
  conversation_id: id.nullable(),
  parent_id: id.nullable(),
  content: z.string().max(MAX_CONTENT_CHARACTERS),
  file_ids: z.array(id).max(200),
  settings: settingsSchema,
}) satisfies z.ZodType<CountRequest>;

export const exportQuerySchema = z.object({
  format: z.enum(['markdown', 'json', 'html', 'curl', 'python', 'typescript']),
  /** The last message of the branch that is meant; absent = of the one that is shown. */
  leaf: id.optional(),
  /** Of the words around the texts. */
  language: z.enum(['en', 'zh']).default('en'),
  /** What a reader of Markdown or HTML shall not see, e.g. `reasoning,system`. */
  leave_out: z
    .string()
    .optional()
    .transform((text) => (text ?? '').split(',').filter(Boolean))
    .pipe(z.array(z.enum(['reasoning', 'tools', 'system']))),
});

function line(maxCharacters: number) {
  return z.string().transform(oneLine).pipe(z.string().min(1).max(maxCharacters));
}

/** Names stand in lists, files and headers: no line breaks, nothing invisible but joiners of letters. */
export function oneLine(text: string): string {
  return text.replaceAll(/(?:[\s\p{Cc}\p{Cs}]|(?![\u200c\u200d])\p{Cf})+/gu, ' ').trim();
}
