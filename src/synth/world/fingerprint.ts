// The identity of an environment's structure: a Weisfeiler-Lehman hash over the graph of tables, columns,
// references, tools and rules, and the set of tool signatures by which two environments are compared.
// Source: agents reference §6.5.

import { createHash } from 'node:crypto';
import { TABLE_KEYS, Meanings, spellRule, spellTool, type Structured } from './structure.js';

const ROUNDS = 3;

/** A graph as it is being built: labels of nodes, and labelled edges seen from both ends. */
class Graph {
  readonly labels: string[] = [];
  readonly edges: { readonly to: number; readonly label: string }[][] = [];

  node(label: string): number {
    this.labels.push(label);
    this.edges.push([]);
    return this.labels.length - 1;
  }

  edge(from: number, to: number | undefined, label: string): void {
    if (to === undefined) return;
    this.edges[from]!.push({ to, label: `>${label}` });
    this.edges[to]!.push({ to: from, label: `<${label}` });
  }
}

/** Equal for environments that differ in names, theme, seed or rows only. */
export function fingerprint(env: Structured): string {
  const { labels, edges } = graphOf(env);
  let colours = labels.map(colour);
  for (let round = 0; round < ROUNDS; round++) {
    colours = colours.map((own, i) => {
      const around = edges[i]!.map(({ to, label }) => `${label} ${colours[to]!}`).toSorted();
      return colour([own, ...around].join('\n'));
    });
  }
  return hash(colours.toSorted().join('\n'));
}

function graphOf(env: Structured): Graph {
  const meanings = new Meanings(env);
  const graph = new Graph();
  const tables = new Map<string, number>();
  const columns = new Map<string, number>();
  for (const table of env.tables) tables.set(table.name, graph.node('table'));
  for (const table of env.tables) {
    for (const { name, type, meaning, references, nullable, hidden } of table.columns) {
      const marks = `${nullable === true ? ' nullable' : ''}${hidden === true ? ' hidden' : ''}`;
      const node = graph.node(`column ${type} ${meaning}${marks}`);
      columns.set(`${table.name}.${name}`, node);
      graph.edge(tables.get(table.name)!, node, 'has');
      if (references !== undefined) graph.edge(node, tables.get(references), 'refers');
    }
  }
  const tools = new Map<string, number>();
  for (const { name, impl, side } of env.tools) {
    const node = graph.node(`tool ${side} ${spellTool(impl, meanings)}`);
    tools.set(name, node);
    for (const [key, value] of Object.entries(impl)) {
      // A column may be named like a table: only these fields name tables.
      if (TABLE_KEYS.has(key)) graph.edge(node, tables.get(String(value)), key);
    }
    if ('table' in impl && 'returns' in impl) {
      for (const column of impl.returns) {
        graph.edge(node, columns.get(`${impl.table}.${column}`), 'returns');
      }
    }
  }
  for (const rule of env.rules) {
    const node = graph.node(`rule ${spellRule(rule, meanings)}`);
    for (const tool of rule.tools) graph.edge(node, tools.get(tool), 'about');
  }
  return graph;
}

/**
 * What the tools do, by meaning, in words rather than hashes, so that no two are taken for one; the n-th
 * tool of one kind is a signature of its own.
 */
export function toolSignatures(env: Structured): Set<string> {
  const meanings = new Meanings(env);
  const seen = new Map<string, number>();
  const signatures = new Set<string>();
  for (const { impl, side } of env.tools) {
    const spelled = `${side} ${spellTool(impl, meanings)}`;
    const nth = (seen.get(spelled) ?? 0) + 1;
    seen.set(spelled, nth);
    signatures.add(`${spelled} ${nth}`);
  }
  return signatures;
}

/** Jaccard similarity: shared signatures among all. */
export function similarity(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let shared = 0;
  for (const one of a) if (b.has(one)) shared++;
  return shared === 0 ? 0 : shared / (a.size + b.size - shared);
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/**
 * 64 bits of a text, for the colours of a few hundred nodes: enough to keep them apart, and ten times
 * as fast as a digest. Two multiplicative hashes with different constants.
 */
function colour(text: string): string {
  let a = 0x811c9dc5;
  let b = 0x9747b28c;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x5bd1e995);
    b ^= b >>> 15;
  }
  const spread = (value: number): string => (value >>> 0).toString(36);
  return `${spread(a ^ (a >>> 13))}.${spread(b)}`;
}
