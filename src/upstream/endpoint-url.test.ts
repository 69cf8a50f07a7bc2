import assert from 'node:assert/strict';
import test from 'node:test';
import { parseEndpointUrl } from './endpoint-url.js';

const CASES: [url: string, apiPath: string, rootPath: string, label: string][] = [
  ['http://gpu:8000', '/v1', '', 'http://gpu:8000'],
  ['http://gpu:8000/', '/v1', '', 'http://gpu:8000'],
  ['http://gpu:8000/v1', '/v1', '', 'http://gpu:8000/v1'],
  ['https://host/engine/v1/', '/engine/v1', '/engine', 'https://host/engine/v1'],
  ['https://host/engine', '/engine/v1', '/engine', 'https://host/engine'],
];

test('with and without /v1, behind a path', () => {
  for (const [url, apiPath, rootPath, label] of CASES) {
    const address = parseEndpointUrl(url);
    assert.deepEqual(
      [address.apiPath, address.rootPath, address.label],
      [apiPath, rootPath, label],
    );
    assert.equal(address.authorization, undefined);
  }
});

test('credentials become a header and are shown nowhere', () => {
  const { authorization, label } = parseEndpointUrl('https://me:s%40cret@host/v1');
  assert.equal(authorization, `Basic ${Buffer.from('me:s@cret').toString('base64')}`);
  assert.equal(label, 'https://host/v1');
});

test('anything else is refused without repeating a password', () => {
  const refused = ['', 'gpu:8000', 'ftp://me:secret@x', 'http://x/v1?key=secret', 'http://x/v1#a'];
  for (const url of [...refused, 'http://x/v1/completions']) {
    assert.throws(
      () => parseEndpointUrl(url),
      (error: Error) => error.name === 'UpstreamConfigError' && !error.message.includes('secret'),
    );
  }
});
