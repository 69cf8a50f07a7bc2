// A server with the built page and a real browser that looks at it. Everything the page complains
// about (console errors, exceptions, failed requests, violations of its content policy, requests to
// other hosts) is collected, and `finish` fails the test for it.

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import {
  startServer,
  type RunningServer,
  type StartServerOptions,
} from '../../src/server/start-server.js';
import { findChromium } from './find-chromium.js';

export { noBrowser } from './find-chromium.js';

export interface Visit {
  server: RunningServer;
  browser: Browser;
  context: BrowserContext;
  page: Page;
  /** What the page complained about so far. */
  problems: string[];
  /** Problems that match are expected, e.g. the 402 that a test provokes. */
  expectProblem: (pattern: RegExp) => void;
  /** Fails when there were problems that nobody expected. */
  finish: () => void;
}

export interface VisitOptions {
  /** Default: the embedded model, in memory, a first start: the page signs in by itself. */
  server?: StartServerOptions;
  /** A server that runs already; the caller ends it. */
  running?: RunningServer;
  /** Opened at once; undefined = nothing is opened. */
  path?: string;
  language?: 'en' | 'zh';
  colorScheme?: 'light' | 'dark';
  viewport?: { width: number; height: number };
}

export const DESKTOP = { width: 1280, height: 800 };
export const PHONE = { width: 390, height: 844 };

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

/** Waits of a page on a busy machine of two cores. */
const PATIENCE_MS = 30_000;

export async function visit(t: TestContext, options: VisitOptions = {}): Promise<Visit> {
  const { language = 'en', colorScheme = 'light', viewport = DESKTOP, running } = options;
  const server = running ?? (await startServer({ port: 0, ...options.server }));
  if (!running) t.after(() => server.close());
  const browser = await chromium.launch({ executablePath: findChromium()!, args: FLAGS });
  t.after(() => browser.close());
  const context = await browser.newContext({
    viewport,
    colorScheme,
    locale: language === 'zh' ? 'zh-CN' : 'en-US',
    baseURL: server.url,
  });
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: server.url });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const problems = watch(page, server.url);
  const expected: RegExp[] = [];
  if (options.path !== undefined) await page.goto(options.path);
  return {
    server,
    browser,
    context,
    page,
    problems,
    expectProblem: (pattern) => expected.push(pattern),
    finish: () =>
      assert.deepEqual(
        problems.filter((problem) => !expected.some((pattern) => pattern.test(problem))),
        [],
      ),
  };
}

/** Chromium reports violations of the content policy as console errors. */
export function watch(page: Page, ownUrl: string): string[] {
  const problems: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => problems.push(`exception: ${error.stack ?? error.message}`));
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(ownUrl) && !/^(data|blob|about):/.test(url)) {
      problems.push(`request to another host: ${url}`);
    }
  });
  return problems;
}
