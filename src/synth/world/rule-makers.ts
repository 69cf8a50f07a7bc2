// Rules that many modules have, each with its words. Thresholds are drawn per environment; the shape is
// what counts for the structure.

import type { Bilingual } from '../world-types.js';
import {
  absentOr,
  and,
  argument,
  constant,
  count,
  daysBetween,
  eq,
  field,
  ge,
  isIn,
  le,
  lt,
  rowOf,
  rowsOf,
  variable,
  where,
} from './exprs.js';
import { counted, inDays, one } from './english.js';
import type { Kit } from './kit.js';
import { nounOf } from './nouns.js';
import { keyParam } from './read-makers.js';
import type { TableHandle } from './table-handle.js';
import { valueLabel } from './words.js';

const list = (values: readonly string[], language: keyof Bilingual): string =>
  values.map((value) => valueLabel(value)[language]).join(language === 'en' ? ' or ' : '或');

/** No single move of more than a limit. */
export function amountLimit(
  kit: Kit,
  tool: string,
  param: string,
  limit: number,
  what: Bilingual,
): void {
  kit.rule({
    code: `${what.en.replaceAll(' ', '_')}_limit`,
    tools: [tool],
    allows: le(argument(param), constant(limit)),
    text: {
      en: `A single ${what.en} may not exceed ${limit}.`,
      zh: `单次${what.zh}不得超过${limit}。`,
    },
  });
}

/** An optional argument of an update stays under a limit. */
export function valueLimit(
  kit: Kit,
  tool: string,
  table: TableHandle,
  meaning: string,
  limit: number,
): void {
  const label = table.label(meaning);
  kit.rule({
    code: `${meaning}_too_high`,
    tools: [tool],
    allows: absentOr(table.col(meaning), le(argument(table.col(meaning)), constant(limit))),
    text: {
      en: `The ${label.en} of ${one(table.spec.label.en)} may not be set above ${limit}.`,
      zh: `${table.spec.label.zh}的${label.zh}不得设为高于${limit}。`,
    },
  });
}

/** The row that the call is about has one of these values. */
export function onlyWhere(
  kit: Kit,
  tool: string,
  table: TableHandle,
  meaning: string,
  values: readonly string[],
  options: { param?: string; action: Bilingual; fixed?: boolean },
): string {
  const row = rowOf(table.name, argument(options.param ?? keyParam(table)));
  const label = table.label(meaning);
  return kit.rule({
    code: `${tool.replaceAll(/[^a-z]/gi, '_')}_${meaning}`,
    tools: [tool],
    allows: isIn(field(row, table.col(meaning)), values),
    text: {
      en: `To ${options.action.en}, the ${label.en} of the ${table.spec.label.en} must be ${list(values, 'en')}.`,
      zh: `${options.action.zh}时，${table.spec.label.zh}的${label.zh}必须为${list(values, 'zh')}。`,
    },
    ...(options.fixed === true && { fixed: true }),
  });
}

/** The row's flag has this value. */
export function onlyIfFlag(
  kit: Kit,
  tool: string,
  table: TableHandle,
  meaning: string,
  wanted: boolean,
  options: { param?: string; action: Bilingual },
): void {
  const row = rowOf(table.name, argument(options.param ?? keyParam(table)));
  const label = table.label(meaning);
  kit.rule({
    code: `${meaning}_forbids_${options.action.en.replaceAll(/[^a-z]+/g, '_')}`,
    tools: [tool],
    allows: eq(field(row, table.col(meaning)), constant(wanted)),
    text: {
      en: `To ${options.action.en}, "${label.en}" of the ${table.spec.label.en} must be ${wanted ? 'yes' : 'no'}.`,
      zh: `${options.action.zh}时，${table.spec.label.zh}的"${label.zh}"必须为${wanted ? '是' : '否'}。`,
    },
  });
}

/** The day in the row is at least so many days ahead. */
export function notice(
  kit: Kit,
  tool: string,
  table: TableHandle,
  meaning: string,
  days: number,
  action: Bilingual,
): void {
  const row = rowOf(table.name, argument(keyParam(table)));
  kit.rule({
    code: `${table.spec.meaning}_too_late`,
    tools: [tool],
    allows: ge(daysBetween(variable('clock'), field(row, table.col(meaning))), constant(days)),
    text: {
      en: `To ${action.en}, the ${table.spec.label.en} must begin at least ${inDays(days)} from today.`,
      zh: `${action.zh}时，${table.spec.label.zh}的开始日期须至少在${days}天之后。`,
    },
  });
}

/** Both rows of a move agree in a column. */
export function sameOnBothSides(
  kit: Kit,
  tool: string,
  table: TableHandle,
  meaning: string,
  fixed: boolean,
): void {
  const side = (which: string) =>
    field(rowOf(table.name, argument(`${which}_${table.name}_id`)), table.col(meaning));
  const label = table.label(meaning);
  kit.rule({
    code: `different_${meaning}`,
    tools: [tool],
    allows: eq(side('from'), side('to')),
    text: {
      en: `Both ${table.spec.label.en} rows of a move must have the same ${label.en}.`,
      zh: `转移双方的${table.spec.label.zh}必须${label.zh}相同。`,
    },
    fixed,
  });
}

/** One owner has fewer than so many rows in these states. */
export function atMost(
  kit: Kit,
  tool: string,
  table: TableHandle,
  owner: string,
  states: readonly string[],
  limit: number,
): void {
  const column = table.col(owner);
  const own = where(
    rowsOf(table.name),
    'one',
    and(
      eq(field(variable('one'), column), argument(column)),
      isIn(field(variable('one'), table.col('status')), states),
    ),
  );
  const label = {
    en: nounOf(table.spec.columns.find(({ name }) => name === column)!),
    zh: table.label(owner).zh,
  };
  kit.rule({
    code: `too_many_${table.spec.meaning}`,
    tools: [tool],
    allows: lt(count(own), constant(limit)),
    text: {
      en: `One ${counted(label.en)} may have at most ${limit} ${table.spec.label.en} rows that are ${list(states, 'en')}.`,
      zh: `同一${label.zh}最多可有${limit}条状态为${list(states, 'zh')}的${table.spec.label.zh}。`,
    },
  });
}
