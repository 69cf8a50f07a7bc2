// A refusal of the web API with its HTTP status; the message is for the person at the page.

export class WebError extends Error {
  override name = 'WebError';
  constructor(
    readonly status: 400 | 401 | 403 | 404 | 409 | 413 | 429 | 502 | 503,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
