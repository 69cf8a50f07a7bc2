// What a lab scenario is: data that says how a reply, or its failure, is played to a client. The
// server turns failures into its dialects' errors; scenario-backend.ts plays scripts. Neither
// sockets nor API shapes are known here.

import type { Segment } from '../encoding/segments.js';
import type { PromptView } from './prompt-view.js';

/** Answered instead of a reply, before anything is generated. */
export type ScenarioFailure =
  | {
      type: 'error';
      status: 400 | 401 | 402 | 404 | 429 | 500 | 503;
      kind:
        | 'content-risk'
        | 'unauthorized'
        | 'insufficient-balance'
        | 'not-found'
        | 'rate-limit'
        | 'internal'
        | 'overloaded';
      retryAfterSeconds?: number;
    }
  /** Not an answer of this API at all: what a proxy in between may send. */
  | { type: 'foreign'; status: number; contentType: string; body: string }
  /** The connection is closed without a single byte. */
  | { type: 'disconnect' };

export type ScriptEnding =
  /** The model ends its turn. */
  | 'stop'
  /** As if the limit had been reached. */
  | 'length'
  /** The engine dies. */
  | 'engine-lost'
  /** The filter takes the rest away. */
  | 'content-filter'
  /** The connection breaks without an end of any kind. */
  | 'cut';

/** The model's part of one turn. */
export interface Script {
  /** Without the end-of-turn mark; control text as the encoder writes it. */
  completion: readonly Segment[];
  /** The last segment is repeated until the completion has this many tokens. */
  repeatToTokens?: number;
  timing?: {
    beforeFirstMs?: number;
    perTokenMs?: number;
    pause?: { afterTokens: number; ms: number };
  };
  /** Default `stop`. */
  ending?: ScriptEnding;
}

/** A number in the path, after a colon: `/lab/slow-tokens:200/...`. */
export interface ScenarioParameter {
  en: string;
  zh: string;
  default: number;
  min: number;
  max: number;
}

export interface Scenario {
  name: string;
  /** One line each. */
  about: { en: string; zh: string };
  parameter?: ScenarioParameter;
  /** Set: `play` is never asked. */
  failure?: ScenarioFailure;
  /** What to generate for a prompt. Deterministic: the same prompt, the same script. */
  play(prompt: PromptView): Script;
}
