// Numbers as serde's messages print them: integers as they are, anything else as Rust displays an
// f64, which knows no exponents and always shows a decimal point.

const MAX_U64 = 2n ** 64n - 1n;
const MIN_I64 = -(2n ** 63n);

/** serde's `Unexpected::Unsigned`, `Signed` and `Float`, for a number as JSON spells it. */
export function unexpectedNumber(text: string): string {
  return isRustInteger(text)
    ? `integer \`${text}\``
    : `floating point \`${rustFloat(Number(text))}\``;
}

/** serde_json reads what no 64-bit integer holds, and a negative zero, as a float. */
function isRustInteger(text: string): boolean {
  if (!/^-?\d+$/.test(text) || text === '-0') return false;
  if (text.length < 19) return true;
  const value = BigInt(text);
  return value >= MIN_I64 && value <= MAX_U64;
}

/** The shortest digits that read back as the value, as in JavaScript, but written out. */
function rustFloat(value: number): string {
  if (Object.is(value, -0)) return '-0.0';
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value)) ?? [];
  const point = whole.length + Number(exponent);
  const digits = whole + fraction;
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  const padded = digits.padEnd(point, '0');
  return `${sign}${padded.slice(0, point)}.${padded.slice(point) || '0'}`;
}
