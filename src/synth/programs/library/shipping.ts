// Price and arrival of a parcel.

import { near, source, type ProgramTemplate } from '../program.js';

export const shipping: ProgramTemplate = {
  id: 'shipping',
  make(random, { thing, place }) {
    const base = random.int(3, 6);
    const heavy = random.int(10, 15);
    const cutoff = random.int(12, 15);
    return {
      files: {
        'zones.js': source(`
/** Days and price per started kilogram by zone; any other zone is not delivered to. */
const ZONES = {
  near: { days: 1, perKilo: ${base} },
  far: { days: 3, perKilo: ${base + 2} },
  abroad: { days: 6, perKilo: ${base + 5} },
};

export function zoneOf(name) {
  return Object.hasOwn(ZONES, name) ? ZONES[name] : null;
}
`),
        'weight.js': source(`
/** Grams that are paid for: what it weighs, or 1 gram per 5 cubic centimetres where that is more. */
export function paidWeight(parcel) {
  const bulk = Math.ceil((parcel.length * parcel.width * parcel.height) / 5);
  return Math.max(parcel.grams, bulk);
}

/** Started kilograms. */
export function kilos(grams) {
  return Math.max(1, Math.ceil(grams / 1000));
}
`),
        'index.js': source(`
import { kilos, paidWeight } from './weight.js';
import { zoneOf } from './zones.js';

/** From this many kilograms on a surcharge of half the price is due, rounded up; never with express. */
const HEAVY = ${heavy};
/** What is handed in at or after this hour leaves a day later. */
const CUTOFF = ${cutoff};

/**
 * Price and day of arrival of a ${thing} parcel from the ${place}. Express costs double and arrives in half of the
 * days, rounded up. @returns null for a zone that is not delivered to
 */
export default function quote(parcel, zoneName, day, hour, express) {
  const zone = zoneOf(zoneName);
  if (zone === null) return null;
  const weight = kilos(paidWeight(parcel));
  let price = weight * zone.perKilo;
  let days = zone.days;
  if (express) {
    price *= 2;
    days = Math.ceil(days / 2);
  } else if (weight >= HEAVY) price += Math.ceil(price / 2);
  const leaves = hour >= CUTOFF ? day + 1 : day;
  return { price, arrives: leaves + days };
}
`),
      },
      args: (draw) => [
        {
          grams: draw.pick([200, 1000, 1001, heavy * 1000, heavy * 1000 - 1000, 4500, 0]),
          length: draw.int(5, 40),
          width: draw.int(5, 30),
          height: draw.pick([1, 5, 10, 25]),
        },
        draw.pick(['near', 'far', 'abroad', 'abroad', 'far', 'moon']),
        draw.int(1, 9),
        near(draw, [cutoff, cutoff, 9]) % 24,
        draw.chance(35),
      ],
    };
  },
};
