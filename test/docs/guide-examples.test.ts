// The examples of docs/guide and of the API pages, run against the embedded model: every curl command is answered with
// success, and every TypeScript program of guide-programs/ (which the build type-checks, and which is the
// page's text) ends well.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import test, { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { packageFile } from '../../src/package-root.js';
import { startServer, type RunningServer } from '../../src/server/start-server.js';
import { codeBlocks, curlRequest, GUIDE_PAGES, guidePage } from './guide-pages.js';

let server: RunningServer;
before(async () => {
  server = await startServer({ port: 0, log: () => {}, otlp: null });
});
after(() => server.close());

for (const slug of GUIDE_PAGES) {
  const blocks = codeBlocks(guidePage(slug, 'en'));
  const requests = blocks.flatMap(({ language, text }) =>
    language === 'sh' ? (curlRequest(text) ?? []) : [],
  );
  if (requests.length > 0) {
    test(`docs/${slug}: every curl command is answered`, async () => {
      for (const { path, headers, body } of requests) {
        const response = await fetch(server.url + path, {
          method: body === undefined ? 'GET' : 'POST',
          headers: Object.fromEntries(
            Object.entries(headers).map(([name, value]) => [
              name,
              value.replace('$HADAL_API_KEY', server.apiKey!),
            ]),
          ),
          ...(body !== undefined && { body }),
        });
        assert.ok(response.ok, `${path}: ${response.status} ${await response.clone().text()}`);
        await response.arrayBuffer();
      }
    });
  }

  if (!slug.startsWith('guide/')) continue;
  const program = blocks.filter(({ language }) => language === 'ts').map(({ text }) => text);
  if (program.length === 0) continue;
  test(`docs/${slug}: the TypeScript of the page runs`, async () => {
    const source = packageFile(`test/docs/${programOf(slug)}.ts`);
    assert.ok(existsSync(source), `${source} holds the code of the page`);
    assert.equal(program.join('\n'), readFileSync(source, 'utf8'));
    const compiled = fileURLToPath(new URL(`${programOf(slug)}.js`, import.meta.url));
    const text = readFileSync(compiled, 'utf8').replaceAll('http://127.0.0.1:8000', server.url);
    const child = spawn(process.execPath, ['--input-type=module'], {
      cwd: packageFile('.'),
      env: { ...process.env, HADAL_API_KEY: server.apiKey! },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk));
    child.stdin.end(text);
    const [code] = (await once(child, 'close')) as [number];
    assert.equal(code, 0, output);
    assert.notEqual(output.trim(), '');
  });
}

function programOf(slug: string): string {
  return slug.replace(/^guide/, 'guide-programs');
}
