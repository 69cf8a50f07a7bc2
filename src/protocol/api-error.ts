// The one error type of the API doors: what went wrong in wire terms. Each dialect serialises it in
// its own shape (errorBody in openai/errors.ts).

export type ApiErrorType =
  | 'invalid_request_error'
  | 'authentication_error'
  | 'rate_limit_error'
  | 'service_unavailable_error'
  | 'internal_error'
  /** What the platform says of an empty balance (api reference §11.2). */
  | 'unknown_error';

export class ApiError extends Error {
  override name = 'ApiError';
  readonly status: number;
  readonly type: ApiErrorType;
  /** Unrelated to the status; on this platform mostly `invalid_request_error`. */
  readonly code: string;
  readonly retryAfterSeconds: number | undefined;
  /** What a client's program reads, in dialects that have a place for it. */
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(
    message: string,
    {
      status = 400,
      type = 'invalid_request_error',
      code = 'invalid_request_error',
      retryAfterSeconds,
      details,
      cause,
    }: {
      status?: number;
      type?: ApiErrorType;
      code?: string;
      retryAfterSeconds?: number;
      details?: Readonly<Record<string, unknown>>;
      cause?: unknown;
    } = {},
  ) {
    super(message, { cause });
    this.status = status;
    this.type = type;
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
    this.details = details;
  }
}
