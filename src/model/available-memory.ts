// How much memory this process may still take. Under a limit of its control group the system counts
// the group's file pages as taken, among them those of the model file that was just read or copied
// here; what of them is not in use can be had again.

import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';

const GROUP_STATISTICS = '/sys/fs/cgroup/memory.stat';

/** In bytes, for what cannot be taken back. */
export function availableMemory(): number {
  const limit = process.constrainedMemory();
  const available = process.availableMemory();
  if (limit === 0 || limit >= totalmem()) return available;
  return Math.min(limit, available + inactiveFilePages());
}

function inactiveFilePages(): number {
  try {
    const [, bytes] = /^inactive_file (\d+)$/m.exec(readFileSync(GROUP_STATISTICS, 'utf8')) ?? [];
    return Number(bytes ?? 0);
  } catch {
    return 0; // another version of control groups, or none of its files here
  }
}
