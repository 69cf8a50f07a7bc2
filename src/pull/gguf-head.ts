// The first bytes of a GGUF file, looked at while it is being downloaded, so that hundreds of gigabytes
// of something else are never fetched. The whole header is checked when the file is there.

import { PullError, shownText } from './pull-error.js';

/** Enough for the magic and the first metadata entry, which names the architecture by convention. */
export const HEAD_BYTES = 256;

const FIRST_KEY = 'general.architecture';
const STRING_TYPE = 8;

/** @throws PullError `corrupt` for what is not GGUF, or of an architecture that is not in the list */
export function checkGgufHead(head: Buffer, architectures: readonly string[], name: string): void {
  if (head.toString('latin1', 0, 4) !== 'GGUF') {
    throw new PullError('corrupt', `${name} is not a GGUF file: it begins with ${quoted(head)}`);
  }
  const architecture = architectureOf(head);
  if (architecture === undefined || architectures.includes(architecture)) return;
  throw new PullError(
    'corrupt',
    `${name} is a model of the architecture ${shownText(architecture)}; this engine runs ` +
      architectures.join(', '),
  );
}

/** undefined when it does not come first: then it is found when the file is there. */
function architectureOf(head: Buffer): string | undefined {
  const keyAt = 24; // magic, version, two counts
  const valueAt = keyAt + 8 + FIRST_KEY.length;
  if (head.length < valueAt + 12 || head.readBigUInt64LE(keyAt) !== BigInt(FIRST_KEY.length)) {
    return undefined;
  }
  if (head.toString('latin1', keyAt + 8, valueAt) !== FIRST_KEY) return undefined;
  if (head.readUInt32LE(valueAt) !== STRING_TYPE) return undefined;
  const length = Number(head.readBigUInt64LE(valueAt + 4));
  const end = valueAt + 12 + length;
  return end <= head.length ? head.toString('utf8', valueAt + 12, end) : undefined;
}

function quoted(head: Buffer): string {
  return JSON.stringify(shownText(head.toString('latin1', 0, 16)));
}
