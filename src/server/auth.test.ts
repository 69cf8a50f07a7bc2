// Reading the key out of either dialect's headers, and the documented texts of refusal.

import assert from 'node:assert/strict';
import test from 'node:test';
import { ApiError } from '../protocol/api-error.js';
import { PlatformUnavailableError, type Platform, type Principal } from '../store/types.js';
import { authenticate } from './auth.js';
import { toApiError } from './chat-failure.js';

const principal: Principal = {
  keyId: 'key',
  accountId: 'account',
  tenant: 'account',
  profile: undefined,
  leniencies: [],
  maxConcurrency: undefined,
  canSpend: true,
};

function platformWith(identify: Platform['identify']): Platform {
  return { identify } as Platform;
}

const platform = platformWith(async (key) => (key === 'sk-right' ? principal : undefined));

test('a key in any of the three forms is found', async () => {
  for (const headers of [
    { authorization: 'Bearer sk-right' },
    { authorization: 'bearer  sk-right ' },
    { 'x-api-key': 'sk-right' },
    { 'x-api-key': 'sk-right', authorization: 'Bearer sk-right' },
    { 'x-api-key': '', authorization: 'Bearer sk-right' },
  ]) {
    assert.equal(await authenticate(headers, platform, 'either'), principal);
  }
});

test('on the OpenAI-style routes only the bearer token counts; of two keys elsewhere either', async () => {
  const both = { 'x-api-key': 'sk-other', authorization: 'Bearer sk-right' };
  assert.equal(await authenticate(both, platform, 'authorization'), principal);
  assert.equal(await authenticate(both, platform, 'either'), principal);
  await assert.rejects(
    authenticate({ 'x-api-key': 'sk-right' }, platform, 'authorization'),
    /governor/,
  );
});

test('refusals have the documented texts and show four characters at most', async () => {
  const cases: [headers: Record<string, string>, message: string][] = [
    [{}, 'Authentication Fails (governor)'],
    [
      { authorization: 'Basic abc' },
      'Authentication Fails (auth header format should be Bearer sk-...)',
    ],
    [
      { authorization: 'Bearer right' },
      'Authentication Fails (auth header format should be Bearer sk-...)',
    ],
    [{ 'x-api-key': 'sk-abcdefgh' }, 'Authentication Fails, Your api key: ****efgh is invalid'],
  ];
  for (const [headers, message] of cases) {
    await assert.rejects(
      authenticate(headers, platform, 'either'),
      (error) => error instanceof ApiError && error.status === 401 && error.message === message,
    );
  }
});

test('a database that is away is 503 and not 401', async () => {
  const away = platformWith(async () => {
    throw new PlatformUnavailableError('gone');
  });
  await assert.rejects(
    authenticate({ authorization: 'Bearer sk-right' }, away, 'authorization'),
    (error) => toApiError(error).status === 503,
  );
});
