// Names of tools on their way to the model and back.

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { ToolTable, type ToolOffer } from './tool-table.js';

fc.configureGlobal({ seed: 32 });

function offer(name: string, namespace?: string): ToolOffer {
  return { kind: 'function', name, namespace, description: undefined, parameters: undefined };
}

test('plain names stay, namespaces are joined with two underscores', () => {
  const table = new ToolTable();
  table.add(offer('read'));
  table.add(offer('read', 'fs'));
  table.add(offer('read', 'mcp__fs__'));
  assert.equal(table.flatName('read', undefined), 'read');
  assert.equal(table.flatName('read', 'fs'), 'fs__read');
  assert.equal(table.flatName('read', 'mcp__fs__'), 'mcp__fs__read');
  assert.deepEqual(table.origin('fs__read'), { kind: 'function', name: 'read', namespace: 'fs' });
});

test('a name that nobody offered is a plain function', () => {
  assert.deepEqual(new ToolTable().origin('made_up'), {
    kind: 'function',
    name: 'made_up',
    namespace: undefined,
  });
});

test('the same tool twice is refused', () => {
  const table = new ToolTable();
  table.add(offer('read', 'fs'));
  assert.throws(() => table.add(offer('read', 'fs')), /two tools with the name 'fs\/read'/);
});

test('every offered tool has a name that functions may have, and is found again by it', () => {
  const word = fc.string({ minLength: 1, maxLength: 70 });
  const tool = fc.tuple(fc.constantFrom('a', 'b__c', 'c'), fc.option(word, { nil: undefined }));
  fc.assert(
    fc.property(fc.uniqueArray(tool, { selector: (pair) => JSON.stringify(pair) }), (tools) => {
      const table = new ToolTable();
      for (const [name, namespace] of tools) table.add(offer(name, namespace));
      for (const [name, namespace] of tools) {
        const flat = table.flatName(name, namespace);
        assert.match(flat, /^[a-zA-Z0-9_-]{1,64}$/);
        assert.deepEqual(table.origin(flat), { kind: 'function', name, namespace });
      }
    }),
  );
});
