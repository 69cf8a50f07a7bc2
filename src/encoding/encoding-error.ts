// The one error of prompt encoding. Kinds name the rule that failed; the first eleven are the
// reference encoder's own checks, the rest are ours.

export type EncodingErrorKind =
  | 'invalid_thinking_mode'
  | 'message_index_out_of_range'
  | 'developer_without_content'
  | 'tool_without_assistant'
  | 'tool_output_without_tool_call'
  | 'assistant_without_reasoning_or_tool_calls'
  | 'unknown_role'
  | 'arguments_not_json'
  | 'arguments_not_object'
  | 'arguments_not_string'
  | 'missing_field'
  /** Some calls of an assistant message have a result and others do not. */
  | 'tool_call_without_output'
  /** A value has the wrong JSON type. */
  | 'bad_request';

/** These messages cannot become a prompt. */
export class EncodingError extends Error {
  override name = 'EncodingError';
  /** The missing member, for `missing_field`. */
  readonly field?: string;

  constructor(
    readonly kind: EncodingErrorKind,
    message: string,
    options: ErrorOptions & { field?: string } = {},
  ) {
    super(message, options);
    if (options.field !== undefined) this.field = options.field;
  }
}
