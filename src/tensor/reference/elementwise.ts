// Operations on single elements, and on pairs with b repeating over a.

import type { BinaryName, UnaryName } from '../node.js';
import { forEachRow } from './operand.js';
import type { Operand } from './operand.js';

const UNARY: Readonly<Record<UnaryName, (x: number) => number>> = {
  sqr: (x) => x * x,
  sqrt: Math.sqrt,
  exp: Math.exp,
  neg: (x) => -x,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  silu,
  relu: (x) => (x > 0 ? x : 0),
  step: (x) => (x > 0 ? 1 : 0),
};

const BINARY: Readonly<Record<BinaryName, (x: number, y: number) => number>> = {
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  div: (x, y) => x / y,
};

export function unary(out: Operand, a: Operand, name: UnaryName): void {
  map(out, a, UNARY[name]);
}

export function scale(out: Operand, a: Operand, factor: number, bias: number): void {
  const [f, b] = [Math.fround(factor), Math.fround(bias)];
  map(out, a, (x) => x * f + b);
}

/** NaN becomes `max`, as in ggml. */
export function clamp(out: Operand, a: Operand, min: number, max: number): void {
  map(out, a, (x) => Math.max(x < max ? x : max, min));
}

export function fill(out: Operand, value: number): void {
  const row = new Float32Array(out.rowLength).fill(value);
  forEachRow(out.shape, (i1, i2, i3) => out.setRow(i1, i2, i3, row));
}

export function binary(out: Operand, a: Operand, b: Operand, name: BinaryName): void {
  const apply = BINARY[name];
  const [m0, m1, m2, m3] = b.shape;
  const aScratch = new Float32Array(a.rowLength);
  const bScratch = new Float32Array(m0);
  const result = new Float32Array(out.rowLength);
  forEachRow(out.shape, (i1, i2, i3) => {
    const x = a.row(i1, i2, i3, aScratch);
    const y = b.row(i1 % m1, i2 % m2, i3 % m3, bScratch);
    for (let i = 0; i < result.length; i++) result[i] = apply(x[i]!, y[i % m0]!);
    out.setRow(i1, i2, i3, result);
  });
}

export function swiglu(out: Operand, gate: Operand, up: Operand): void {
  const gateScratch = new Float32Array(out.rowLength);
  const upScratch = new Float32Array(out.rowLength);
  const result = new Float32Array(out.rowLength);
  forEachRow(out.shape, (i1, i2, i3) => {
    const g = gate.row(i1, i2, i3, gateScratch);
    const u = up.row(i1, i2, i3, upScratch);
    for (let i = 0; i < result.length; i++) result[i] = silu(g[i]!) * u[i]!;
    out.setRow(i1, i2, i3, result);
  });
}

function silu(x: number): number {
  return x / (1 + Math.exp(-x));
}

function map(out: Operand, a: Operand, apply: (x: number) => number): void {
  const scratch = new Float32Array(a.rowLength);
  const result = new Float32Array(a.rowLength);
  forEachRow(out.shape, (i1, i2, i3) => {
    const x = a.row(i1, i2, i3, scratch);
    for (let i = 0; i < result.length; i++) result[i] = apply(x[i]!);
    out.setRow(i1, i2, i3, result);
  });
}
