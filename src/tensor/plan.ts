// From the nodes a builder collected to the list a device runs: the nodes that reach an output or
// write to a cache or a row table, in the order in which they were built.

import { GraphNode } from './node.js';
import type { TableNode } from './node.js';

export interface GraphPlan {
  /** Live nodes in building order, inputs and device tensors included. */
  nodes: readonly GraphNode[];
  /** All inputs, also unused ones: writing to them must work. */
  inputs: ReadonlyMap<string, GraphNode>;
  /** Packed nodes with memory of their own. */
  outputs: ReadonlyMap<string, GraphNode>;
  /** All row tables, also unused ones: binding them must work. */
  tables: ReadonlyMap<string, TableNode>;
}

/** Contract: `nodes` is in building order, so every source precedes its users. */
export function planGraph(
  nodes: readonly GraphNode[],
  inputs: ReadonlyMap<string, GraphNode>,
  outputs: ReadonlyMap<string, GraphNode>,
  tables: ReadonlyMap<string, TableNode>,
): GraphPlan {
  const live = new Set<GraphNode>(outputs.values());
  for (let index = nodes.length - 1; index >= 0; index--) {
    const node = nodes[index]!;
    if (!live.has(node) && !writesOutside(node)) continue;
    live.add(node);
    for (const source of node.sources) live.add(source);
  }
  // A write into an intermediate matters to those that read that memory, by whatever window. Keep
  // every write whose memory is read by something live, until nothing changes.
  for (let changed = true; changed;) {
    changed = false;
    const read = new Set<GraphNode>();
    for (const node of live) for (const source of node.sources) read.add(source.base);
    for (const output of outputs.values()) read.add(output.base);
    for (const node of nodes) {
      if (!node.isWrite || live.has(node) || !read.has(node.base)) continue;
      changed = true;
      markWithSources(node, live);
    }
  }
  return { nodes: nodes.filter((node) => live.has(node)), inputs, outputs, tables };
}

function writesOutside(node: GraphNode): boolean {
  if (node.op.kind === 'writeTableRows') return true;
  return node.isWrite && node.base.op.kind === 'deviceTensor';
}

function markWithSources(node: GraphNode, live: Set<GraphNode>): void {
  const pending = [node];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (live.has(next)) continue;
    live.add(next);
    pending.push(...next.sources);
  }
}
