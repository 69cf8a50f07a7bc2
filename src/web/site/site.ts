// The built page, from a folder that the build wrote: an application with routes of its own, assets
// whose names change with their content, and the files of an installable app. Everything is read once,
// at the first request; nothing outside the list of that folder is ever opened.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, sep } from 'node:path';
import { PAGE_POLICY, policyOf } from './content-policy.js';

/** Paths that are the application itself: the page decides what they show. */
const APP_PATH =
  /^\/(c\/[\w-]{1,64}|(compare|console|docs|playground|selection|settings|share)(\/.*)?)?$/;

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
};

/** The build writes `x.br` beside every file that gains from it. */
const COMPRESSED = '.br';

const ASSETS = '/assets/';

interface SiteFile {
  body: Buffer;
  compressed: Buffer | undefined;
  etag: string;
}

export class Site {
  readonly #folder: string | undefined;
  readonly #paths: ReadonlySet<string>;
  readonly #files = new Map<string, SiteFile>();

  constructor(folder: string | undefined) {
    this.#folder = folder;
    this.#paths = new Set(folder === undefined ? [] : filesUnder(folder));
  }

  owns(path: string): boolean {
    return this.#paths.has(path) || (APP_PATH.test(path) && this.#paths.has('/index.html'));
  }

  serve(request: IncomingMessage, response: ServerResponse, path: string): void {
    const { method, headers } = request;
    if (method !== 'GET' && method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD', 'content-length': 0 });
      return void response.end();
    }
    const name = this.#paths.has(path) ? path : '/index.html';
    const file = this.#file(name);
    response.setHeader('content-security-policy', policyOf(name));
    if (policyOf(name) === PAGE_POLICY) response.setHeader('x-frame-options', 'DENY');
    response.setHeader('cross-origin-opener-policy', 'same-origin');
    response.setHeader('vary', 'accept-encoding');
    // The frame of diagrams has no origin, so its module scripts are asked for from "elsewhere". They are
    // the same files for everyone, and asked for without cookies.
    if (name.startsWith(ASSETS)) response.setHeader('access-control-allow-origin', '*');
    // Names under /assets/ hold a hash of the content; all others are asked for again.
    const isImmutable = name.startsWith(ASSETS);
    response.setHeader(
      'cache-control',
      isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache',
    );
    response.setHeader('etag', file.etag);
    if (headers['if-none-match'] === file.etag) {
      response.writeHead(304);
      return void response.end();
    }
    response.setHeader('content-type', TYPES[extname(name)] ?? 'application/octet-stream');
    const takesBrotli = /\bbr\b/.test(String(headers['accept-encoding'] ?? ''));
    const compressed = takesBrotli ? file.compressed : undefined;
    if (compressed) response.setHeader('content-encoding', 'br');
    const body = compressed ?? file.body;
    response.writeHead(200, { 'content-length': body.length });
    response.end(method === 'HEAD' ? undefined : body);
  }

  #file(name: string): SiteFile {
    const known = this.#files.get(name);
    if (known) return known;
    const read = (file: string) => readFileSync(join(this.#folder!, file));
    const body = read(name);
    const file: SiteFile = {
      body,
      compressed: this.#paths.has(name + COMPRESSED) ? read(name + COMPRESSED) : undefined,
      etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
    };
    this.#files.set(name, file);
    return file;
  }
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length).split(sep).join('/'));
}
