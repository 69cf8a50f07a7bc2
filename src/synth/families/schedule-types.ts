// Scheduling requests: people for jobs under limits, or the first free time for each of several bookings.

/** Each job gets one of the pool, such that everything holds; any such arrangement is right. */
export interface MatchingIr {
  readonly kind: 'matching';
  /** Table of the jobs. */
  readonly table: string;
  readonly jobs: readonly string[];
  readonly pool: readonly string[];
  readonly blackouts: readonly { readonly worker: string; readonly date: string }[];
  /** Jobs of this request for one person at most. */
  readonly most: number;
}

export interface SlotRequest {
  /** The first that is free at the earliest possible time. */
  readonly resources: readonly string[];
  readonly owner: string;
  /** Days, or hours where times have hours. */
  readonly length: number;
  readonly from: string;
  readonly to: string;
}

/** Bookings made one after the other, each at its earliest. */
export interface SlotsIr {
  readonly kind: 'slots';
  /** Table of the bookings. */
  readonly table: string;
  readonly requests: readonly SlotRequest[];
}

export type ScheduleIr = MatchingIr | SlotsIr;
