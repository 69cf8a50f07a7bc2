// What the status page remembers: the components as they are, and the incidents of the past. An
// incident opens when a component leaves `operational` and closes when it is back (or gone). Time
// comes in as an argument; nothing here asks anybody.

import { redact } from './redact.js';
import type { ComponentReport, ComponentStatus, Incident, StatusReport } from './types.js';

const MAX_INCIDENTS = 50;
const MAX_DETAIL = 300;
const SEVERITY: Readonly<Record<ComponentStatus, number>> = {
  operational: 0,
  degraded: 1,
  down: 2,
};

export class StatusHistory {
  readonly #since: number;
  /** By component; a component has one incident at a time, with the worst status it has seen. */
  readonly #open = new Map<string, Incident>();
  /** Newest first. */
  #closed: Incident[] = [];

  /** @param since when the server started, milliseconds since 1970 */
  constructor(since: number) {
    this.#since = since;
  }

  sample(components: readonly ComponentReport[], now: number): StatusReport {
    const clean = components.map(withoutSecrets);
    const failing = clean.filter(({ status }) => status !== 'operational');
    const failingNames = new Set(failing.map(({ name }) => name));
    for (const [name, incident] of this.#open) {
      if (!failingNames.has(name)) this.#close(name, incident, now);
    }
    for (const component of failing) this.#note(component, now);
    return {
      status: worst(clean),
      since: this.#since,
      at: now,
      components: clean,
      incidents: this.#incidents(),
    };
  }

  #note({ name, status, detail }: ComponentReport, now: number): void {
    if (status === 'operational') return;
    const open = this.#open.get(name);
    if (!open) {
      this.#open.set(name, {
        component: name,
        status,
        detail: detail ?? '',
        from: now,
        until: undefined,
      });
    } else if (SEVERITY[status] >= SEVERITY[open.status]) {
      open.status = status;
      open.detail = detail ?? open.detail;
    }
  }

  #close(name: string, incident: Incident, now: number): void {
    this.#open.delete(name);
    this.#closed.unshift({ ...incident, until: now });
    this.#closed = this.#closed.slice(0, MAX_INCIDENTS);
  }

  /** Those that last are never the ones that are left out. */
  #incidents(): Incident[] {
    const open = [...this.#open.values()].slice(0, MAX_INCIDENTS);
    const closed = this.#closed.slice(0, MAX_INCIDENTS - open.length);
    return [...open, ...closed]
      .map((incident) => ({ ...incident }))
      .toSorted((a, b) => b.from - a.from);
  }
}

/** Details come from error messages and the page is public. */
function withoutSecrets({ name, status, detail }: ComponentReport): ComponentReport {
  const text = detail === undefined ? '' : redact(detail).slice(0, MAX_DETAIL);
  return { name: redact(name), status, ...(text !== '' && { detail: text }) };
}

function worst(components: readonly ComponentReport[]): ComponentStatus {
  return components.reduce<ComponentStatus>(
    (status, each) => (SEVERITY[each.status] > SEVERITY[status] ? each.status : status),
    'operational',
  );
}
