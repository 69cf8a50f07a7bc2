// A device whose graphs leave out one kind of operation: what the kind costs is the difference to the
// whole graph. The result of an operation left out is an input with arbitrary values, so everything
// after it runs as before; what it would have read is kept as an output, so everything before it runs
// too. What such a graph computes means nothing.

import type { GraphBuilder } from '../../src/tensor/graph.js';
import type { CompiledGraph, Device, DeviceTensor, Tensor } from '../../src/tensor/types.js';

/** A call of the graph builder. */
export interface Call {
  op: string;
  args: readonly unknown[];
  /** Name of the weight that is the first argument, if one is. */
  weight: string | undefined;
}

/** Operations that only name other values or say where they lie: they cost nothing. */
const VIEWS = new Set(['reshape', 'view', 'slice', 'permute', 'transpose']);
const SOURCES = new Set(['input', 'use', 'rowTable']);
/** Its results are written into later, which an input cannot be. */
const NEVER = 'fill';

/** An input in the place of a result. */
interface LeftOut {
  name: string;
  tensor: Tensor;
  /** Indices are below this. */
  bound: number;
}

/** @param numRows rows that every token sees: row indices that are made up stay below */
export function leaveOut(
  device: Device,
  isLeftOut: (call: Call) => boolean,
  numRows: number,
): Device {
  return new Proxy(device, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (property !== 'buildGraph') {
        return typeof value === 'function' ? value.bind(target) : value;
      }
      return (build: (g: GraphBuilder) => Readonly<Record<string, Tensor>>): CompiledGraph => {
        let leftOut: LeftOut[] = [];
        const graph = target.buildGraph((g) => {
          const recorder = new Recorder(g, isLeftOut, numRows);
          const results = build(recorder.builder);
          leftOut = recorder.leftOut();
          return { ...results, ...recorder.kept() };
        });
        for (const input of leftOut) fillInput(graph, input);
        return graph;
      };
    },
  });
}

class Recorder {
  /** Results of equal shape share an input. */
  private readonly inputs = new Map<string, LeftOut>();
  readonly builder: GraphBuilder;
  private readonly weights = new Map<unknown, string>();
  /** Views, and what they look at. */
  private readonly bases = new Map<unknown, unknown>();
  private readonly computed = new Set<unknown>();
  private readonly read = new Set<Tensor>();

  constructor(
    private readonly g: GraphBuilder,
    private readonly isLeftOut: (call: Call) => boolean,
    private readonly numRows: number,
  ) {
    this.builder = new Proxy(g, {
      get: (target, property) => {
        const method: unknown = Reflect.get(target, property, target);
        if (typeof method !== 'function') return method;
        const run = (...args: unknown[]): unknown => method.apply(target, args) as unknown;
        return (...args: unknown[]) => this.record(String(property), args, run);
      },
    });
  }

  leftOut(): LeftOut[] {
    return [...this.inputs.values()];
  }

  /** Values that only operations left out would have read. */
  kept(): Record<string, Tensor> {
    return Object.fromEntries([...this.read].map((tensor, i) => [`kept.${i}`, tensor]));
  }

  private record(op: string, args: unknown[], run: (...args: unknown[]) => unknown): unknown {
    const weight = this.weights.get(args[0]);
    const isFree = SOURCES.has(op) || VIEWS.has(op) || op === NEVER;
    if (!isFree && this.isLeftOut({ op, args, weight })) return this.replace(op, args, run);
    const result = run(...args);
    if (op === 'use') {
      const { name } = args[0] as DeviceTensor;
      if (name.endsWith('.weight')) this.weights.set(result, name);
    } else if (VIEWS.has(op)) {
      this.bases.set(result, this.bases.get(args[0]) ?? args[0]);
    } else if (!isFree && result !== undefined) {
      this.computed.add(result);
    }
    return result;
  }

  private replace(op: string, args: unknown[], run: (...args: unknown[]) => unknown): unknown {
    for (const value of [...args, ...args.flatMap(fieldsOf)]) {
      const base = this.bases.get(value) ?? value;
      if (this.computed.has(base)) this.read.add(base as Tensor);
    }
    // Neither writes to row tables nor to caches have a result that is worth anything.
    if (op === 'writeTableRows') return undefined;
    if (op === 'setRows') return args[0];
    if (op === 'copy') return args[1];
    const { dtype, shape } = run(...args) as Tensor; // reached by nothing: only its shape is used
    const bound = op === 'indexTopK' ? this.numRows : ((args[0] as Tensor).shape?.[0] ?? 1);
    const name = `left-out.${dtype}.${shape.join('x')}.${dtype === 'i32' ? bound : ''}`;
    const known = this.inputs.get(name);
    if (known !== undefined) return known.tensor;
    const tensor = this.g.input(name, dtype === 'i32' ? 'i32' : 'f32', shape);
    this.inputs.set(name, { name, tensor, bound });
    return tensor;
  }
}

/** Options of a call may hold tensors. */
function fieldsOf(value: unknown): unknown[] {
  return typeof value === 'object' && value !== null ? Object.values(value) : [];
}

/** Indices that differ within a column and between columns, and floats around zero. */
function fillInput(graph: CompiledGraph, { name, tensor, bound }: LeftOut): void {
  const size = tensor.shape.reduce((product, n) => product * n, 1);
  if (tensor.dtype !== 'i32') {
    graph.write(
      name,
      Float32Array.from({ length: size }, (_, i) => ((i * 37) % 97) / 97 - 0.5),
    );
    return;
  }
  const [width] = tensor.shape;
  const stride = Math.max(1, Math.floor(bound / width));
  const indexOf = (i: number): number => (i % width) * stride + (Math.floor(i / width) % stride);
  graph.write(
    name,
    Int32Array.from({ length: size }, (_, i) => indexOf(i)),
  );
}
