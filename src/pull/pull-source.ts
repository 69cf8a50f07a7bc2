// What a person may ask for: a repository of a hub, a file in one, or a URL of a model file. Names that
// come from outside become file names only through safeName.

import { PullError, shownText } from './pull-error.js';

export type HubName = 'hf' | 'ms';

/** Base URLs, which mirrors replace. */
export interface HubEndpoints {
  hf: string;
  ms: string;
}

export const DEFAULT_ENDPOINTS: HubEndpoints = {
  hf: 'https://huggingface.co',
  ms: 'https://modelscope.cn',
};

export type PullSource =
  | {
      kind: 'hub';
      hub: HubName;
      owner: string;
      repo: string;
      revision: string;
      /** A path in the repository; undefined = what fits is found. */
      file: string | undefined;
    }
  | { kind: 'url'; url: URL; file: string };

const REVISION: Record<HubName, string> = { hf: 'main', ms: 'master' };

const FORMS =
  'a source is hf:owner/repo, ms:owner/repo, either with /file.gguf behind it, or an https URL of a ' +
  '.gguf file';

/** @throws PullError `source` */
export function parseSource(text: string, endpoints: HubEndpoints): PullSource {
  const hub = /^(hf|ms):(.*)$/s.exec(text.trim());
  if (hub) return hubSource(hub[1] as HubName, hub[2]!.split('/'), text);
  return urlSource(text.trim(), endpoints);
}

function hubSource(hub: HubName, path: readonly string[], text: string): PullSource {
  const [owner = '', named = '', ...rest] = path;
  const [repo = '', revision = REVISION[hub], ...more] = named.split('@');
  const parts = [owner, repo, revision, ...rest];
  if (more.length > 0 || !parts.every(isSafeName)) throw unknownSource(text);
  return { kind: 'hub', hub, owner, repo, revision, file: rest.join('/') || undefined };
}

/** The address of a page of a hub is taken for what it shows: so its checksums are known. */
function urlSource(text: string, endpoints: HubEndpoints): PullSource {
  if (!URL.canParse(text)) throw unknownSource(text);
  const url = new URL(text);
  for (const hub of ['hf', 'ms'] as const) {
    if (url.origin === new URL(endpoints[hub]).origin) return pageSource(hub, url, text);
  }
  if (!isAllowedUrl(url, url) || url.username !== '' || url.password !== '') {
    throw new PullError(
      'source',
      `${shownText(text)}: only https URLs without a password are pulled`,
    );
  }
  const file = decoded(url.pathname.split('/').at(-1) ?? '', text);
  if (!file.toLowerCase().endsWith('.gguf') || !isSafeName(file)) throw unknownSource(text);
  return { kind: 'url', url, file };
}

function pageSource(hub: HubName, url: URL, text: string): PullSource {
  const path = decoded(url.pathname, text).split('/').filter(Boolean);
  const [owner = '', repo = '', view, revision = REVISION[hub], ...file] =
    hub === 'ms' && path[0] === 'models' ? path.slice(1) : path;
  const isFile = view === 'resolve' || view === 'blob';
  const isRepo = view === undefined || view === 'tree' || view === 'files';
  if (!isFile && !isRepo) throw unknownSource(text);
  return hubSource(hub, [owner, `${repo}@${revision}`, ...(isFile ? file : [])], text);
}

/** @throws PullError for what is not percent-encoded UTF-8 */
function decoded(path: string, text: string): string {
  try {
    return decodeURIComponent(path);
  } catch (error) {
    if (error instanceof URIError) throw unknownSource(text);
    throw error;
  }
}

function unknownSource(text: string): PullError {
  return new PullError('source', `cannot pull ${JSON.stringify(shownText(text))}: ${FORMS}`);
}

/** A name of one file or folder: no separators, nothing hidden, nothing that means another folder. */
export function isSafeName(name: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9._+=-]{0,199}$/.test(name) && !name.endsWith('.');
}

/** https, or plain http on this machine when one began there (a mirror, a test). */
export function isAllowedUrl(url: URL, first: URL): boolean {
  if (url.protocol === 'https:') return true;
  return (
    url.protocol === 'http:' && isLoopback(url) && first.protocol === 'http:' && isLoopback(first)
  );
}

function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}
