// All domain modules, in the order in which they are built: a module may only refer to those before it.

import type { DomainModule } from '../module-types.js';
import { approvals } from './modules/approvals.js';
import { assembly } from './modules/assembly.js';
import { assignments } from './modules/assignments.js';
import { bookings } from './modules/bookings.js';
import { calendar } from './modules/calendar.js';
import { catalogue } from './modules/catalogue.js';
import { contracts } from './modules/contracts.js';
import { devices } from './modules/devices.js';
import { documents } from './modules/documents.js';
import { inventory } from './modules/inventory.js';
import { ledger } from './modules/ledger.js';
import { lending } from './modules/lending.js';
import { measurements } from './modules/measurements.js';
import { orders } from './modules/orders.js';
import { people } from './modules/people.js';
import { permissions } from './modules/permissions.js';
import { pricing } from './modules/pricing.js';
import { routes } from './modules/routes.js';
import { subscriptions } from './modules/subscriptions.js';
import { tickets } from './modules/tickets.js';
import { workspace } from './modules/workspace.js';

const MODULES: readonly DomainModule[] = [
  people,
  routes,
  catalogue,
  assembly,
  assignments,
  inventory,
  devices,
  measurements,
  lending,
  bookings,
  ledger,
  pricing,
  documents,
  contracts,
  calendar,
  tickets,
  permissions,
  subscriptions,
  approvals,
  orders,
  workspace,
];

export function listModules(): readonly DomainModule[] {
  return MODULES;
}
