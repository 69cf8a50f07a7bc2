// Step 1: the model chooses what an environment is made of (modules and their variants), what it is about
// (a theme) and what is in it (names, documents); the composer builds it and the world's own checks decide
// whether it is sound. Nothing that the model writes is code or a query. Source: agents reference §7.1.

import { z } from 'zod';
import { byCodeUnit, contentHash } from '../canonical.js';
import { DataError } from '../database.js';
import { Random } from '../random.js';
import type { Affordance, Environment, Row } from '../world-types.js';
import { environmentProblems } from '../world/check-environment.js';
import { realise } from '../world/compose.js';
import { listModules } from '../world/list-modules.js';
import { THEME_WORDS } from '../world/themes.js';

const english = z
  .string()
  .regex(/^[a-z][a-z0-9]*(?:[_ ][a-z0-9]+)*$/)
  .max(24);
const chinese = z
  .string()
  .regex(/^\p{Script=Han}+$/u)
  .max(10);
const bilingual = z.object({ en: english, zh: chinese }).strict();
/** Quotation marks would end the marks that texts put around names. */
const name = z
  .string()
  .regex(/^[\p{L}\p{N}][\p{L}\p{N} .&'-]*$/u)
  .min(2)
  .max(40);

export const environmentDraft = z
  .object({
    modules: z
      .array(z.enum(listModules().map(({ id }) => id) as [string, ...string[]]))
      .min(3)
      .max(5),
    variants: z.record(z.string(), z.record(z.string(), z.string())).optional(),
    theme: z
      .object({
        id: z.string().regex(/^[a-z][a-z0-9_]{2,30}$/),
        title: z
          .object({ en: z.string().regex(/^[A-Za-z][A-Za-z ]{2,40}$/), zh: chinese })
          .strict(),
        words: z.record(z.enum(THEME_WORDS), bilingual),
      })
      .strict(),
  })
  .strict();
export type EnvironmentDraft = z.infer<typeof environmentDraft>;

export const vocabulary = z
  .object({
    /** `table.column` -> names for its rows, in order; more than there are rows are left over. */
    names: z.record(z.string().max(80), z.array(name).max(400)),
    documents: z
      .array(
        z
          .object({
            title: name,
            body: z
              .string()
              .min(20)
              .max(1200)
              .regex(/^[^"“”「」『』《》`<>]*$/),
          })
          .strict(),
      )
      .max(20)
      .optional(),
  })
  .strict();
export type Vocabulary = z.infer<typeof vocabulary>;

export type Drafted =
  | { readonly ok: true; readonly env: Environment }
  | { readonly ok: false; readonly problems: readonly string[] };

/** The environment of a draft, before it has the model's names. */
export function realiseDraft(draft: EnvironmentDraft, seed: number): Drafted {
  const random = new Random('proposed-blueprint', seed);
  const modules = listModules().filter(({ id }) => draft.modules.includes(id));
  const problems: string[] = [];
  if (modules.length !== draft.modules.length) problems.push('a module is named twice');
  const variants = modules.map(({ id, axes }) => {
    const chosen = draft.variants?.[id] ?? {};
    const known = Object.entries(axes).map(([axis, of]) => {
      const wanted = chosen[axis];
      if (wanted !== undefined && !of.includes(wanted)) {
        problems.push(`${id}.${axis} is one of ${of.join(', ')}`);
      }
      return [axis, wanted ?? random.pick(of)];
    });
    return [id, Object.fromEntries(known) as Record<string, string>] as const;
  });
  for (const word of THEME_WORDS) {
    if (!draft.theme.words[word]) problems.push(`the theme has no word for ${word}`);
  }
  if (problems.length > 0) return { ok: false, problems };
  const ids = modules.map(({ id }) => id);
  const blueprint = {
    modules: ids,
    variants: Object.fromEntries(variants),
    choices: random.uint32(),
  };
  const env = realise(blueprint, seed, draft.theme);
  if (!env) {
    const why = 'these modules do not refer to one another, or need too many tools: choose others';
    return { ok: false, problems: [why] };
  }
  return { ok: true, env: { ...env, generator: { ...env.generator, name: 'hadal-model-loop' } } };
}

/** The environment with the model's names and documents, checked like any other. */
export function withVocabulary(env: Environment, { names, documents = [] }: Vocabulary): Drafted {
  const problems: string[] = [];
  const rows: Record<string, Row[]> = {};
  for (const [table, list] of Object.entries(env.rows)) rows[table] = [...list];
  const taken = new Set(Object.values(env.rows).flatMap((list) => list.flatMap(textsOf)));
  const take = (text: string): string | undefined => {
    if (taken.has(text)) return undefined;
    taken.add(text);
    return text;
  };
  for (const [place, list] of Object.entries(names)) {
    const [table = '', column = ''] = place.split('.');
    if (!namedColumns(env).includes(place)) {
      problems.push(`${place} is no column of names; there are ${namedColumns(env).join(', ')}`);
      continue;
    }
    rows[table] = rows[table]!.map((row, i) => {
      const given = list[i];
      if (given === undefined) return row;
      const fresh = take(given);
      if (fresh === undefined) problems.push(`the name ${given} is there twice`);
      return { ...row, [column]: fresh ?? given };
    });
  }
  const store = env.affordances.find((one) => one.kind === 'documents');
  if (documents.length > 0 && !store) problems.push('there is no table of documents');
  for (const { title, body } of store ? documents : []) {
    if (take(title) === undefined) problems.push(`the title ${title} is there twice`);
    else rows[store!.table]!.push(documentRow(env, store!, title, body));
  }
  if (problems.length > 0) return { ok: false, problems: problems.slice(0, 8) };
  for (const { name: table, key } of env.tables) {
    rows[table]!.sort((a, b) => byCodeUnit(String(a[key]), String(b[key])));
  }
  const named = { ...env, rows };
  try {
    const unsound = environmentProblems(named);
    return unsound.length > 0 ? { ok: false, problems: unsound } : { ok: true, env: named };
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return { ok: false, problems: [error.message] };
  }
}

/** `table.column` of texts that stand for one row each: renaming them breaks nothing. */
export function namedColumns({ tables, rows }: Environment): string[] {
  return tables.flatMap(({ name: table, columns, visible }) =>
    columns
      .filter(({ name: column, type, meaning, hidden }) => {
        if (!visible || hidden === true || type !== 'text' || meaning !== 'name') return false;
        const values = (rows[table] ?? []).map((row) => row[column]);
        return new Set(values).size === values.length;
      })
      .map(({ name: column }) => `${table}.${column}`),
  );
}

function textsOf(row: Row): string[] {
  return Object.values(row).filter((value): value is string => typeof value === 'string');
}

type Documents = Extract<Affordance, { kind: 'documents' }>;

/** Without clauses: a document to be read in vain. */
function documentRow(env: Environment, store: Documents, title: string, body: string): Row {
  const { key } = env.tables.find((one) => one.name === store.table)!;
  const like = env.rows[store.table]![0]!;
  const id = `${String(like[key]).split('-')[0]}-${contentHash([title, body]).slice(0, 6)}`;
  return {
    ...like,
    [key]: id,
    [store.title]: title,
    [store.body]: body,
    [store.supersedes]: null,
  };
}
