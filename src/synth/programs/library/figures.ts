// Programs over series of numbers: percentiles, streaks, buckets, changes, forecasts.

import { many, near, source, type ProgramTemplate } from '../program.js';

export const percentiles: ProgramTemplate = {
  id: 'percentiles',
  make(random, { place }) {
    const outlier = random.int(2, 4);
    return {
      files: {
        'rank.js': source(`
export function sorted(values) {
  return [...values].sort((a, b) => a - b);
}

/** The smallest value that at least so many percent of the values do not exceed (nearest rank). */
export function percentile(ordered, percent) {
  const rank = Math.ceil((ordered.length * percent) / 100);
  return ordered[Math.max(rank, 1) - 1];
}

/** The middle one; of two middle ones the mean, rounded down. */
export function median(ordered) {
  const half = Math.floor(ordered.length / 2);
  if (ordered.length % 2 === 1) return ordered[half];
  return Math.floor((ordered[half - 1] + ordered[half]) / 2);
}
`),
        'outliers.js': source(`
import { percentile } from './rank.js';

/** Values farther than ${outlier} times the distance of the quartiles from the nearest of them are outliers. */
const FACTOR = ${outlier};

export function withoutOutliers(ordered) {
  const [low, high] = [percentile(ordered, 25), percentile(ordered, 75)];
  const reach = FACTOR * (high - low);
  return ordered.filter((value) => value >= low - reach && value <= high + reach);
}
`),
        'index.js': source(`
import { withoutOutliers } from './outliers.js';
import { median, percentile, sorted } from './rank.js';

/**
 * Figures of the measurements at a ${place}; null entries are gaps and do not count.
 * @returns null where nothing was measured
 */
export default function figures(values, percent) {
  const known = sorted(values.filter((value) => value !== null));
  if (known.length === 0) return null;
  const usual = withoutOutliers(known);
  return {
    median: median(usual),
    percentile: percentile(usual, percent),
    outliers: known.length - usual.length,
    range: usual[usual.length - 1] - usual[0],
  };
}
`),
      },
      args: (draw) => [
        many(draw, 0, 10, () =>
          draw.chance(10) ? null : draw.chance(15) ? draw.int(30, 60) : draw.int(1, 9),
        ),
        draw.pick([0, 10, 25, 50, 75, 90, 100]),
      ],
    };
  },
};

export const streaks: ProgramTemplate = {
  id: 'streaks',
  make(random, { person }) {
    const goal = random.int(5, 9);
    const freeze = random.int(1, 2);
    return {
      files: {
        'days.js': source(`
/** A day counts from this many units on. */
const GOAL = ${goal};

/** Units by day number; several entries of one day add up. */
export function unitsByDay(entries) {
  const units = new Map();
  for (const { day, amount } of entries) units.set(day, (units.get(day) ?? 0) + amount);
  return units;
}

export function isReached(units, day) {
  return (units.get(day) ?? 0) >= GOAL;
}
`),
        'index.js': source(`
import { isReached, unitsByDay } from './days.js';

/** Within a streak so many days in a row may be missed; they do not add to its length. */
const MISSES = ${freeze};

/**
 * The longest streak of a ${person} from day 1 to \`today\` (the first of equally long ones), the one that still
 * runs today (0 if none), and the number of days at which the goal was reached.
 */
export default function streaks(entries, today) {
  const units = unitsByDay(entries);
  let length = 0;
  let start = 0;
  let missed = 0;
  let reached = 0;
  let longest = { start: null, length: 0 };
  for (let day = 1; day <= today; day++) {
    if (!isReached(units, day)) {
      missed += 1;
      if (missed > MISSES) length = 0;
      continue;
    }
    if (length === 0) start = day;
    length += 1;
    reached += 1;
    missed = 0;
    if (length > longest.length) longest = { start, length };
  }
  return { longest, current: length, reached };
}
`),
      },
      args: (draw) => {
        const today = draw.int(5, 12);
        return [
          many(draw, 2, 12, () => ({
            day: draw.int(0, today + 1),
            amount: near(draw, [goal, goal, goal - 2, 2]),
          })),
          today,
        ];
      },
    };
  },
};

