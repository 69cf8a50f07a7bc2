// Sessions of the page against a running server: the ways in, what they open, and who stays out.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import type { SessionInfo, SignIn } from '../../src/web/wire.js';
import { startScripted, type ScriptedServerOptions } from '../helpers/scripted-server.js';

async function start(t: TestContext, options: ScriptedServerOptions = {}) {
  return (await startScripted(t, options)).server;
}

const WEB = { 'x-hadal-web': '1' };

interface Asked {
  method?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

/** Over node:http, for fetch does not let Host, Origin and Sec-Fetch-Site be set. */
function ask(url: string, { method = 'GET', body, headers = {} }: Asked = {}) {
  return new Promise<{ status: number; headers: Record<string, unknown>; text: string }>(
    (resolve, reject) => {
      const content = body === undefined ? {} : { 'content-type': 'application/json' };
      const sent = request(url, { method, headers: { ...content, ...headers } }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => (text += part));
        response.on('end', () =>
          resolve({ status: response.statusCode!, headers: response.headers, text }),
        );
      });
      sent.on('error', reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    },
  );
}

async function signIn(url: string, how: SignIn, headers: Record<string, string> = {}) {
  const answer = await ask(`${url}/web/v1/session`, {
    method: 'POST',
    body: how,
    headers: { ...WEB, ...headers },
  });
  const [line = ''] = (answer.headers['set-cookie'] as string[] | undefined) ?? [];
  return { ...answer, cookie: line.split(';')[0]! };
}

async function sessionOf(url: string, cookie?: string): Promise<SessionInfo> {
  const headers = { ...WEB, ...(cookie !== undefined && { cookie }) };
  return JSON.parse((await ask(`${url}/web/v1/session`, { headers })).text) as SessionInfo;
}

test('a first start lets this machine in, once somebody asks, as user and administrator', async (t) => {
  const { url } = await start(t);
  const before = await sessionOf(url);
  assert.equal(before.signed_in, false);
  assert.equal(before.local_sign_in, true);
  const { status, cookie } = await signIn(url, { local: true });
  assert.equal(status, 204);
  const { key, is_operator: isOperator, local_sign_in: isOffered } = await sessionOf(url, cookie);
  assert.equal(key?.account, 'default');
  assert.match(key!.tail, /^\*{4}\w{4}$/);
  assert.deepEqual([isOperator, isOffered], [true, false]);
});

test('another name of this machine, a proxy, or a given key shuts that door', async (t) => {
  const { url } = await start(t);
  const strangers: Record<string, string>[] = [
    { host: 'evil.example' },
    { 'x-forwarded-for': '1.2.3.4' },
  ];
  for (const headers of strangers) {
    assert.equal((await signIn(url, { local: true }, headers)).status, 403);
  }
  const withKey = await start(t, { apiKey: 'sk-given' });
  assert.equal((await signIn(withKey.url, { local: true })).status, 403);
});

test('a page of another origin can neither sign in nor use a session', async (t) => {
  const { url } = await start(t);
  const foreign: Record<string, string>[] = [
    { origin: 'http://127.0.0.1:1' },
    { 'sec-fetch-site': 'same-site' },
  ];
  for (const headers of foreign) {
    assert.equal((await signIn(url, { local: true }, headers)).status, 403);
  }
  const { cookie } = await signIn(url, { local: true });
  const own = { ...WEB, cookie };
  assert.equal((await ask(`${url}/models`, { headers: own })).status, 200);
  assert.equal((await ask(`${url}/models`, { headers: { cookie } })).status, 401);
  for (const path of ['/models', '/user/balance', '/admin/keys', '/web/v1/catalog']) {
    const headers = { ...own, origin: 'http://127.0.0.1:1' };
    assert.equal((await ask(url + path, { headers })).status, 401, path);
    assert.equal((await ask(url + path, { headers: own })).status, 200, path);
  }
});

test("a user's session does not administer, and administering needs no key", async (t) => {
  const { url, adminKey } = await start(t, { apiKey: 'sk-given' });
  const user = await signIn(url, { key: 'sk-given' });
  const asUser = { ...WEB, cookie: user.cookie };
  assert.equal((await ask(`${url}/admin/keys`, { headers: asUser })).status, 401);
  assert.equal((await ask(`${url}/user/balance`, { headers: asUser })).status, 200);
  const both = await signIn(url, { admin_key: adminKey }, { cookie: user.cookie });
  const asBoth = { ...WEB, cookie: both.cookie };
  assert.equal((await ask(`${url}/admin/keys`, { headers: asBoth })).status, 200);
  assert.equal((await sessionOf(url, both.cookie)).key?.name, 'given at start');
  assert.equal((await sessionOf(url, user.cookie)).signed_in, false, 'the first session has ended');
  const operator = await signIn(url, { key: adminKey });
  assert.equal((await sessionOf(url, operator.cookie)).is_operator, true);
  assert.equal((await sessionOf(url, operator.cookie)).key, null);
});

test('a wrong key, a used link and a revoked key are told apart from a good one', async (t) => {
  const { url, platform, pageUrl } = await start(t, { apiKey: 'sk-given' });
  assert.equal((await signIn(url, { key: 'sk-wrong' })).status, 401);
  assert.equal((await signIn(url, { admin_key: 'sk-given' })).status, 401);
  const ticket = new URL(pageUrl()).hash.replace('#sign-in=', '');
  assert.equal((await signIn(url, { ticket })).status, 204);
  assert.equal((await signIn(url, { ticket })).status, 401);
  const { cookie } = await signIn(url, { key: 'sk-given' });
  const { id } = (await platform.admin.findKey('sk-given'))!;
  await platform.admin.revokeKey(id);
  assert.equal((await sessionOf(url, cookie)).signed_in, false);
  assert.equal((await ask(`${url}/models`, { headers: { ...WEB, cookie } })).status, 401);
});

test('signing out ends the session on the server too', async (t) => {
  const { url } = await start(t);
  const { cookie } = await signIn(url, { local: true });
  const headers = { ...WEB, cookie };
  const answer = await ask(`${url}/web/v1/session`, { method: 'DELETE', headers });
  assert.equal(answer.status, 204);
  assert.match(String(answer.headers['set-cookie']), /Max-Age=0/);
  assert.equal((await ask(`${url}/models`, { headers })).status, 401);
});

test('sessions outlive the server; the right to administer ends with its key', async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'hadal-web-session-'));
  t.after(() => rm(dataDir, { recursive: true, force: true }));
  const first = await start(t, { dataDir });
  const { cookie } = await signIn(first.url, { local: true });
  await first.close();
  const second = await start(t, { dataDir });
  // The port keeps two servers' cookies apart; this one is on another than before.
  const renamed = cookie.replace(/_\d+=/, `_${new URL(second.url).port}=`);
  const info = await sessionOf(second.url, renamed);
  assert.deepEqual([info.signed_in, info.is_operator], [true, false]);
  assert.equal((await sessionOf(second.url)).local_sign_in, false, 'not a first start any more');
});

test('bodies that are no sign-in are refused with a reason', async (t) => {
  const { url } = await start(t);
  for (const body of [{}, { key: 1 }, { key: 'a', local: true }, { local: false }]) {
    const answer = await ask(`${url}/web/v1/session`, { method: 'POST', body, headers: WEB });
    assert.equal(answer.status, 400, JSON.stringify(body));
    assert.match(answer.text, /"message"/);
  }
});
