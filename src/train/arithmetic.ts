// Written-out arithmetic: the steps that the model shows while thinking. Every line is produced
// by the same procedure a pupil uses, so each digit depends only on a few digits before it. The
// name of the place before each step tells the model which digit to fetch: a digit inside a number
// cannot see how many digits follow it.

const PLACES = ['ones', 'tens', 'hundreds', 'thousands', 'ten thousands'];

/** Column addition from the right: `ones 7 + 6 = 13, write 3, carry 1.` */
export function additionSteps(a: number, b: number): string {
  const x = [...String(a)].reverse().map(Number);
  const y = [...String(b)].reverse().map(Number);
  const lines: string[] = [];
  let carry = 0;
  for (let i = 0; i < Math.max(x.length, y.length); i++) {
    const digits = [x[i], y[i], carry || undefined].filter((digit) => digit !== undefined);
    const total = digits.reduce((sum, digit) => sum + digit, 0);
    carry = Math.floor(total / 10);
    const left = digits.length > 1 ? `${digits.join(' + ')} = ${total}` : String(total);
    const write = `${PLACES[i]} ${left}, write ${total % 10}`;
    lines.push(carry ? `${write}, carry 1` : write);
  }
  if (carry) lines.push(`${PLACES[lines.length]} write 1`);
  return `${lines.join('. ')}.`;
}

/** Column subtraction with borrowing, for a >= b. */
export function subtractionSteps(a: number, b: number): string {
  const x = [...String(a)].reverse().map(Number);
  const y = [...String(b)].reverse().map(Number);
  const lines: string[] = [];
  let borrow = 0;
  for (let i = 0; i < x.length; i++) {
    const take = [y[i], borrow || undefined].filter((digit) => digit !== undefined);
    const amount = take.reduce((sum, digit) => sum + digit, 0);
    let top = x[i]!;
    const needsBorrow = top < amount;
    if (needsBorrow) top += 10;
    const left = take.length > 0 ? `${top} - ${take.join(' - ')} = ${top - amount}` : String(top);
    lines.push(`${PLACES[i]} ${left}, write ${top - amount}${needsBorrow ? ', borrow 1' : ''}`);
    borrow = needsBorrow ? 1 : 0;
  }
  return `${lines.join('. ')}.`;
}

/** Multiplication by one digit, from the right. */
export function multiplicationSteps(a: number, digit: number): string {
  const x = [...String(a)].reverse().map(Number);
  const lines: string[] = [];
  let carry = 0;
  for (let i = 0; i < x.length; i++) {
    const total = x[i]! * digit + carry;
    const plus = carry ? ` + ${carry}` : '';
    carry = Math.floor(total / 10);
    const isLast = i === x.length - 1;
    const write = isLast ? `write ${total}` : `write ${total % 10}, carry ${carry}`;
    lines.push(`${PLACES[i]} ${x[i]} * ${digit}${plus} = ${total}, ${write}`);
  }
  return `${lines.join('. ')}.`;
}

export function daysInMonth(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}
