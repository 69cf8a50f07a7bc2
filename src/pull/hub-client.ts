// HTTP as pulls need it: redirects that stay encrypted, a token that only its hub sees, failures in
// words. Knows no repositories.

import type { Readable } from 'node:stream';
import { EnvHttpProxyAgent, request } from 'undici';
import { PullError, shownText } from './pull-error.js';
import { isAllowedUrl } from './pull-source.js';

export interface HubAnswer {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: Readable;
  /** Where the redirects led. */
  url: URL;
}

export interface HubRequest {
  headers?: Readonly<Record<string, string>>;
  /** Sent to the origin of the first URL and to no other. */
  token?: string | undefined;
  signal: AbortSignal;
}

const MAX_REDIRECTS = 8;
const CONNECT_MS = 30_000;
/** A body that brings nothing for so long is taken for lost. */
const IDLE_MS = 60_000;

/** @throws PullError `network`; the signal's reason */
export async function hubGet(
  first: URL,
  { headers, token, signal }: HubRequest,
): Promise<HubAnswer> {
  let url = first;
  for (let i = 0; i <= MAX_REDIRECTS; i++) {
    const isHome = url.origin === first.origin;
    const answer = await get(url, {
      signal,
      headers: { ...headers, ...(token && isHome && { authorization: `Bearer ${token}` }) },
    });
    const { location } = answer.headers;
    if (![301, 302, 303, 307, 308].includes(answer.status) || typeof location !== 'string') {
      return answer;
    }
    answer.body.resume();
    if (!URL.canParse(location, url.href)) throw badRedirect(url, location);
    const next = new URL(location, url);
    if (!isAllowedUrl(next, first)) throw badRedirect(url, location);
    url = next;
  }
  throw new PullError('network', `${first.origin} redirects without end`);
}

function badRedirect(from: URL, location: string): PullError {
  const to = shownText(location);
  return new PullError('network', `${from.origin} redirects to ${to}, which is not https: refused`);
}

/** As the environment says: HTTPS_PROXY, HTTP_PROXY, NO_PROXY. Made when first needed. */
let dispatcher: EnvHttpProxyAgent | undefined;

async function get(
  url: URL,
  { headers, signal }: { headers: Record<string, string>; signal: AbortSignal },
): Promise<HubAnswer> {
  dispatcher ??= new EnvHttpProxyAgent({ connect: { timeout: CONNECT_MS } });
  try {
    const {
      statusCode,
      headers: answered,
      body,
    } = await request(url, {
      dispatcher,
      signal,
      headers: { 'user-agent': 'hadal', 'accept-encoding': 'identity', ...headers },
      headersTimeout: IDLE_MS,
      bodyTimeout: IDLE_MS,
    });
    return { status: statusCode, headers: answered, body, url };
  } catch (cause) {
    signal.throwIfAborted();
    throw new PullError('network', `cannot reach ${url.origin}: ${reasonOf(cause)}`, { cause });
  }
}

export function reasonOf(error: unknown): string {
  return shownText(error instanceof Error ? error.message || error.name : String(error));
}

const MAX_JSON_BYTES = 32 * 1024 * 1024;

/** @throws PullError `network` for what is not JSON, or too much of it */
export async function readHubJson({ body, url }: HubAnswer): Promise<unknown> {
  const chunks: Buffer[] = [];
  let numBytes = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      numBytes += chunk.length;
      if (numBytes > MAX_JSON_BYTES) throw new Error(`more than ${MAX_JSON_BYTES} bytes`);
      chunks.push(chunk);
    }
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch (cause) {
    const message = `${url.origin} did not answer in JSON: ${reasonOf(cause)}`;
    throw new PullError('network', message, { cause });
  }
}
