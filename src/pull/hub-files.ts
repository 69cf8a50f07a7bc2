// The files of a repository, as the two hubs list them, and where each is to be had. Both hubs tell
// sizes, and SHA-256 sums of all large files.

import { hubGet, readHubJson, type HubAnswer } from './hub-client.js';
import { PullError, shownText } from './pull-error.js';
import type { HubEndpoints, PullSource } from './pull-source.js';

export interface HubFile {
  /** In the repository, with `/`. */
  path: string;
  size: number;
  /** Hex; undefined where the hub gives none. */
  sha256: string | undefined;
  url: URL;
}

export type HubSource = Extract<PullSource, { kind: 'hub' }>;

export interface ListOptions {
  endpoints: HubEndpoints;
  /** For Hugging Face. */
  token: string | undefined;
  signal: AbortSignal;
}

/** @throws PullError */
export function listHubFiles(source: HubSource, options: ListOptions): Promise<HubFile[]> {
  return source.hub === 'hf' ? listHuggingFace(source, options) : listModelScope(source, options);
}

const MAX_PAGES = 100;

async function listHuggingFace(
  source: HubSource,
  { endpoints, token, signal }: ListOptions,
): Promise<HubFile[]> {
  const { owner, repo, revision } = source;
  const base = new URL(endpoints.hf);
  let next: URL | undefined = under(
    base,
    `/api/models/${owner}/${repo}/tree/${revision}?recursive=true`,
  );
  const files: HubFile[] = [];
  for (let page = 0; next && page < MAX_PAGES; page++) {
    const answer: HubAnswer = await hubGet(next, { token, signal });
    if (answer.status !== 200) throw await refusal(answer, source, { base, token });
    for (const entry of asArray(await readHubJson(answer))) {
      const { type, path, size, lfs } = asObject(entry);
      if (type !== 'file' || typeof path !== 'string') continue;
      const large = asObject(lfs);
      files.push({
        path,
        size: asSize(large['size'] ?? size),
        sha256: asSha256(large['oid']),
        url: under(base, `/${owner}/${repo}/resolve/${revision}/${encodePath(path)}`),
      });
    }
    next = nextPage(answer, base);
  }
  return files;
}

async function listModelScope(
  source: HubSource,
  { endpoints, signal }: ListOptions,
): Promise<HubFile[]> {
  const { owner, repo, revision } = source;
  const base = new URL(endpoints.ms);
  const home = `/api/v1/models/${owner}/${repo}/repo`;
  const list = under(base, `${home}/files?Revision=${revision}&Recursive=true`);
  const answer = await hubGet(list, { signal });
  if (answer.status !== 200) throw await refusal(answer, source, { base, token: undefined });
  const { Data } = asObject(await readHubJson(answer));
  return asArray(asObject(Data)['Files']).flatMap((entry) => {
    const { Type, Path, Size, Sha256 } = asObject(entry);
    if (Type === 'tree' || typeof Path !== 'string') return [];
    const query = `Revision=${revision}&FilePath=${encodeURIComponent(Path)}`;
    const url = under(base, `${home}?${query}`);
    return [{ path: Path, size: asSize(Size), sha256: asSha256(Sha256), url }];
  });
}

/** What a hub says when it does not give something. */
export async function refusal(
  { status, body }: HubAnswer,
  { hub, owner, repo, file }: Pick<HubSource, 'hub' | 'owner' | 'repo' | 'file'>,
  { base, token }: { base: URL; token: string | undefined },
): Promise<PullError> {
  body.on('error', () => {}).resume();
  const name = `${hub}:${owner}/${repo}${file === undefined ? '' : `/${file}`}`;
  if (status === 404) return new PullError('not-found', `there is no ${name} at ${base.origin}`);
  if (status === 401 || status === 403) {
    const page = `${base.origin}/${hub === 'ms' ? 'models/' : ''}${owner}/${repo}`;
    if (hub === 'ms') return new PullError('forbidden', `${name} is not public: see ${page}`);
    const remedy = token
      ? `the token in HF_TOKEN may not read it: accept its terms at ${page}, or give another token`
      : `accept its terms at ${page} and set the variable HF_TOKEN to a token that may read it`;
    return new PullError('forbidden', `${name} is gated, private or not there; ${remedy}`);
  }
  return new PullError('network', `${base.origin} answered ${status} for ${name}; try again later`);
}

/** Mirrors may live below a path. */
function under(base: URL, path: string): URL {
  return new URL(base.href.replace(/\/$/, '') + path);
}

function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

function nextPage({ headers: { link } }: HubAnswer, base: URL): URL | undefined {
  const [, target] = /<([^>]+)>\s*;\s*rel="next"/.exec(String(link ?? '')) ?? [];
  if (target === undefined || !URL.canParse(target, base.href)) return undefined;
  const url = new URL(target, base);
  return url.origin === base.origin ? url : undefined;
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function asArray(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  throw new PullError(
    'network',
    `the hub's list of files is ${shownText(typeof value)}, not a list`,
  );
}

function asSize(value: unknown): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  throw new PullError(
    'network',
    `the hub's list of files has a size of ${shownText(String(value))}`,
  );
}

function asSha256(value: unknown): string | undefined {
  const [, hex] = /^(?:sha256:)?([0-9a-f]{64})$/i.exec(String(value)) ?? [];
  return hex?.toLowerCase();
}
