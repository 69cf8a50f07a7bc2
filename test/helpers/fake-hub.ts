// Hugging Face and ModelScope on a free port of this machine, with repositories that a test fills and
// the ways in which a download can go wrong.

import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { until } from './scripted-server.js';

export interface FakeFile {
  bytes: Buffer;
  /** What the list announces in place of the truth. */
  size?: number;
  sha256?: string;
  /** Small files have none on Hugging Face. */
  hasNoSum?: boolean;
}

export interface FakeRequest {
  path: string;
  range: string | undefined;
  authorization: string | undefined;
}

export interface FakeHub {
  url: string;
  /** `owner/repo` -> path -> file */
  repos: Map<string, Map<string, FakeFile>>;
  /** Of files, in order. */
  requests: FakeRequest[];
  /** A token that is needed for everything; undefined = public. */
  gate: string | undefined;
  /** Cuts the connection of the next answers with a file after so many bytes of their bodies, once
   *  the client has them: what lies in its buffers when the line is cut may be lost. */
  cuts: number[];
  /** Bytes of the file that the client says it has. */
  received: number;
  /** Statuses that the next requests for files get, in place of the file. */
  statuses: number[];
  /** Where requests for files are sent first; undefined = answered at once. */
  redirect: ((path: string) => string) | undefined;
  /** Answers a range with the whole file. */
  ignoresRange: boolean;
  /** Waits before each file. */
  beforeFile: (() => Promise<void>) | undefined;
}

export async function startFakeHub(t: TestContext): Promise<FakeHub> {
  const server = createServer((request, response) => void answer(hub, request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const hub: FakeHub = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    repos: new Map(),
    requests: [],
    gate: undefined,
    cuts: [],
    received: 0,
    statuses: [],
    redirect: undefined,
    ignoresRange: false,
    beforeFile: undefined,
  };
  return hub;
}

async function answer(hub: FakeHub, request: IncomingMessage, response: ServerResponse) {
  const url = new URL(request.url!, hub.url);
  const { authorization } = request.headers;
  if (hub.gate !== undefined && authorization !== `Bearer ${hub.gate}`) {
    return void response.writeHead(401).end('{"error":"gated"}');
  }
  const list = /^\/api\/models\/([^/]+\/[^/]+)\/tree\/main$/.exec(url.pathname);
  if (list) return sendHuggingFaceList(hub, list[1]!, { url, response });
  const scope = /^\/api\/v1\/models\/([^/]+\/[^/]+)\/repo(\/files)?$/.exec(url.pathname);
  if (scope?.[2]) return sendModelScopeList(hub, scope[1]!, response);
  const direct = /^\/([^/]+\/[^/]+)\/resolve\/main\/(.+)$/.exec(url.pathname);
  const moved = /^\/cdn\/([^/]+\/[^/]+)\/(.+)$/.exec(url.pathname);
  const repo = (scope ?? direct ?? moved)?.[1] ?? '';
  const path = scope ? url.searchParams.get('FilePath')! : (direct ?? moved)?.[2];
  const file = hub.repos.get(repo)?.get(decodeURIComponent(path ?? ''));
  hub.requests.push({ path: url.pathname, range: request.headers.range, authorization });
  if (!file) return void response.writeHead(404).end();
  if (!moved && hub.redirect) {
    return void response.writeHead(302, { location: hub.redirect(`/cdn/${repo}/${path}`) }).end();
  }
  const status = hub.statuses.shift();
  if (status !== undefined) return void response.writeHead(status).end();
  await hub.beforeFile?.();
  sendFile(hub, file, { range: request.headers.range, response });
}

function sendFile(
  hub: FakeHub,
  { bytes }: FakeFile,
  { range, response }: { range: string | undefined; response: ServerResponse },
): void {
  const [, from] = (hub.ignoresRange ? null : /^bytes=(\d+)-$/.exec(range ?? '')) ?? [];
  const start = Number(from ?? 0);
  if (start > 0 && start >= bytes.length) return void response.writeHead(416).end();
  const body = bytes.subarray(start);
  response.writeHead(from === undefined ? 200 : 206, {
    'content-length': body.length,
    etag: `"${sum(bytes)}"`,
    ...(from !== undefined && {
      'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}`,
    }),
  });
  const cut = hub.cuts.shift();
  if (cut === undefined) return void response.end(body);
  response.flushHeaders();
  if (cut > 0) response.write(body.subarray(0, cut));
  void until(() => hub.received >= start + cut).then(() => response.destroy());
}

/** Two files a page, so that there are pages. */
function sendHuggingFaceList(
  hub: FakeHub,
  repo: string,
  { url, response }: { url: URL; response: ServerResponse },
): void {
  const files = hub.repos.get(repo);
  if (!files) return void response.writeHead(404).end('{"error":"Repository not found"}');
  const all = [...files];
  const start = Number(url.searchParams.get('cursor') ?? 0);
  const page = all.slice(start, start + 2).map(([path, file]) => ({
    type: 'file',
    oid: '0'.repeat(40),
    path,
    size: file.size ?? file.bytes.length,
    ...(!file.hasNoSum && {
      lfs: { oid: file.sha256 ?? sum(file.bytes), size: file.size ?? file.bytes.length },
    }),
  }));
  const next = `${url.origin}${url.pathname}?recursive=true&cursor=${start + 2}`;
  response.writeHead(200, {
    'content-type': 'application/json',
    ...(start + 2 < all.length && { link: `<${next}>; rel="next"` }),
  });
  response.end(JSON.stringify([{ type: 'directory', path: 'folder', size: 0 }, ...page]));
}

function sendModelScopeList(hub: FakeHub, repo: string, response: ServerResponse): void {
  const files = hub.repos.get(repo);
  if (!files) return void response.writeHead(404).end('{"Code":10010205010}');
  const Files = [...files].map(([Path, file]) => ({
    Type: 'blob',
    Path,
    Size: file.size ?? file.bytes.length,
    Sha256: file.sha256 ?? sum(file.bytes),
  }));
  response.end(
    JSON.stringify({ Code: 200, Data: { Files: [{ Type: 'tree', Path: 'x' }, ...Files] } }),
  );
}

export function sum(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
