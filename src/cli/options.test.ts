// Sizes as people write and read them.

import assert from 'node:assert/strict';
import test from 'node:test';
import { InvalidArgumentError } from 'commander';
import { byteSize, shownBytes } from './options.js';

test('sizes are read in units of 1024, anything else is wrong usage', () => {
  const sizes = {
    '0': 0,
    '123': 123,
    '4k': 4096,
    '512M': 512 * 1024 ** 2,
    '1.5GiB': 1.5 * 1024 ** 3,
  };
  for (const [text, bytes] of Object.entries(sizes)) assert.equal(byteSize(text), bytes);
  for (const text of ['', '-1', 'M', '1e3', '4 G', '1x', 'Infinity', '9999999T']) {
    assert.throws(() => byteSize(text), InvalidArgumentError, text);
  }
});

test('sizes are shown in the largest unit that fits', () => {
  const shown = { 0: '0 bytes', 1023: '1023 bytes', 1024: '1.0 KiB', 1610612736: '1.5 GiB' };
  for (const [bytes, text] of Object.entries(shown)) assert.equal(shownBytes(Number(bytes)), text);
});
