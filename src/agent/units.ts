// Unit conversion over a small table of factors to one base unit per dimension.

import { tidy } from './calculator.js';

type Unit = { dimension: string; factor: number; offset?: number };

/** dimension -> names separated by '|' -> factor to the base unit. Inch, foot, mile, pound, ounce
 *  and gallon are the exact international (US for the gallon) definitions. */
const TABLE: Record<string, Record<string, number>> = {
  length: {
    'mm|millimeter|millimeters|millimetre|millimetres': 0.001,
    'cm|centimeter|centimeters|centimetre|centimetres': 0.01,
    'm|meter|meters|metre|metres': 1,
    'km|kilometer|kilometers|kilometre|kilometres': 1000,
    'in|inch|inches': 0.0254,
    'ft|foot|feet': 0.3048,
    'yd|yard|yards': 0.9144,
    'mi|mile|miles': 1609.344,
  },
  mass: {
    'mg|milligram|milligrams': 0.001,
    'g|gram|grams': 1,
    'kg|kilogram|kilograms': 1000,
    't|tonne|tonnes': 1_000_000,
    'oz|ounce|ounces': 28.349523125,
    'lb|lbs|pound|pounds': 453.59237,
  },
  time: {
    'ms|millisecond|milliseconds': 0.001,
    's|sec|second|seconds': 1,
    'min|minute|minutes': 60,
    'h|hour|hours': 3600,
    'd|day|days': 86400,
    'week|weeks': 604800,
  },
  volume: {
    'ml|milliliter|milliliters|millilitre|millilitres': 0.001,
    'l|liter|liters|litre|litres': 1,
    'gal|gallon|gallons': 3.785411784,
    'cup|cups': 0.2365882365,
  },
  speed: { 'm/s': 1, 'km/h|kmh|kph': 1 / 3.6, 'mph|mi/h': 0.44704 },
  data: {
    'b|byte|bytes': 1,
    'kb|kilobyte|kilobytes': 1000,
    'mb|megabyte|megabytes': 1e6,
    'gb|gigabyte|gigabytes': 1e9,
    'tb|terabyte|terabytes': 1e12,
  },
};

const UNITS = new Map<string, Unit>([
  ['k', { dimension: 'temperature', factor: 1 }],
  ['kelvin', { dimension: 'temperature', factor: 1 }],
]);
for (const [dimension, units] of Object.entries(TABLE)) {
  for (const [names, factor] of Object.entries(units)) {
    for (const name of names.split('|')) UNITS.set(name, { dimension, factor });
  }
}
for (const name of ['c', '°c', 'celsius']) {
  UNITS.set(name, { dimension: 'temperature', factor: 1, offset: 273.15 });
}
for (const name of ['f', '°f', 'fahrenheit']) {
  UNITS.set(name, { dimension: 'temperature', factor: 5 / 9, offset: 459.67 * (5 / 9) });
}

function lookUp(name: string): Unit {
  const unit = UNITS.get(name.trim().toLowerCase());
  if (!unit) throw new Error(`unknown unit '${name}'`);
  return unit;
}

/** Converts `value`. Throws Error for an unknown unit or for units of different dimensions. */
export function convertUnits(value: number, from: string, to: string): number {
  const source = lookUp(from);
  const target = lookUp(to);
  if (source.dimension !== target.dimension) {
    throw new Error(`cannot convert ${source.dimension} '${from}' to ${target.dimension} '${to}'`);
  }
  const base = value * source.factor + (source.offset ?? 0);
  return tidy(Number(((base - (target.offset ?? 0)) / target.factor).toPrecision(10)));
}
