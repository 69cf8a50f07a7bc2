// Server-sent events as the OpenAI-style doors frame them (api reference §4.1).

export const SSE_OPEN = 'data: ';
export const SSE_CLOSE = '\n\n';
export const SSE_DONE = 'data: [DONE]\n\n';
/** A comment; may come any time before the first chunk (§8). */
export const SSE_KEEP_ALIVE = ': keep-alive\n\n';

/** How a client and the server's configuration want the usage reported (§4.4). */
export interface UsageOptions {
  /** `stream_options.include_usage`: then every chunk has a `usage` key. */
  includeUsage: boolean;
  /**
   * Where the usage goes. `inline`, on the last chunk, is what the platform sends; `separate`, an
   * extra chunk without choices when asked for, is what its documents and OpenAI describe.
   */
  usageChunk: 'inline' | 'separate';
}
