// A conversation that goes on until the reply is good: the model is told what is wrong with its last reply,
// a bounded number of times. The conversation keeps the last reply only besides its beginning, so that
// repairing costs the same each time.

import type { z } from 'zod';
import type { ChatMessage } from '../task-prompt.js';
import { assistant, repairPrompt, user } from './prompts.js';
import { readReply, type Read } from './read-reply.js';
import type { ModelSource } from './transcript.js';

/** Agents reference §7.1: the solution is repaired at most so often. */
export const MAX_REPAIRS = 5;

export interface ConverseInput<T, R> {
  readonly source: ModelSource;
  readonly purpose: string;
  readonly begin: readonly ChatMessage[];
  readonly schema: z.ZodType<T>;
  /** What the reply is good for; problems go back to the model. */
  readonly use: (value: T) => Read<R> | Promise<Read<R>>;
  readonly maxRepairs?: number;
}

export type Conversed<T, R> =
  | {
      readonly ok: true;
      readonly value: T;
      readonly result: R;
      readonly repairs: number;
      /** For what is asked next. */
      readonly messages: readonly ChatMessage[];
    }
  | { readonly ok: false; readonly problems: readonly string[]; readonly repairs: number };

/** @throws what `source.ask` throws */
export async function converse<T, R>(input: ConverseInput<T, R>): Promise<Conversed<T, R>> {
  const { source, purpose, begin, schema, use, maxRepairs = MAX_REPAIRS } = input;
  let messages = [...begin];
  for (let repairs = 0; ; repairs++) {
    const text = await source.ask(repairs === 0 ? purpose : `${purpose}: repair`, messages);
    const read = readReply(text, schema);
    const used = read.ok ? await use(read.value) : read;
    if (read.ok && used.ok) {
      const { value } = read;
      return {
        ok: true,
        value,
        result: used.value,
        repairs,
        messages: [...begin, assistant(text)],
      };
    }
    const problems = used.ok ? [] : used.problems;
    if (repairs === maxRepairs) return { ok: false, problems, repairs };
    messages = [...begin, assistant(text), user(repairPrompt(problems))];
  }
}
