// When a session's cookie counts: only beside our header, only from our own origin.

import assert from 'node:assert/strict';
import test from 'node:test';
import { cookieName, sessionCookie, sessionTokenOf } from './session-cookie.js';

const PORT = 8000;
const TOKEN = 'a'.repeat(43);
const own = {
  host: '127.0.0.1:8000',
  'x-hadal-web': '1',
  cookie: `other=1; ${cookieName(PORT)}=${TOKEN}`,
};

test('the token of our own page is found', () => {
  assert.equal(sessionTokenOf(own, PORT), TOKEN);
  const posted = { ...own, origin: 'http://127.0.0.1:8000', 'sec-fetch-site': 'same-origin' };
  assert.equal(sessionTokenOf(posted, PORT), TOKEN);
  const proxied = { ...own, host: 'chat.example', origin: 'https://chat.example' };
  assert.equal(sessionTokenOf(proxied, PORT), TOKEN);
});

test('a request that another page may have made has no session', () => {
  const { 'x-hadal-web': _header, ...plain } = own;
  const others = [
    plain,
    { ...own, origin: 'http://127.0.0.1:9000' },
    { ...own, origin: 'https://evil.example' },
    { ...own, origin: 'null' },
    { ...own, 'sec-fetch-site': 'same-site' },
    { ...own, 'sec-fetch-site': 'cross-site' },
    { ...own, 'sec-fetch-site': 'none' },
  ];
  for (const headers of others) assert.equal(sessionTokenOf(headers, PORT), undefined);
});

test("another server's cookie, or one that is no token, is none", () => {
  assert.equal(sessionTokenOf(own, 9000), undefined);
  for (const value of ['', 'short', `${TOKEN}b`, 'ä'.repeat(43)]) {
    assert.equal(
      sessionTokenOf({ ...own, cookie: `${cookieName(PORT)}=${value}` }, PORT),
      undefined,
    );
  }
  assert.equal(sessionTokenOf({ host: own.host, 'x-hadal-web': '1' }, PORT), undefined);
});

test('the cookie is out of reach for scripts and other sites, and secure behind https', () => {
  const cookie = sessionCookie(TOKEN, { port: PORT, headers: {} });
  assert.match(
    cookie,
    /^hadal_session_8000=a{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+$/,
  );
  const secure = sessionCookie(TOKEN, { port: PORT, headers: { origin: 'https://x.example' } });
  assert.match(secure, /; Secure$/);
  assert.match(sessionCookie('', { port: PORT, headers: {} }), /_8000=; .*Max-Age=0/);
});
