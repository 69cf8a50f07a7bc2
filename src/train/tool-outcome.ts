// What a tool returns, in the shapes that tools return things, and the answer that follows from it.

import type { Rng } from './rng.js';
import { computedResult } from './tool-catalogue.js';
import type { Call } from './tool-request.js';
import { fill, type Value } from './tool-spec.js';
import { capitalise, type Split } from './words.js';
import * as words from './words.js';

export interface Outcome {
  content: string;
  facts: string[];
  answer: string;
  fields: Record<string, Value>;
}

const ERRORS = [
  'not found',
  'permission denied',
  'timeout',
  'service unavailable',
  'invalid request',
  'no such record',
  'quota exceeded',
  'already exists',
];

export function makeOutcome(call: Call, rng: Rng, split: Split, mayFail = true): Outcome {
  if (mayFail && rng.chance(0.06)) {
    const error = rng.chance(0.7)
      ? rng.pick(ERRORS)
      : `${words.plainWord(rng, split)} ${rng.pick(['not found', 'is closed', 'is missing'])}`;
    return {
      content: JSON.stringify({ error }).replace('":"', '": "'),
      facts: [error],
      answer: `The tool reported an error: ${error}.`,
      fields: {},
    };
  }
  const computed = computedResult(call.tool.name, call.args);
  const fields: Record<string, Value> = computed ?? {};
  if (!computed) for (const field of call.tool.result) fields[field.key] = field.make(rng, split);
  const style = rng.weighted({ json: 45, compact: 32, text: 13, bare: 10 });
  const entries = Object.entries(fields);
  let content: string;
  if (style === 'bare' && entries.length === 1) content = String(entries[0]![1]);
  else if (style === 'text') content = entries.map(([key, value]) => `${key}: ${value}`).join(', ');
  else if (style === 'compact') content = JSON.stringify(fields);
  else
    content = `{${entries.map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`).join(', ')}}`;
  let answer: string;
  if (call.tool.answer) {
    const values: Record<string, Value> = { ...call.args, ...fields };
    for (const [place, name] of Object.entries(call.tool.places ?? {}))
      values[place] = call.args[name]!;
    answer = fill(call.tool.answer, values);
  } else {
    const facts = call.tool.result.map((field) => `the ${field.label} is ${fields[field.key]}`);
    answer = `${call.tool.isAction ? 'Done. ' : ''}${capitalise(facts.join(' and '))}.`;
  }
  return {
    content,
    answer,
    facts: entries.map(([, value]) => String(value)).filter((fact) => answer.includes(fact)),
    fields,
  };
}
