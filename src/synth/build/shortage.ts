// What is said where a corpus has fewer tasks than were asked for. Gates are never relaxed to reach a
// count, so this is a result like any other; it only must not go unseen.

import type { BuildManifest } from './build-corpus.js';
import { totalOf } from './histogram.js';

/** undefined = everything that was asked for is there. */
export function shortage(manifest: BuildManifest): string | undefined {
  const { asked, reached, gates } = manifest;
  const missing = asked.tasks - reached.tasks;
  if (missing === 0 && reached.environments === asked.environments) return undefined;
  const refused = Object.entries(gates.rejected)
    .toSorted(([, a], [, b]) => b - a)
    .map(([gate, count]) => `${gate} ${count}`);
  const { environments_short: short, environments } = reached;
  return (
    `${missing} of the ${asked.tasks} tasks asked for are missing: in ${short} of ${environments} ` +
    `environments the families found no more that pass the gates ` +
    `(${totalOf(gates.rejected)} candidates refused: ${refused.join(', ') || 'none'}; ` +
    `${gates.dropped} drawn in vain). Gates are not relaxed to reach a count.`
  );
}
