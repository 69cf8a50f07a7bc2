// Where a control group says what of its file pages can be had again, in both versions.

import assert from 'node:assert/strict';
import { totalmem } from 'node:os';
import test from 'node:test';
import { availableMemory, inactiveFilePages } from './available-memory.js';

const V1 = '9:name=systemd:/\n4:memory:/jobs/7\n2:cpuacct:/\n0::/\n';
const V2 = '0::/system.slice/hadal.service\n';
const TOP = 'anon 5\ninactive_file 1000\nactive_file 7\n';
const SERVICE = 'anon 5\ninactive_file 200\nactive_file 7\n';
const JOB = 'inactive_file 1\ntotal_inactive_file 30\n';

function pages(files: Readonly<Record<string, string>>): number {
  return inactiveFilePages((path) => {
    const text = files[path];
    if (text === undefined) throw new Error(`no ${path}`);
    return text;
  });
}

test('the figures are those of the own group, not of the whole machine', () => {
  const own = '/sys/fs/cgroup/system.slice/hadal.service/memory.stat';
  const files = { '/sys/fs/cgroup/memory.stat': TOP, '/proc/self/cgroup': V2 };
  assert.equal(pages({ ...files, [own]: SERVICE }), 200);
  assert.equal(pages(files), 1000, 'a container sees its group as the top');
  assert.equal(pages({ ...files, '/proc/self/cgroup': '0::/\n' }), 1000);
});

test('version 1 keeps memory in a tree of its own, and counts groups below', () => {
  const files = { '/proc/self/cgroup': V1, '/sys/fs/cgroup/memory.stat': TOP };
  assert.equal(pages({ ...files, '/sys/fs/cgroup/memory/jobs/7/memory.stat': JOB }), 30);
  assert.equal(pages({ ...files, '/sys/fs/cgroup/memory/memory.stat': JOB }), 30);
  assert.equal(pages(files), 0);
});

test('without control groups nothing is added', () => {
  assert.equal(pages({}), 0);
  assert.ok(availableMemory() > 0);
});

test('on macOS, where little is ever free, most of all memory can be had', (t) => {
  t.mock.method(process, 'availableMemory', () => 50 << 20);
  const platform = Object.getOwnPropertyDescriptor(process, 'platform')!;
  Object.defineProperty(process, 'platform', { ...platform, value: 'darwin' });
  t.after(() => Object.defineProperty(process, 'platform', platform));
  assert.equal(availableMemory(), 0.75 * totalmem());
});
