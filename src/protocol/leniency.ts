// Contract profiles (docs/decisions: contract profiles). The default profile is the platform of
// 2025-12-01, exactly; each named leniency accepts one thing that the platform refuses and that
// today's clients send anyway. A request notes the leniencies that acted on it, and the server
// reports them in the `x-hadal-leniency` response header.

export const LENIENCIES = [
  /** Reasoning lost in a tool loop is put back from the server's vault, or taken as empty. */
  'heal_reasoning',
  /** Role `developer` is read as `system`. */
  'developer_role',
  /** Arrays of text parts as content of assistant and tool messages. */
  'text_parts',
  /** Tool results are moved next to their call. */
  'reorder_tool_results',
  /** `max_tokens` beyond the mode's range is cut to it. */
  'clamp_max_tokens',
  /** `tool_choice` required or named in thinking mode: obeyed without thinking. */
  'forced_tool_choice',
  /** Function `parameters: {}` is a schema without properties. */
  'empty_parameters',
  /** JSON mode without the word "json" in the prompt. */
  'json_word',
  /** An eighth of `max_tokens` is kept for the answer when reasoning would use it up. */
  'reserve_answer',
  /** Images and documents become a text note that they cannot be read. */
  'image_notes',
  /** A `json_schema` response format: the schema goes into the prompt, and nothing enforces it. */
  'schema_in_prompt',
] as const;

export type Leniency = (typeof LENIENCIES)[number];

export const PROFILES = {
  '2025-12-01': [],
  agents: LENIENCIES,
} as const satisfies Record<string, readonly Leniency[]>;

export type ProfileName = keyof typeof PROFILES;

/** What one request may be forgiven, and what it was. */
export class LeniencyLog {
  readonly #allowed: ReadonlySet<Leniency>;
  readonly #applied = new Set<Leniency>();

  constructor(allowed: Iterable<Leniency> = []) {
    this.#allowed = new Set(allowed);
  }

  allows(name: Leniency): boolean {
    return this.#allowed.has(name);
  }

  /** True when the leniency is granted; it then counts as applied. Call it where it acts. */
  apply(name: Leniency): boolean {
    if (!this.#allowed.has(name)) return false;
    this.#applied.add(name);
    return true;
  }

  /** In the order in which they first acted. */
  get applied(): readonly Leniency[] {
    return [...this.#applied];
  }
}
