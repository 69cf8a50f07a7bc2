// Numbers within bounds, and multiples, as automata over their decimal digits. Plain notation only:
// no exponent, no leading zeros, no minus zero among integers. Digits are taken from the left; a
// state knows whether the digits so far equal those of a bound, and what is missing to a multiple.

import type { Automaton } from './automaton.js';
import { AutomatonBuilder, AutomatonTooLargeError } from './automaton-builder.js';
import { highestUnits, lowestUnits, negate, tenTo, type Bound, type Decimal } from './decimal.js';
import { rangesOf, unite, type CharRange } from './char-ranges.js';

export interface NumberLimits {
  isInteger: boolean;
  min?: Bound;
  max?: Bound;
  multipleOf?: Decimal;
}

/** Digits before the point where nothing bounds them: what a double holds exactly. */
const MAX_DIGITS = 15;
const MAX_DECIMALS = 12;
/** Decimals that may follow those the bounds need. */
const FREE_DECIMALS = 8;

/** undefined: no number fits, or the limits are beyond what an automaton should hold. */
export function numberAutomaton(limits: NumberLimits): Automaton | undefined {
  try {
    return new NumberWriter(limits).write();
  } catch (error) {
    if (error instanceof AutomatonTooLargeError) return undefined;
    throw error;
  }
}

/** Magnitudes of one sign at one scale, in units of `10^-scale`, both ends inside. */
interface Span {
  low: bigint;
  high: bigint;
  scale: number;
  /** What the magnitudes must be multiples of. */
  step: bigint;
  /** Decimals that may follow freely; with them at least one must. */
  numFree: number;
}

const ZERO: Bound = { at: { units: 0n, scale: 0 }, isExclusive: false };
const FAR: Bound = { at: { units: tenTo(MAX_DIGITS) - 1n, scale: 0 }, isExclusive: false };

class NumberWriter {
  readonly #builder = new AutomatonBuilder();
  readonly #end = this.#builder.state();
  readonly #states = new Map<string, number>();
  readonly #limits: NumberLimits;

  constructor(limits: NumberLimits) {
    this.#limits = limits;
  }

  write(): Automaton | undefined {
    const { min, max } = this.#limits;
    const start = this.#builder.state();
    const minus = this.#builder.state();
    this.#builder.edge(start, rangesOf('-'), minus);
    const isBelowZero = min === undefined || min.at.units < 0n;
    const isAboveZero = max === undefined || max.at.units >= 0n;
    if (isAboveZero) {
      this.#magnitudes(start, min && !isBelowZero ? min : ZERO, max ?? widest(min), false);
    }
    if (isBelowZero) {
      const low = max && max.at.units <= 0n ? negate(max) : ZERO;
      this.#magnitudes(minus, low, min ? negate(min) : widest(max && negate(max)), true);
    }
    const automaton = this.#builder.finish({ start, end: this.#end });
    return automaton.edges.length > 1 ? automaton : undefined;
  }

