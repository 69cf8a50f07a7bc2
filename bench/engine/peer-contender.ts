// node-llama-cpp as a contender: its public API, flash attention on (its faster mode for this
// architecture), one sequence, greedy sampling.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  getLlama,
  type Llama,
  type LlamaContext,
  type LlamaContextSequence,
  type LlamaModel,
  type Token,
} from 'node-llama-cpp';

import { FIRST_TOKEN, type About, type Contender, type ContenderOptions } from './contender.js';
import { repeatState } from './peer-state.js';

/** Tokens of a prompt that run together: the library's own default. */
const BATCH_TOKENS = 512;

export class PeerContender implements Contender {
  readonly about: About;
  /** Decoding in progress. */
  private decoding: AsyncGenerator<Token, void> | undefined;

  static async open(options: ContenderOptions): Promise<PeerContender> {
    const { modelPath, threads, contextSize } = options;
    const llama = await getLlama({
      build: 'never',
      gpu: false,
      logLevel: 'error' as never,
      maxThreads: threads,
    });
    const model = await llama.loadModel({ modelPath, gpuLayers: 0 });
    const context = await model.createContext({
      contextSize,
      batchSize: Math.min(BATCH_TOKENS, contextSize),
      sequences: 1,
      threads,
      flashAttention: true,
    });
    return new PeerContender(llama, model, context, context.getSequence());
  }

  private constructor(
    private readonly llama: Llama,
    private readonly model: LlamaModel,
    private readonly context: LlamaContext,
    private readonly sequence: LlamaContextSequence,
  ) {
    const { release } = llama.llamaCppRelease;
    this.about = {
      name: 'node-llama-cpp, flash attention on',
      version: `llama.cpp ${release}`,
      threads: context.currentThreads,
    };
  }

  async prefill(tokens: Int32Array): Promise<void> {
    await this.endDecoding();
    await this.sequence.evaluateWithoutGeneratingNewTokens(Array.from(tokens) as Token[]);
  }

  async step(): Promise<void> {
    this.decoding ??= this.sequence.evaluate([FIRST_TOKEN as Token], {
      temperature: 0,
      yieldEogToken: true,
    });
    const { done } = await this.decoding.next();
    if (done === true) throw new Error('node-llama-cpp gave no token');
  }

  async rewind(length: number): Promise<void> {
    await this.endDecoding();
    const end = this.sequence.nextTokenIndex;
    if (length === 0) await this.sequence.clearHistory();
    else if (length < end) await this.sequence.eraseContextTokenRanges([{ start: length, end }]);
    if (this.sequence.nextTokenIndex !== length) {
      const now = this.sequence.nextTokenIndex;
      throw new Error(`node-llama-cpp went back to ${now} tokens; expected ${length}`);
    }
  }

  async save(path: string): Promise<void> {
    await this.endDecoding();
    await this.sequence.saveStateToFile(path);
  }

  async fill(path: string, length: number): Promise<void> {
    await this.endDecoding();
    const folder = mkdtempSync(join(tmpdir(), 'hadal-bench-state-'));
    try {
      const repeated = join(folder, 'state');
      writeFileSync(repeated, repeatState(readFileSync(path), length));
      await this.sequence.loadStateFromFile(repeated, { acceptRisk: true });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    await this.rewind(length);
  }

  async close(): Promise<void> {
    await this.endDecoding();
    await this.context.dispose();
    await this.model.dispose();
    await this.llama.dispose();
  }

  private async endDecoding(): Promise<void> {
    await this.decoding?.return();
    this.decoding = undefined;
  }
}
