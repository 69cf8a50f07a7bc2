// How a column is spoken of in English where its label is no singular noun: "offered by" becomes "provider",
// "seats" becomes "number of seats". Labels follow the names that tools show, which need not be nouns.
// Chinese labels read well as they are.

import type { Column, TableSpec } from '../world-types.js';

const NOUNS: Readonly<Record<string, string>> = {
  'known as': 'name',
  from: 'origin',
  to: 'destination',
  human: 'person',
  individual: 'person',
  'source text': 'document',
  'delivered by': 'supplier',
  'belongs to': 'base product',
  'kept at': 'storage place',
  'stationed at': 'site',
  where: 'site',
  reserved: 'reserved quantity',
  'held back': 'reserved quantity',
  earmarked: 'reserved quantity',
  available: 'available quantity',
  'units available': 'available quantity',
  'free units': 'available quantity',
  'carried by': 'means of transport',
  'in name of': 'holder',
  starts: 'start',
  begins: 'start',
  ends: 'end',
  finishes: 'end',
  'paid from': 'paying account',
  'paid to': 'receiving account',
  'recorded at': 'time of recording',
  'offered by': 'provider',
  'provided by': 'provider',
  'called by': 'organiser',
  'at meeting': 'meeting',
  'asked by': 'requester',
  opened: 'opening time',
  'opened at': 'opening time',
  'received at': 'time of receipt',
  'given to': 'assignee',
  'carried out by': 'assignee',
  joined: 'joining date',
  'joined on': 'joining date',
  'member since': 'joining date',
  born: 'birth date',
  expires: 'expiry date',
  'valid until': 'expiry date',
  'granted to': 'user',
  'for system': 'system',
  issued: 'issue date',
  dated: 'issue date',
  supersedes: 'predecessor',
  replaces: 'predecessor',
  'in document': 'document',
  'written by': 'author',
  'drafted by': 'author',
  'on line': 'line',
  leaves: 'departure time',
  departs: 'departure time',
  'cost each': 'unit cost',
  'on hand': 'stock level',
  'in store': 'stock level',
  'in assembly': 'assembly',
  'built into': 'assembly',
  'uses part': 'part',
  'subscribed by': 'subscriber',
  used: 'consumption',
  'units used': 'consumption',
  'belongs to owner': 'owner',
  'in hands of': 'owner',
  'warranty until': 'end of the warranty',
  'covered until': 'end of the warranty',
  'measured by': 'sensor',
  'alarm above': 'upper limit',
  'alarm below': 'lower limit',
  'every minutes': 'interval in minutes',
  'decided by': 'approver',
  'in charge': 'approver',
  submitted: 'submission time',
  'handed in': 'submission time',
  'filed at': 'submission time',
  decided: 'decision time',
  'settled at': 'decision time',
  'concerns request': 'request',
  'on request': 'request',
  done: 'action',
  'ordered by': 'customer',
  placed: 'order date',
  'placed on': 'order date',
  'dispatch by': 'delivery method',
  'in order': 'order',
  'lent to': 'borrower',
  'taken by': 'borrower',
  'hours planned': 'planned time in hours',
  'for subscription': 'subscription',
  'on invoice': 'invoice',
  'level of floor': 'floor',
  'sort of': 'kind',
  no: 'number',
  'value moved': 'amount moved',
  points: 'point balance',
  'bonus points': 'bonus point balance',
  credits: 'credit balance',
  funds: 'balance',
  'review points': 'review score',
  'wear points': 'wear score',
  'state points': 'state score',
  'grade points': 'grade score',
  'quality points': 'quality score',
  pieces: 'number of pieces',
  'floor space': 'floor space',
  'area units': 'floor space',
  minutes: 'duration in minutes',
  'duration minutes': 'duration in minutes',
  'distance units': 'distance',
  'weight grams': 'weight in grams',
  places: 'number of places',
  'min units': 'minimum order',
  'notice days': 'notice period in days',
  'cancellation days': 'notice period in days',
  'days of notice': 'notice period in days',
  'lead days': 'lead time in days',
  'days to deliver': 'delivery time in days',
  seats: 'number of seats',
  chairs: 'number of chairs',
  'max jobs': 'job limit',
  years: 'number of years of service',
  'years of service': 'number of years of service',
  pages: 'number of pages',
  sheets: 'number of sheets',
  months: 'number of months',
  'term months': 'term in months',
  'included units': 'included quota',
  hours: 'number of operating hours',
  'operating hours': 'number of operating hours',
  'run hours': 'number of operating hours',
};

const known = new WeakMap<readonly TableSpec[], readonly TableSpec[]>();

/** Tables whose columns are called by nouns, as long as that leaves them apart. */
export function withNouns(tables: readonly TableSpec[]): readonly TableSpec[] {
  let named = known.get(tables);
  if (!named) {
    named = tables.map((table) => ({ ...table, columns: table.columns.map(nounIn(table)) }));
    known.set(tables, named);
  }
  return named;
}

const nounIn =
  ({ columns }: TableSpec) =>
  (column: Column): Column => {
    const en = nounOf(column);
    const isTaken = columns.some(
      (other) => other !== column && (other.label.en === en || nounOf(other) === en),
    );
    return isTaken ? column : { ...column, label: { ...column.label, en } };
  };

/** The noun for a column. What is true or false is quoted, not spoken of, so it keeps its label. */
export function nounOf({ label: { en }, type }: Column): string {
  return type === 'bool' || !Object.hasOwn(NOUNS, en) ? en : NOUNS[en]!;
}
