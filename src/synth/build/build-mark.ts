// Which build a folder belongs to, written in the folder: workers on any machine that shares it find the
// queue of this build and of no other. It is there from the first job to the end of the build.

import { randomUUID } from 'node:crypto';
import { GENERATOR } from '../world/compose.js';
import { DRAFTS, readStored, store } from './folder.js';

const MARK = `${DRAFTS}/queue.json`;

/** Which build a folder belongs to, and what may work for it. */
export interface Mark {
  readonly id: string;
  readonly generator: string;
}

export const generatorHere = (): string => `${GENERATOR.name} ${GENERATOR.version}`;

/** undefined = nothing is to be done here: not yet, or no more. */
export const readMark = (folder: string): Mark | undefined => readStored<Mark>(folder, MARK);

/** The mark that is there, so that a build that goes on finds its queue; else a new one. */
export function markBuild(folder: string): Mark {
  const found = readMark(folder);
  if (found) return found;
  const mark = { id: randomUUID(), generator: generatorHere() };
  store(folder, MARK, mark);
  return mark;
}
