// The families a corpus is built from, in one visible table. Their order is the order in which an
// environment's tasks are made, so a new family goes to the end.

import { aggregate } from '../families/aggregate.js';
import { batch } from '../families/batch.js';
import { clauses } from '../families/clauses.js';
import { conditional } from '../families/conditional.js';
import { diagnosis } from '../families/diagnosis.js';
import type { TaskFamily } from '../families/family.js';
import { infeasible } from '../families/infeasible.js';
import { optimum } from '../families/optimum.js';
import { plan } from '../families/plan.js';
import { policyEdit } from '../families/policy-edit.js';
import { repair } from '../families/repair.js';
import { search } from '../families/search.js';
import { selection } from '../families/selection.js';

export const families: readonly TaskFamily[] = [
  selection,
  optimum,
  policyEdit,
  aggregate,
  repair,
  plan,
  diagnosis,
  conditional,
  batch,
  infeasible,
  clauses,
  search,
];
