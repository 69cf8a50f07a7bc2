// What the bench asks of an engine: one sequence that can be extended, stepped, cut back, and whose
// cache can be written to a file and laid out again at another length. Two engines stand behind it,
// hadal-contender.ts and peer-contender.ts, each in a process of its own (worker-main.ts). Nothing
// here knows what is measured.

export interface ContenderOptions {
  modelPath: string;
  threads: number;
  /** Tokens that the sequence may become. */
  contextSize: number;
}

export interface About {
  name: string;
  version: string;
  /** Threads that compute. */
  threads: number;
  /** Where fused kernels come from; Hadal only. */
  kernels?: string;
  /** What was measured or chosen at load; Hadal only. */
  notes?: string[];
}

export interface Contender {
  readonly about: About;
  /** Extends the sequence by a piece of prompt, without logits. */
  prefill(tokens: Int32Array): Promise<void>;
  /** Decodes one greedy token, the next after the one before. */
  step(): Promise<void>;
  /** Forgets tokens from `length` on. */
  rewind(length: number): Promise<void>;
  /** Writes the cache of the present sequence to a file. */
  save(path: string): Promise<void>;
  /** Replaces the sequence by one of `length` tokens whose rows are those of a saved one, repeated.
   *  `length` is a multiple of the saved length. */
  fill(path: string, length: number): Promise<void>;
  close(): Promise<void>;
}

/** The token that decoding starts from; any will do. */
export const FIRST_TOKEN = 5;
