// The multi-token-prediction block written down a second time, in plain loops over double-precision
// numbers straight from the model reference (§3-5, §7-10), sharing nothing with the graphs but the
// file reader. Unabsorbed attention, one row after the other: slow and obvious. For small f32 models
// without YaRN, expert groups and softmax gates.

import { configFromGguf } from '../../src/model/config-gguf.js';
import type { ModelConfig } from '../../src/model/config.js';
import { openGguf } from '../../src/model/gguf-reader.js';
import { dequantize } from '../../src/tensor/quantize.js';
import type { DType } from '../../src/tensor/types.js';

type Vector = Float64Array;

/** Reads tensors of one file by name. */
export class OracleWeights {
  readonly config: ModelConfig;
  readonly #tensors = new Map<string, Float32Array>();

  constructor(path: string) {
    const file = openGguf(path);
    try {
      this.config = configFromGguf(file.metadata, path);
      for (const [name, tensor] of file.tensors) {
        this.#tensors.set(name, dequantize(tensor.type as DType, file.readTensor(tensor)));
      }
    } finally {
      file.close();
    }
  }

  has(name: string): boolean {
    return this.#tensors.has(name);
  }

  get(name: string): Float32Array {
    const values = this.#tensors.get(name);
    if (!values) throw new Error(`no tensor ${name}`);
    return values;
  }
}

/**
 * Logits of the block at every row, from position 0 on.
 * @param hidden [hiddenSize] per row: the main model after its final norm
 * @param following the token after each row's position
 */
export function draftLogits(
  weights: OracleWeights,
  hidden: Float32Array,
  following: ArrayLike<number>,
): Vector[] {
  const { config } = weights;
  const { hiddenSize, rmsNormEps: eps } = config;
  const prefix = `blk.${config.numLayers}.`;
  const get = (name: string): Float32Array => weights.get(prefix + name);
  const own = (name: string, main: string): Float32Array =>
    weights.get(weights.has(prefix + name) ? prefix + name : main);
  const embedding = own('nextn.embed_tokens.weight', 'token_embd.weight');
  const states = Array.from({ length: following.length }, (_, row) => {
    const token = following[row]!;
    const embedded = Float64Array.from(
      embedding.subarray(token * hiddenSize, (token + 1) * hiddenSize),
    );
    if (row === 0) embedded.fill(0);
    const e = rmsNorm(embedded, get('nextn.enorm.weight'), eps);
    const h = rmsNorm(
      Float64Array.from(hidden.subarray(row * hiddenSize, (row + 1) * hiddenSize)),
      get('nextn.hnorm.weight'),
      eps,
    );
    return product(get('nextn.eh_proj.weight'), Float64Array.of(...e, ...h));
  });
  const attended = attention(
    states.map((u) => rmsNorm(u, get('attn_norm.weight'), eps)),
    get,
    config,
  );
  return states.map((u, row) => {
    const middle = sum(u, attended[row]!);
    const out = sum(middle, mixture(rmsNorm(middle, get('ffn_norm.weight'), eps), get, config));
    const norm = own('nextn.shared_head_norm.weight', 'output_norm.weight');
    const head = weights.has('output.weight') ? 'output.weight' : 'token_embd.weight';
    return product(own('nextn.shared_head_head.weight', head), rmsNorm(out, norm, eps));
  });
}

type Get = (name: string) => Float32Array;

/** Causal attention with selection; x per row, after the norm. */
function attention(x: Vector[], get: Get, config: ModelConfig): Vector[] {
  const { numHeads, qkNopeHeadDim: nope, qkRopeHeadDim: rope, vHeadDim, kvLoraRank } = config;
  const scale = 1 / Math.sqrt(nope + rope);
  const cq = x.map((row) =>
    rmsNorm(product(get('attn_q_a.weight'), row), get('attn_q_a_norm.weight'), config.rmsNormEps),
  );
  const latents: Vector[] = [];
  const ropeKeys: Vector[] = [];
  for (const [position, row] of x.entries()) {
    const projected = product(get('attn_kv_a_mqa.weight'), row);
    const c = projected.slice(0, kvLoraRank);
    latents.push(rmsNorm(c, get('attn_kv_a_norm.weight'), config.rmsNormEps));
    ropeKeys.push(rotated(projected.slice(kvLoraRank), position, config, 'neighbours'));
  }
  const kept = selection(x, cq, get, config);
  return x.map((_, position) => {
    const q = product(get('attn_q_b.weight'), cq[position]!);
    const joined = new Float64Array(numHeads * vHeadDim);
    for (let head = 0; head < numHeads; head++) {
      const own = q.slice(head * (nope + rope), (head + 1) * (nope + rope));
      const qRope = rotated(own.slice(nope), position, config, 'neighbours');
      const scores = kept[position]!.map((t) => {
        let dot = 0;
        for (let i = 0; i < nope; i++) {
          let key = 0; // k_nope[i] = sum_c W_UK[i, c] c, stored as [nope, kv_lora, heads]
          for (let c = 0; c < kvLoraRank; c++) {
            key += get('attn_k_b.weight')[(head * kvLoraRank + c) * nope + i]! * latents[t]![c]!;
          }
          dot += own[i]! * key;
        }
        for (let i = 0; i < rope; i++) dot += qRope[i]! * ropeKeys[t]![i]!;
        return dot * scale;
      });
      const shares = softmax(scores);
      for (let v = 0; v < vHeadDim; v++) {
        let value = 0;
        for (const [j, t] of kept[position]!.entries()) {
          let own = 0; // v = W_UV c, stored as [kv_lora, v, heads]
          for (let c = 0; c < kvLoraRank; c++) {
            own +=
              get('attn_v_b.weight')[(head * vHeadDim + v) * kvLoraRank + c]! * latents[t]![c]!;
          }
          value += shares[j]! * own;
        }
        joined[head * vHeadDim + v] = value;
      }
    }
    return product(get('attn_output.weight'), joined);
  });
}