export const buckets: ProgramTemplate = {
  id: 'buckets',
  make(random, { thing }) {
    const edges = [random.int(3, 6), random.int(9, 13), random.int(18, 24)];
    return {
      files: {
        'edges.js': source(`
/** Upper edges of the buckets; a value at an edge belongs to the bucket below. Beyond them is the last. */
const EDGES = [${edges.join(', ')}];

export function bucketOf(value) {
  const at = EDGES.findIndex((edge) => value <= edge);
  return at < 0 ? EDGES.length : at;
}

export function nameOf(bucket) {
  if (bucket === 0) return '0-' + EDGES[0];
  const from = EDGES[bucket - 1] + 1;
  return bucket === EDGES.length ? from + '+' : from + '-' + EDGES[bucket];
}

export const COUNT = EDGES.length + 1;
`),
        'bars.js': source(`
/** A bar of # signs: the largest count has \`width\`, the others their share rounded up, none for 0. */
export function bar(count, most, width) {
  if (count === 0) return '';
  return '#'.repeat(Math.ceil((count * width) / most));
}
`),
        'index.js': source(`
import { bar } from './bars.js';
import { bucketOf, COUNT, nameOf } from './edges.js';

/**
 * A chart of how many ${thing} values fall into each bucket, with how many are at or below its upper edge in
 * whole percent (rounded down). Negative values are left out. Nothing to count gives an empty chart.
 */
export default function chart(values, width) {
  const counts = Array(COUNT).fill(0);
  let total = 0;
  for (const value of values) {
    if (value < 0) continue;
    counts[bucketOf(value)] += 1;
    total += 1;
  }
  if (total === 0) return [];
  const most = Math.max(...counts);
  let sum = 0;
  return counts.map((count, i) => {
    sum += count;
    return { name: nameOf(i), count, bar: bar(count, most, width), upTo: Math.floor((sum * 100) / total) };
  });
}
`),
      },
      args: (draw) => [
        many(draw, 0, 9, () => (draw.chance(8) ? -1 : near(draw, [0, ...edges]))),
        draw.int(3, 9),
      ],
    };
  },
};

export const meter: ProgramTemplate = {
  id: 'meter',
  make(random, { place }) {
    const digits = random.int(3, 4);
    const span = 10 ** digits;
    const most = random.int(3, 6) * 50;
    return {
      files: {
        'counter.js': source(`
/** The counter has ${digits} digits: after ${span - 1} it goes on with 0. */
const SPAN = ${span};

/** Units between two readings. */
export function unitsBetween(before, after) {
  const units = after - before;
  return units < 0 ? units + SPAN : units;
}
`),
        'check.js': source(`
/** More units than this in one day cannot be. */
const MOST_PER_DAY = ${most};

export function isPlausible(units, days) {
  return days > 0 && units <= days * MOST_PER_DAY;
}
`),
        'index.js': source(`
import { isPlausible } from './check.js';
import { unitsBetween } from './counter.js';

/**
 * What was used at a ${place} according to readings { day, value } in order. A reading that cannot be right after
 * the last good one (the same day or before, or too much) is left out and its number (from 1) listed.
 * @returns total units, the highest use per day between two good readings (rounded down), and wrong readings
 */
export default function usage(readings) {
  let last = null;
  let total = 0;
  let peak = 0;
  const wrong = [];
  readings.forEach((reading, i) => {
    if (last === null) {
      last = reading;
      return;
    }
    const days = reading.day - last.day;
    const units = unitsBetween(last.value, reading.value);
    if (!isPlausible(units, days)) {
      wrong.push(i + 1);
      return;
    }
    total += units;
    peak = Math.max(peak, Math.floor(units / days));
    last = reading;
  });
  return { total, peak, wrong };
}
`),
      },
      args: (draw) => {
        let [day, value] = [draw.int(1, 3), draw.int(span - 300, span - 1)];
        return [
          many(draw, 0, 6, () => {
            const passed = draw.pick([0, 1, 1, 2, 3]);
            day += passed;
            value = (value + draw.pick([0, 10, most * passed, most * passed + 1, 90, 40])) % span;
            return { day, value: draw.chance(90) ? value : draw.int(0, span - 1) };
          }),
        ];
      },
    };
  },
};

export const movingMean: ProgramTemplate = {
  id: 'trend',
  make(random, { thing }) {
    const window = random.int(3, 4);
    const percent = random.int(2, 5) * 10;
    return {
      files: {
        'window.js': source(`
/** So many values are averaged: the present one and those before it. */
export const WINDOW = ${window};

/** Mean of the window that ends at a place, rounded down; null while there are not enough values. */
export function meanAt(values, end) {
  if (end + 1 < WINDOW) return null;
  let sum = 0;
  for (let i = end - WINDOW + 1; i <= end; i++) sum += values[i];
  return Math.floor(sum / WINDOW);
}
`),
        'alarm.js': source(`
/** An alarm is given where a value is more than ${percent} percent away from the mean before it. */
const PERCENT = ${percent};

export function isAlarm(value, mean) {
  return Math.abs(value - mean) * 100 > mean * PERCENT;
}
`),
        'index.js': source(`
import { isAlarm } from './alarm.js';
import { meanAt } from './window.js';

/**
 * Watches daily counts of a ${thing}: the mean of the last days at each place (null at first), the places (from 0)
 * with an alarm, and whether the means rise: the last one is higher than the first known one.
 */
export default function watch(values) {
  const means = values.map((value, i) => meanAt(values, i));
  const alarms = [];
  for (let i = 1; i < values.length; i++) {
    const mean = means[i - 1];
    if (mean !== null && isAlarm(values[i], mean)) alarms.push(i);
  }
  const known = means.filter((mean) => mean !== null);
  const rises = known.length > 1 && known[known.length - 1] > known[0];
  return { means, alarms, rises };
}
`),
      },
      args: (draw) => {
        const level = draw.int(10, 20);
        return [
          many(draw, 0, 9, () =>
            draw.pick([
              level,
              level + 1,
              level - 1,
              level + Math.floor((level * percent) / 100),
              level + Math.ceil((level * percent) / 100) + 1,
              level * 2,
            ]),
          ),
        ];
      },
    };
  },
};
