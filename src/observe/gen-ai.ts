// Names of the OpenTelemetry semantic conventions for generative AI that metrics and spans share.
// (https://github.com/open-telemetry/semantic-conventions-genai; status: development.)

/** `gen_ai.provider.name`: we are no service of the well-known list, so our own name. */
export const PROVIDER = 'hadal';

const OPERATIONS: Readonly<Record<string, string>> = {
  chat: 'chat',
  anthropic: 'chat',
  responses: 'chat',
  fim: 'text_completion',
};

export const DOORS = Object.keys(OPERATIONS);

/** `gen_ai.operation.name` of a door; undefined for a request that generates nothing. */
export function operationOf(door: string | undefined): string | undefined {
  return door === undefined ? undefined : OPERATIONS[door];
}
