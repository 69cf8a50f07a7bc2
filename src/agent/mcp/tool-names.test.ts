import assert from 'node:assert/strict';
import test from 'node:test';
import { modelToolNames } from './tool-names.js';

test('names are valid and unique, and built-in tools keep theirs', () => {
  const long = 'l'.repeat(80);
  const names = modelToolNames([
    { server: null, name: 'calculator' },
    { server: 'my files', name: 'read.file' },
    { server: 'my/files', name: 'read file' },
    { server: '文件', name: '' },
    { server: long, name: 'a' },
    { server: long, name: 'b' },
  ]);
  assert.deepEqual(names.slice(0, 4), [
    'calculator',
    'my_files__read_file',
    'my_files__read_file_2',
    '___tool',
  ]);
  assert.equal(new Set(names).size, names.length);
  assert.ok(
    names.every((name) => /^[A-Za-z0-9_-]{1,64}$/.test(name)),
    names.join(),
  );
});
