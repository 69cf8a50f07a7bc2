// llama.cpp (through node-llama-cpp, a development dependency) as the oracle of the forward pass: it
// loads the same GGUF file and reports raw logits. Everything is kept in f32 on its side as well.

import { getLlama, GgmlType, type Llama, type LlamaModel, type Token } from 'node-llama-cpp';

export class LlamaOracle {
  private constructor(
    private readonly llama: Llama,
    private readonly model: LlamaModel,
  ) {}

  /** @throws Error when node-llama-cpp or its binaries do not load here: parity is then unknown. */
  static async open(modelPath: string): Promise<LlamaOracle> {
    const llama = await getLlama({ build: 'never', gpu: false, logLevel: 'error' as never });
    try {
      return new LlamaOracle(llama, await llama.loadModel({ modelPath, gpuLayers: 0 }));
    } catch (error) {
      await llama.dispose();
      throw error;
    }
  }

  /** Logits after each token of a sequence, [tokens * vocabSize]. */
  async logits(tokens: Int32Array, vocabSize: number): Promise<Float32Array> {
    const context = await this.model.createContext({
      contextSize: Math.ceil(tokens.length / 256) * 256,
      batchSize: 512,
      sequences: 1,
      threads: 1,
      flashAttention: false,
      experimentalKvCacheKeyType: GgmlType.F32,
      experimentalKvCacheValueType: GgmlType.F32,
    });
    try {
      const results = await context
        .getSequence()
        .controlledEvaluate(
          Array.from(tokens, (token) => [
            token as Token,
            { generateNext: { logits: true, options: { temperature: 0 } } },
          ]),
        );
      const out = new Float32Array(tokens.length * vocabSize);
      for (const [i, result] of results.entries()) {
        const logits = result?.next.logits;
        if (logits === undefined) throw new Error(`no logits for token ${i}`);
        for (const [token, value] of logits) out[i * vocabSize + token] = value;
      }
      return out;
    } finally {
      await context.dispose();
    }
  }

  async close(): Promise<void> {
    await this.model.dispose();
    await this.llama.dispose();
  }
}