  #magnitudes(from: number, low: Bound, high: Bound, isNegative: boolean): void {
    const { isInteger, multipleOf } = this.#limits;
    const isExclusive = low.isExclusive || high.isExclusive;
    const needed = Math.max(low.at.scale, high.at.scale, multipleOf?.scale ?? 0);
    if (needed > MAX_DECIMALS) throw new AutomatonTooLargeError();
    const scale = isInteger ? 0 : multipleOf ? multipleOf.scale : needed + (isExclusive ? 1 : 0);
    for (let decimals = 0; decimals <= scale; decimals++) {
      const span = {
        low: lowestUnits(low, decimals),
        high: highestUnits(high, decimals),
        scale: decimals,
        step: stepAt(multipleOf, decimals),
        numFree: 0,
      };
      // "-0" is a number, but no reader expects it.
      if (isNegative && span.low === 0n) span.low = 1n;
      this.#span(from, span);
    }
    if (isInteger || multipleOf) return;
    // What has all decimals that the bounds have, and lies a unit below the upper one, may go on.
    const span = {
      low: lowestUnits(low, scale),
      high: highestUnits({ at: high.at, isExclusive: false }, scale) - 1n,
      scale,
      step: 1n,
      numFree: isExclusive ? freeDecimals(high, scale) : FREE_DECIMALS,
    };
    if (span.numFree > 0) this.#span(from, span);
  }

  #span(from: number, span: Span): void {
    const { low, high, scale } = span;
    if (low > high) return;
    const least = Math.max(digitsOf(low), scale + 1);
    const most = Math.max(digitsOf(high), scale + 1);
    for (let length = least; length <= most; length++) {
      const first = length > scale + 1 ? tenTo(length - 1) : 0n;
      const last = tenTo(length) - 1n;
      const digits = new DigitSpan(span, {
        low: padded(low > first ? low : first, length),
        high: padded(high < last ? high : last, length),
      });
      this.#builder.silent(from, this.#state(digits, 0, 0n, true, true));
    }
  }

  /**
   * The state before digit `at`. `missing` is what the digits so far amount to, modulo the step, if
   * zeros follow.
   */
  #state(span: DigitSpan, at: number, missing: bigint, onLow: boolean, onHigh: boolean): number {
    const isOnLow = onLow && !/^0*$/.test(span.low.slice(at));
    const isOnHigh = onHigh && !/^9*$/.test(span.high.slice(at));
    const key = span.keyOf(at, missing, isOnLow, isOnHigh);
    const known = this.#states.get(key);
    if (known !== undefined) return known;
    const state = this.#builder.state();
    this.#states.set(key, state);
    if (at === span.length) {
      if (missing === 0n) this.#builder.silent(state, this.#afterDigits(span.span));
      return state;
    }
    const needsPoint = span.span.scale > 0 && span.length - at === span.span.scale;
    const before = needsPoint ? this.#builder.state() : state;
    if (needsPoint) this.#builder.edge(state, rangesOf('.'), before);
    this.#digitEdges(before, span, at, missing, isOnLow, isOnHigh);
    return state;
  }

  #digitEdges(
    from: number,
    span: DigitSpan,
    at: number,
    missing: bigint,
    onLow: boolean,
    onHigh: boolean,
  ): void {
    const low = onLow ? Number(span.low[at]) : 0;
    const high = onHigh ? Number(span.high[at]) : 9;
    const weight = tenTo(span.length - at - 1);
    const { step } = span.span;
    const digitsByTarget = new Map<number, CharRange[]>();
    for (let digit = low; digit <= high; digit++) {
      const rest = (missing + BigInt(digit) * weight) % step;
      if (step > 1n && rest !== 0n && step - rest >= weight) continue; // no digits can make that up
      const to = this.#state(span, at + 1, rest, onLow && digit === low, onHigh && digit === high);
      const code = 0x30 + digit;
      digitsByTarget.set(to, [...(digitsByTarget.get(to) ?? []), [code, code]]);
    }
    for (const [to, digits] of digitsByTarget) this.#builder.edge(from, unite(digits), to);
  }

  #afterDigits({ scale, numFree }: Span): number {
    if (numFree === 0) return this.#end;
    const key = `free ${scale} ${numFree}`;
    const known = this.#states.get(key);
    if (known !== undefined) return known;
    const digit = () => this.#builder.char([[0x30, 0x39]]);
    const digits = this.#builder.repeat(digit, 1, numFree);
    const parts = scale === 0 ? [this.#builder.char(rangesOf('.')), digits] : [digits];
    const { start, end } = this.#builder.sequence(parts);
    this.#builder.silent(end, this.#end);
    this.#states.set(key, start);
    return start;
  }
}

/** The digits of a span's ends, all of one length. */
class DigitSpan {
  readonly low: string;
  readonly high: string;

  constructor(
    readonly span: Span,
    { low, high }: { low: string; high: string },
  ) {
    this.low = low;
    this.high = high;
  }

  get length(): number {
    return this.low.length;
  }

  /** States away from both bounds are the same for all lengths. */
  keyOf(at: number, missing: bigint, onLow: boolean, onHigh: boolean): string {
    const { scale, step, numFree } = this.span;
    const ends = `${onLow ? this.low.slice(at) : ''}/${onHigh ? this.high.slice(at) : ''}`;
    const left = this.length - at;
    // The first digits of numbers of several lengths differ: no zero may lead.
    const isFirst = at === 0 ? `first ${this.low} ${this.high}` : '';
    return `${scale} ${step} ${numFree} ${left} ${missing} ${ends} ${isFirst}`;
  }
}

function digitsOf(value: bigint): number {
  return value.toString().length;
}

function padded(value: bigint, length: number): string {
  return value.toString().padStart(length, '0');
}

/** Without a bound on this side: far, and still beyond the other one. */
function widest(other: Bound | undefined): Bound {
  const { units, scale } = other?.at ?? FAR.at;
  const whole = units / tenTo(scale);
  return whole * 10n > FAR.at.units
    ? { at: { units: whole * 10n, scale: 0 }, isExclusive: false }
    : FAR;
}

/** Multiples of `multipleOf` that have at most `decimals` decimals, in units of the last. */
function stepAt(multipleOf: Decimal | undefined, decimals: number): bigint {
  if (!multipleOf) return 1n;
  const { units, scale } = multipleOf;
  if (decimals >= scale) return units * tenTo(decimals - scale);
  return units / greatestCommonDivisor(units, tenTo(scale - decimals));
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  return b === 0n ? a : greatestCommonDivisor(b, a % b);
}

/** Few enough that no text below an exclusive bound rounds to it. */
function freeDecimals({ at }: Bound, scale: number): number {
  const digits = digitsOf(at.units < 0n ? -at.units : at.units) - at.scale + scale;
  return Math.max(0, Math.min(FREE_DECIMALS, MAX_DIGITS - digits));
}
