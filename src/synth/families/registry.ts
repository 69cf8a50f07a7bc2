// Every family of tasks. A new one is a file and a line here.

import type { Family } from '../task-types.js';
import { aggregate } from './aggregate.js';
import { batch } from './batch.js';
import { clauses } from './clauses.js';
import { code } from './code.js';
import { conditional } from './conditional.js';
import { diagnosis } from './diagnosis.js';
import type { TaskFamily } from './family.js';
import { infeasible } from './infeasible.js';
import { optimum } from './optimum.js';
import { plan } from './plan.js';
import { policyEdit } from './policy-edit.js';
import { repair } from './repair.js';
import { schedule } from './schedule.js';
import { search } from './search.js';
import { selection } from './selection.js';

/** In a fixed order. */
export const FAMILY_LIST: readonly TaskFamily[] = [
  selection,
  optimum,
  policyEdit,
  aggregate,
  repair,
  schedule,
  plan,
  diagnosis,
  conditional,
  batch,
  infeasible,
  clauses,
  code,
  search,
];

/** @throws RangeError for a family that is not there */
export function familyOf(id: Family): TaskFamily {
  const family = FAMILY_LIST.find((one) => one.id === id);
  if (!family) throw new RangeError(`there is no family ${id}`);
  return family;
}
