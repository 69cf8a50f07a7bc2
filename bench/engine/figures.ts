// The names of the bench's figures and what is kept of each.

export const CONTEXTS = { '1k': 1024, '4k': 4096, '16k': 16384, '64k': 65536 } as const;

export type ContextName = keyof typeof CONTEXTS;

export const KEYS = [
  'decode_1k',
  'decode_4k',
  'decode_16k',
  'decode_64k',
  'prefill_1k',
  'prefill_4k',
  'prefill_16k',
  'batch8_decode_vs_single',
  'ttft_hit_ram_vs_cold_8k',
  'ttft_hit_disk_vs_cold_8k',
  'mtp_speedup',
] as const;

export type Key = (typeof KEYS)[number];

export interface Figure {
  /** Hadal's. */
  ours: number;
  /** The peer's, or that of Hadal's own baseline. */
  theirs: number;
  /** Speed over speed; for a time to first token, time over time. */
  ratio: number;
  unit: 'tokens/s' | 'ms';
  /** Timed repetitions behind the median. */
  steps: number;
  /** How both were measured. */
  how: string;
}

/** A figure that was asked for and could not be measured. */
export interface NoFigure {
  ratio: null;
  how: string;
}

export type Figures = Partial<Record<Key, Figure | NoFigure>>;
