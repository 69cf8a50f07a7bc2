// Arithmetic expressions by recursive descent: + - * / % ^, parentheses, unary signs, and a few
// functions. No identifiers beyond those, so a model's text can never reach code.

const FUNCTIONS: Record<string, (x: number) => number> = {
  sqrt: Math.sqrt,
  abs: Math.abs,
  round: Math.round,
  floor: Math.floor,
  ceil: Math.ceil,
  ln: Math.log,
  log: Math.log10,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
};
const MAX_LENGTH = 500;
const MAX_DEPTH = 64;

/** Rounds away binary noise: 0.1 + 0.2 prints as 0.3. */
export function tidy(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(12));
}

/**
 * Evaluates `expression`. Throws Error naming the position for anything that is not arithmetic,
 * for a result that is not finite, and for expressions over 500 characters or 64 levels.
 */
export function evaluateExpression(expression: string): number {
  if (expression.length > MAX_LENGTH) {
    throw new Error(`expression has ${expression.length} characters, the limit is ${MAX_LENGTH}`);
  }
  const source = expression
    .replaceAll('×', '*')
    .replaceAll('÷', '/')
    .replaceAll('−', '-')
    .replaceAll('**', '^');
  let at = 0;
  let depth = 0;

  const skip = () => {
    while (source[at] === ' ') at++;
  };
  const fail = (): never => {
    const seen = at < source.length ? `'${source[at]}'` : 'the end';
    throw new Error(`unexpected ${seen} at position ${at + 1} of '${expression}'`);
  };
  const take = (symbols: string): string | undefined => {
    skip();
    const symbol = source[at];
    if (symbol === undefined || !symbols.includes(symbol)) return undefined;
    at++;
    return symbol;
  };

  const sum = (): number => {
    if (++depth > MAX_DEPTH)
      throw new Error(`expression is nested deeper than ${MAX_DEPTH} levels`);
    let value = product();
    for (let op = take('+-'); op; op = take('+-'))
      value = op === '+' ? value + product() : value - product();
    depth--;
    return value;
  };
  const product = (): number => {
    let value = signed();
    for (let op = take('*/%'); op; op = take('*/%')) {
      const right = signed();
      if (op !== '*' && right === 0) throw new Error('division by zero');
      value = op === '*' ? value * right : op === '/' ? value / right : value % right;
    }
    return value;
  };
  const signed = (): number => {
    let sign = 1;
    for (let op = take('+-'); op; op = take('+-')) if (op === '-') sign = -sign;
    return sign * power();
  };
  const power = (): number => {
    const base = atom();
    if (!take('^')) return base;
    if (++depth > MAX_DEPTH)
      throw new Error(`expression is nested deeper than ${MAX_DEPTH} levels`);
    const exponent = signed();
    depth--;
    return base ** exponent;
  };
  const atom = (): number => {
    if (take('(')) {
      const value = sum();
      return take(')') ? value : fail();
    }
    const number = /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?/i.exec(source.slice(at));
    if (number) {
      at += number[0].length;
      return Number(number[0]);
    }
    const word = /^[a-z]+/i.exec(source.slice(at))?.[0].toLowerCase();
    if (word === undefined) return fail();
    if (word === 'pi' || word === 'e') {
      at += word.length;
      return word === 'pi' ? Math.PI : Math.E;
    }
    const apply = Object.hasOwn(FUNCTIONS, word) ? FUNCTIONS[word] : undefined;
    if (!apply) return fail();
    at += word.length;
    if (!take('(')) return fail();
    const value = apply(sum());
    return take(')') ? value : fail();
  };

  const value = sum();
  skip();
  if (at < source.length) fail();
  if (!Number.isFinite(value)) throw new Error(`'${expression}' has no finite value`);
  return tidy(value);
}
