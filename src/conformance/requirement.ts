// The form of the data under conformance/: requirements, what they send, what they expect, and the
// statements of the contract that they cite. Types only; load-kit.ts checks files against them.

import type { Json, JsonMap } from './json-value.js';
import type { SequenceStep } from './sequence.js';

export type Dialect = 'chat' | 'fim' | 'anthropic' | 'responses' | 'platform';

/** must: documented or observed of the platform; should: recommended; ours: what Hadal adds. */
export type Level = 'must' | 'should' | 'ours';

/** What a target has to have beside an address and a key. */
export type Need =
  /** Replies that a model may or may not give: played by /lab/<scenario>. */
  | 'lab'
  /** A key of another account. */
  | 'second-key'
  /** A key whose balance is used up. */
  | 'empty-key'
  /** A key with the leniency profile `agents`. */
  | 'agents-key';

export interface Statement {
  id: string;
  /** Section of the api reference, e.g. `4.3`. */
  section: string;
  /** Page of the official documentation it is from, where there is one. */
  page?: string;
  /** Our own short wording. */
  statement: string;
  /** Why no requirement can cite it, e.g. not observable over HTTP. */
  excused?: string;
}

export interface Requirement {
  id: string;
  title: string;
  /** Ids of statements. */
  cites: string[];
  level: Level;
  dialect: Dialect;
  needs?: Need;
  /** Lab scenario to run at. Without `needs: "lab"` other targets get the request on the plain path. */
  scenario?: string;
  /** In turn; captures of one can be used as `{{name}}` in the next. */
  steps: Step[];
}

export interface Step {
  request: RequestSpec;
  expect: Expectation;
}

export interface RequestSpec {
  /** Default POST. */
  method?: string;
  /** Default: the dialect's route. */
  path?: string;
  /** Added to the defaults; null removes one. */
  headers?: Record<string, string | null>;
  /** `none` sends no key, `bad` an unknown one, `second` and `agents` those of the options. */
  auth?: 'key' | 'none' | 'bad' | 'second' | 'empty' | 'agents' | 'x-api-key' | 'both';
  /** Fields added to the dialect's smallest valid body; null stays null. */
  with?: JsonMap;
  /** Names of fields left out of it. */
  without?: string[];
  /** Sent as it is, instead of a body made from fields. */
  raw?: string;
}

export interface Expectation {
  status?: number | number[];
  /** By lower-case name; `{"$absent": true}` works. */
  headers?: Record<string, Json>;
  /** Matcher for the body read as JSON. */
  json?: Json;
  /** Matcher for the body as text. */
  text?: Json;
  /** Error message, in the dialect's envelope or, for other servers, as plain text. */
  error?: Json;
  /** OpenAI-style stream: over the JSON of the frames, without `[DONE]`. */
  chunks?: StreamExpectation;
  /** Named events: over `{event, data}`. */
  events?: StreamExpectation;
  /** Comments of the stream that must come before its first frame. */
  keepAlive?: boolean;
  /** The connection must break before the reply is complete. */
  cut?: boolean;
}

export interface StreamExpectation {
  sequence?: SequenceStep[];
  first?: Json;
  last?: Json;
  each?: Json;
  some?: Json;
  /** The message the stream adds up to (joined.ts). */
  joined?: Json;
  /** Top-level members that are equal in all. */
  same?: string[];
}