/** Positions that each row may look at (§7, §8.1). */
function selection(x: Vector[], cq: Vector[], get: Get, config: ModelConfig): number[][] {
  const { indexer } = config;
  const visible = x.map((_, position) => Array.from({ length: position + 1 }, (_, t) => t));
  if (indexer === null) return visible;
  const { numHeads, headDim, topk } = indexer;
  const keys = x.map((row, position) => {
    const raw = product(get('indexer.attn_k.weight'), row);
    const mean = raw.reduce((a, b) => a + b, 0) / headDim;
    const variance = raw.reduce((a, b) => a + (b - mean) ** 2, 0) / headDim;
    const normed = raw.map(
      (value, i) =>
        ((value - mean) / Math.sqrt(variance + 1e-6)) * get('indexer.k_norm.weight')[i]! +
        get('indexer.k_norm.bias')[i]!,
    );
    return rotated(normed, position, config, 'halves');
  });
  return visible.map((all, position) => {
    const q = product(get('indexer.attn_q_b.weight'), cq[position]!);
    const headWeights = product(get('indexer.proj.weight'), x[position]!);
    const score = new Float64Array(all.length);
    for (let head = 0; head < numHeads; head++) {
      const own = q.slice(head * headDim, (head + 1) * headDim);
      const query = rotated(own, position, config, 'halves');
      for (const t of all) score[t]! += headWeights[head]! * Math.max(0, dot(query, keys[t]!));
    }
    return all.toSorted((a, b) => score[b]! - score[a]! || a - b).slice(0, topk);
  });
}

function mixture(x: Vector, get: Get, { moe }: ModelConfig): Vector {
  if (moe === null) return swiglu(x, get, '', 0);
  const scores = product(get('ffn_gate_inp.weight'), x).map((v) => 1 / (1 + Math.exp(-v)));
  const bias = get('exp_probs_b.bias');
  const chosen = Array.from(scores.keys())
    .toSorted((a, b) => scores[b]! + bias[b]! - scores[a]! - bias[a]!)
    .slice(0, moe.numExpertsPerToken);
  const total = chosen.reduce((a, expert) => a + scores[expert]!, 0);
  let out = swiglu(x, get, '_shexp', 0);
  for (const expert of chosen) {
    const share = (scores[expert]! / total) * moe.routedScalingFactor;
    out = sum(
      out,
      swiglu(x, get, '_exps', expert).map((v) => v * share),
    );
  }
  return out;
}

function swiglu(x: Vector, get: Get, suffix: string, expert: number): Vector {
  const part = (name: string, inputs: number, outputs: number): Float32Array =>
    get(`ffn_${name}${suffix}.weight`).subarray(
      expert * inputs * outputs,
      (expert + 1) * inputs * outputs,
    );
  const numExperts = suffix === '_exps' ? get('ffn_gate_inp.weight').length / x.length : 1;
  const width = get(`ffn_up${suffix}.weight`).length / x.length / numExperts;
  const gate = product(part('gate', x.length, width), x);
  const up = product(part('up', x.length, width), x);
  const inner = gate.map((g, i) => (g / (1 + Math.exp(-g))) * up[i]!);
  return product(part('down', width, x.length), inner);
}

/** Rotates the first (halves) or all (neighbours) dimensions by their position (§5). */
function rotated(
  x: Vector,
  position: number,
  { qkRopeHeadDim, ropeTheta }: ModelConfig,
  pairs: 'neighbours' | 'halves',
): Vector {
  const out = Float64Array.from(x);
  const half = qkRopeHeadDim / 2;
  for (let i = 0; i < half; i++) {
    const angle = position * ropeTheta ** (-i / half);
    const [a, b] = pairs === 'halves' ? [i, i + half] : [2 * i, 2 * i + 1];
    out[a] = x[a]! * Math.cos(angle) - x[b]! * Math.sin(angle);
    out[b] = x[a]! * Math.sin(angle) + x[b]! * Math.cos(angle);
  }
  return out;
}

/** Weights [in, out], fastest dimension first. */
function product(weights: Float32Array, x: Vector): Vector {
  return Float64Array.from({ length: weights.length / x.length }, (_, row) =>
    dot(weights.subarray(row * x.length, (row + 1) * x.length), x),
  );
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < b.length; i++) total += a[i]! * b[i]!;
  return total;
}

function rmsNorm(x: Vector, weight: Float32Array, eps: number): Vector {
  const scale = 1 / Math.sqrt(dot(x, x) / x.length + eps);
  return x.map((value, i) => value * scale * weight[i]!);
}

function sum(a: Vector, b: Vector): Vector {
  return a.map((value, i) => value + b[i]!);
}

function softmax(scores: number[]): number[] {
  const max = Math.max(...scores);
  const weights = scores.map((score) => Math.exp(score - max));
  const total = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / total);
}
