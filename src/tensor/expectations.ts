// Checks that throw ShapeError: what the builder says when a call is wrong.

import { describeTensor, ShapeError } from './errors.js';
import type { Tensor } from './types.js';

export function expect(op: string, holds: boolean, seen: string, expected: string): void {
  if (!holds) throw new ShapeError(op, seen, expected);
}

export function expectFinite(op: string, values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values)) {
    expect(op, Number.isFinite(value), `${name} ${value}`, `a finite ${name}`);
  }
}

export function expectK(op: string, a: Tensor, k: number): void {
  const fits = Number.isInteger(k) && k >= 1 && k <= a.shape[0];
  expect(op, fits, `${describeTensor(a)}, k ${k}`, 'an integer k in 1..n0');
}
