// A model's reply read as data: one JSON object, bare or in a code fence, bounded and parsed by a schema.
// What does not fit becomes words that the model can be told.

import type { z } from 'zod';
import { cleanSubmission } from '../verify.js';

export type Read<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly string[] };

const MAX_REPLY = 1 << 17;
const MAX_PROBLEMS = 8;

/** Never throws. */
export function readReply<T>(text: string, schema: z.ZodType<T>): Read<T> {
  if (text.length > MAX_REPLY) {
    return { ok: false, problems: [`the reply is longer than ${MAX_REPLY} characters`] };
  }
  const found = jsonIn(text);
  if (found === undefined) {
    return {
      ok: false,
      problems: ['the reply is not one JSON object, bare or in a ```json fence'],
    };
  }
  const parsed = schema.safeParse(found);
  if (parsed.success) return { ok: true, value: parsed.data };
  const problems = parsed.error.issues
    .slice(0, MAX_PROBLEMS)
    .map(({ path, message }) => `${path.join('.') || 'the object'}: ${message}`);
  return { ok: false, problems };
}

/** The last fence, else the text from its first to its last brace. */
function jsonIn(text: string): unknown {
  const fences = [...text.matchAll(/```(?:json)?\s*\n([\s\S]*?)\n\s*```/g)];
  const fenced = fences.at(-1)?.[1];
  const braced = text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1);
  for (const candidate of [text, fenced, braced]) {
    if (candidate === undefined || !candidate.trim().startsWith('{')) continue;
    try {
      // Also bounds depth and size. The copy has a prototype: schemas look at plain objects.
      const clean = cleanSubmission(JSON.parse(candidate));
      if (clean !== undefined) return structuredClone(plain(clean));
    } catch {
      // No JSON: the next reading may be.
    }
  }
  return undefined;
}

/** With ordinary prototypes; a field named __proto__ is left out. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).filter(([name]) => name !== '__proto__');
  return Object.fromEntries(fields.map(([name, part]) => [name, plain(part)]));
}
