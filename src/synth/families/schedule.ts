// F6, scheduling: jobs are given to people under skills, limits, overlaps and days off, or bookings are
// made at the earliest time that is free. The end state is checked constraint by constraint where several
// are right. Source: agents reference §6.4 F6.

import type { JsonObject } from '../world-types.js';
import type { TaskFamily } from './family.js';
import { tried } from './operate/finish.js';
import { Simulation } from './operate/simulation.js';
import { nearMatchings } from './schedule-near.js';
import { matchings, proposeMatching, staffed } from './schedule-matching.js';
import { bookable } from './schedule-slots-draw.js';
import { proposeSlots, takeSlots } from './schedule-slots.js';
import { readSchedule } from './schedule-text.js';
import type { ScheduleIr } from './schedule-types.js';

export const schedule: TaskFamily = {
  id: 'schedule',
  applies: (env) => staffed(env).length > 0 || bookable(env).length > 0,
  propose(loaded, random, language, level) {
    const kinds = [
      ...(staffed(loaded.env).length > 0 ? [proposeMatching] : []),
      ...(bookable(loaded.env).length > 0 ? [proposeSlots] : []),
    ];
    return tried(() => random.pick(kinds)(loaded, random, language, level));
  },
  parse: (text, env, language) => readSchedule(text, env, language) as unknown as JsonObject | null,
  solve(loaded, patch, ir) {
    const request = ir as unknown as ScheduleIr;
    return request.kind === 'matching'
      ? matchings(loaded, patch, request)
      : [takeSlots(loaded, patch, request)];
  },
  near(loaded, patch, ir) {
    const request = ir as unknown as ScheduleIr;
    if (request.kind !== 'matching') return undefined;
    const staff = staffed(loaded.env).find(({ jobTable }) => jobTable === request.table);
    return staff && nearMatchings(new Simulation(loaded, patch), staff, request);
  },
};
