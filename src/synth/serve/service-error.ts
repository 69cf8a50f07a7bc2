// What can be wrong with a request, for every door: HTTP status, a code for programs, words for people.
// Nothing of a task's private part ever goes into the words.

export type ServiceErrorCode =
  | 'bad_request'
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'method_not_allowed'
  | 'not_acceptable'
  | 'too_large'
  | 'too_many_sessions'
  | 'busy'
  | 'no_sandbox'
  | 'damaged_corpus';

const STATUS: Readonly<Record<ServiceErrorCode, number>> = {
  bad_request: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  not_acceptable: 406,
  too_large: 413,
  too_many_sessions: 503,
  busy: 503,
  no_sandbox: 501,
  damaged_corpus: 500,
};

export class ServiceError extends Error {
  override name = 'ServiceError';

  constructor(
    readonly code: ServiceErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  get status(): number {
    return STATUS[this.code];
  }
}

/** What a caller sent, as far as it may be repeated in an answer. */
export function shown(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}
