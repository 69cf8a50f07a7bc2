// The calculator tool: whole numbers, + - * / % and parentheses, exact. Division must come out even;
// the answer says so otherwise. A parser of a dozen lines instead of an evaluator: the text is a
// model's.

import { fail, succeed, type ToolResult } from './session.js';

const MAX_LENGTH = 500;
const MAX_DEPTH = 50;

export function calculate(expression: string): ToolResult {
  if (expression.length > MAX_LENGTH) return fail('too_long', `at most ${MAX_LENGTH} characters`);
  const tokens = expression.match(/\d+|[-+*/%()]|\S/g) ?? [];
  let at = 0;
  const peek = (): string | undefined => tokens[at];
  const atom = (depth: number): number => {
    const token = tokens[at++];
    if (token === '-') return -atom(depth + 1);
    if (token === '(' && depth < MAX_DEPTH) {
      const value = sum(depth + 1);
      if (tokens[at++] !== ')') throw new BadExpression('a parenthesis is not closed');
      return value;
    }
    if (token === undefined || !/^\d+$/.test(token)) {
      throw new BadExpression(`${token ?? 'the end'} stands where a number is expected`);
    }
    return exact(Number(token));
  };
  const product = (depth: number): number => {
    let value = atom(depth);
    for (let op = peek(); op === '*' || op === '/' || op === '%'; op = peek()) {
      at++;
      value = apply(op, value, atom(depth));
    }
    return value;
  };
  const sum = (depth: number): number => {
    let value = product(depth);
    for (let op = peek(); op === '+' || op === '-'; op = peek()) {
      at++;
      const right = product(depth);
      value = exact(op === '+' ? value + right : value - right);
    }
    return value;
  };
  try {
    const value = sum(0);
    if (at < tokens.length) throw new BadExpression(`${tokens[at]!} is too much`);
    return succeed({ result: value });
  } catch (error) {
    if (error instanceof BadExpression) return fail('bad_expression', error.message);
    throw error;
  }
}

class BadExpression extends Error {}

function apply(op: '*' | '/' | '%', left: number, right: number): number {
  if (op === '*') return exact(left * right);
  if (right === 0) throw new BadExpression('division by zero');
  const rest = left % right;
  if (op === '%') return exact(rest);
  if (rest !== 0) {
    const whole = Math.trunc(left / right);
    throw new BadExpression(`${left} / ${right} is not whole: ${whole}, remainder ${rest}`);
  }
  return exact(left / right);
}

function exact(value: number): number {
  if (!Number.isSafeInteger(value)) throw new BadExpression('the numbers are too large');
  return Object.is(value, -0) ? 0 : value;
}
