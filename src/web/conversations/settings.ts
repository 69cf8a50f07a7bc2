// Settings of a conversation: what is taken from a request, and how stored ones, which may be older
// than a setting, become whole.

import { z } from 'zod';
import type { ConversationSettings } from '../wire.js';

const toolIds = z.array(z.string().min(1).max(200)).max(256);

export const settingsSchema = z.strictObject({
  model: z.enum(['standard', 'speciale']),
  thinking: z.boolean(),
  system: z.string().max(400_000),
  temperature: z.number().min(0).max(2).nullable(),
  max_tokens: z.int().min(1).max(131_072).nullable(),
  tools: toolIds,
  approval: z.enum(['writes', 'all', 'never']),
  always_allowed: toolIds,
  lab: z
    .string()
    .regex(/^[a-z0-9:-]{1,64}$/)
    .nullable(),
}) satisfies z.ZodType<ConversationSettings>;

export const settingsChangeSchema = settingsSchema.partial();

/** A setting that was not there when they were stored, or is no longer valid, has its default. */
export function wholeSettings(
  stored: unknown,
  defaults: ConversationSettings,
): ConversationSettings {
  const whole: Record<string, unknown> = { ...defaults };
  for (const [name, schema] of Object.entries(settingsSchema.shape)) {
    const parsed = schema.safeParse((stored as Record<string, unknown> | null)?.[name]);
    if (parsed.success) whole[name] = parsed.data;
  }
  return settingsSchema.parse(whole);
}
