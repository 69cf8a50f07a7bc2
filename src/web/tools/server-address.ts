// Which addresses a tool server added in the page may have. The server connects to them from where it
// stands, which may be inside a network that the person at the page cannot reach: so any address is the
// operator's right, and other keys have the origins that the operator allowed.

import { McpConfigError, requireHttpUrl } from '../../agent/mcp/mcp-config.js';
import { WebError } from '../web-error.js';

/** Origins of `--mcp-allow`, checked. @throws McpConfigError */
export function allowedOrigins(texts: readonly string[]): ReadonlySet<string> {
  return new Set(texts.map((text) => requireHttpUrl(text).origin));
}

/** @throws WebError 400, 403 */
export function requireAllowed(
  text: string,
  { isOperator, allowed }: { isOperator: boolean; allowed: ReadonlySet<string> },
): void {
  const url = readUrl(text);
  if (isOperator || allowed.has(url.origin)) return;
  const list = allowed.size === 0 ? 'none so far' : [...allowed].join(', ');
  throw new WebError(
    403,
    `${url.origin} is not among the origins that keys may add tool servers of (${list}): sign in with ` +
      `the administrator key, or let the operator start the server with --mcp-allow ${url.origin}`,
  );
}

function readUrl(text: string): URL {
  try {
    return requireHttpUrl(text);
  } catch (error) {
    if (error instanceof McpConfigError) throw new WebError(400, error.message, { cause: error });
    throw error;
  }
}
