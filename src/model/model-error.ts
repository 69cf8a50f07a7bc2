// The one error of this layer for bad input: a model file, folder, config or option that cannot be
// used. Its message names the file, the field and the value seen, so a CLI can print it as it is.

/** A model file or configuration is malformed, unsupported or inconsistent. */
export class ModelError extends Error {
  override name = 'ModelError';
}

/** Short printable form of an untrusted value for an error message. */
export function showValue(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
