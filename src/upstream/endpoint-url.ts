// From the URL a person typed to the addresses that are asked. Credentials in the URL become a
// header and never appear again: `label` is what logs, metrics and the status page may show.

import { UpstreamConfigError } from './failure.js';

export interface EndpointAddress {
  /** Scheme, host and port. */
  origin: string;
  /** Without a trailing slash, without `/v1`: where `/health` and `/props` live. */
  rootPath: string;
  /** Where `/completions` and `/models` live. */
  apiPath: string;
  /** For people: no credentials. */
  label: string;
  /** Authorization header of credentials inside the URL. */
  authorization: string | undefined;
}

/** @throws UpstreamConfigError for anything but a plain http(s) base URL. */
export function parseEndpointUrl(url: string): EndpointAddress {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !['http:', 'https:'].includes(parsed.protocol)) {
    // The text may hold a password, so it is not repeated.
    throw new UpstreamConfigError('an upstream URL must look like http://host:port or .../v1');
  }
  if (parsed.search !== '' || parsed.hash !== '') {
    throw new UpstreamConfigError(`${parsed.host}: an upstream URL takes no query and no fragment`);
  }
  const path = parsed.pathname.replace(/\/+$/, '');
  if (path.endsWith('/completions')) {
    throw new UpstreamConfigError(`${parsed.host}${path}: give the base URL, without /completions`);
  }
  const rootPath = path.replace(/\/v1$/, '');
  return {
    origin: parsed.origin,
    rootPath,
    apiPath: `${rootPath}/v1`,
    label: `${parsed.origin}${path}`,
    authorization: basicAuthorization(parsed),
  };
}

function basicAuthorization({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}
