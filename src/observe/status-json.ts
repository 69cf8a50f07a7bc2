// The status report for machines: snake_case, ISO dates, durations in seconds.

import type { ComponentStatus, StatusReport } from './types.js';

export interface StatusJson {
  status: ComponentStatus;
  started_at: string;
  sampled_at: string;
  uptime_seconds: number;
  components: { name: string; status: ComponentStatus; detail: string | null }[];
  incidents: {
    component: string;
    status: ComponentStatus;
    detail: string;
    from: string;
    /** null while it lasts. */
    until: string | null;
    duration_seconds: number;
  }[];
}

/** JSON text of a `StatusJson`. */
export function statusJson({ status, since, at, components, incidents }: StatusReport): string {
  const body: StatusJson = {
    status,
    started_at: isoDate(since),
    sampled_at: isoDate(at),
    uptime_seconds: seconds(at - since),
    components: components.map((each) => ({
      name: each.name,
      status: each.status,
      detail: each.detail ?? null,
    })),
    incidents: incidents.map(({ component, status: worst, detail, from, until }) => ({
      component,
      status: worst,
      detail,
      from: isoDate(from),
      until: until === undefined ? null : isoDate(until),
      duration_seconds: seconds((until ?? at) - from),
    })),
  };
  return JSON.stringify(body);
}

function isoDate(ms: number): string {
  return new Date(ms).toISOString();
}

function seconds(ms: number): number {
  return Math.max(0, Math.round(ms / 1000));
}
