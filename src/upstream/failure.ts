// What can go wrong between us and an upstream server, as one error type. It says who is to blame,
// because that decides what happens next: another endpoint is tried, this one is taken out of
// rotation, or the request goes back to its sender. Messages hold no keys and no prompt text.

/**
 * - `unreachable`: no connection, cut or silent: the endpoint failed, try another.
 * - `busy`: 429, 502, 503, 504: try another.
 * - `broken`: 500, or bytes that are no completion stream: the endpoint failed, and perhaps because
 *   of this very request, so it is not played through the whole fleet.
 * - `misconfigured`: 401, 403, 404, redirect: nothing will work there until somebody changes it.
 * - `refused`: 400, 413, 422: this request, as we spelled it.
 */
export type FailureKind = 'unreachable' | 'busy' | 'broken' | 'misconfigured' | 'refused';

export class UpstreamFailure extends Error {
  override name = 'UpstreamFailure';
  constructor(
    readonly kind: FailureKind,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  get isRetryable(): boolean {
    return this.kind !== 'refused' && this.kind !== 'broken';
  }
}

/** Upstreams cannot be used as configured: a bad URL, nobody answers, no context length known. */
export class UpstreamConfigError extends Error {
  override name = 'UpstreamConfigError';
}

export function failureOfStatus(status: number, detail: string): UpstreamFailure {
  const message = `answered ${status}${detail === '' ? '' : `: ${detail}`}`;
  if (status >= 300 && status < 400) {
    return new UpstreamFailure('misconfigured', `answered ${status}; redirects are not followed`);
  }
  if ([401, 403, 404, 405].includes(status)) return new UpstreamFailure('misconfigured', message);
  if ([408, 425, 429, 502, 503, 504].includes(status)) return new UpstreamFailure('busy', message);
  if (status >= 400 && status < 500) return new UpstreamFailure('refused', message);
  return new UpstreamFailure('broken', message);
}

export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? `${error.code}: ` : '';
  return `${code}${error.message}`;
}
